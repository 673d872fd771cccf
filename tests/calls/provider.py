"""A stand-in for the telephone provider, and a recording as it hands them out."""

from ivr.telephony.provider import CallStatus

SAMPLES = b"\xff" * 4000
MU_LAW = (7).to_bytes(2, "little") + (1).to_bytes(2, "little") + (8000).to_bytes(4, "little") * 2 + b"\x01\x00\x08\x00"


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content


WAV = b"RIFF" + (0).to_bytes(4, "little") + b"WAVE" + chunk(b"fmt ", MU_LAW) + chunk(b"data", SAMPLES)


class StubProvider:
    """Answers as it is told to; what is an exception is raised."""

    def __init__(self) -> None:
        self.audio: bytes | Exception = WAV
        self.status: CallStatus | Exception | None = CallStatus("completed", 42)
        self.asked: list[str] = []
        self.sms: list[tuple[str, str]] = []
        """What has gone out: the number and the text."""
        self.refusals: list[Exception] = []
        """One for each of the next messages."""

    def fetch_recording(self, url: str) -> bytes:
        self.asked.append(url)
        if isinstance(self.audio, Exception):
            raise self.audio
        return self.audio

    def call_status(self, sid: str) -> CallStatus | None:
        self.asked.append(sid)
        if isinstance(self.status, Exception):
            raise self.status
        return self.status

    def send_sms(self, to: str, body: str) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        self.sms.append((to, body))
        return f"SM{len(self.sms)}"
