"""Stand-ins that remember what they were asked."""

from datetime import datetime
from typing import Any

from ivr.dialog.model import Event, Listen, Turn
from ivr.listening import Caught
from ivr.telephony import Hearing
from ivr.telephony.provider import ProviderRetryable


class ScriptedCalls:
    """CallService in name: every call has come to the same turn."""

    def __init__(self, turn: Turn) -> None:
        self.current: Turn | None = turn
        self.asked: list[tuple[Any, ...]] = []
        self.broken: set[str] = set()
        self.outbound: list[int | None] = []
        """The row of the placed call that each start and each status named."""
        self.believes_in_machines = True

    def start(
        self,
        sid: str,
        direction: str,
        from_number: str | None,
        to_number: str | None,
        now: datetime,
        *,
        outbound_id: int | None = None,
    ) -> Turn:
        self.outbound.append(outbound_id)
        return self._note("start", sid, direction, from_number, to_number)

    def answer(self, sid: str, number: int, event: Event, now: datetime, **known: Any) -> Turn:
        return self._note("answer", sid, number, event, known.get("recording_url"))

    def machine_answered(self, sid: str, now: datetime) -> bool:
        self._note("machine_answered", sid)
        return self.believes_in_machines

    def status(
        self, sid: str, status: str, duration_s: int | None, now: datetime, *, outbound_id: int | None = None
    ) -> None:
        self.outbound.append(outbound_id)
        self._note("status", sid, status, duration_s)

    def recording(self, sid: str, recording_sid: str, url: str, now: datetime) -> None:
        self._note("recording", sid, recording_sid, url)

    def turn(self, sid: str) -> Turn | None:
        return self.current

    def listening(self, sid: str, number: int) -> Listen | None:
        then = self.current.then if self.current and self.current.number == number else None
        return then if isinstance(then, Listen) and then.speech else None

    @property
    def events(self) -> list[Event]:
        return [asked[3] for asked in self.asked if asked[0] == "answer"]

    def _note(self, name: str, *values: Any) -> Turn:
        if name in self.broken:
            raise RuntimeError("somebody said 13812345678")
        self.asked.append((name, *values))
        assert self.current
        return self.current


class ScriptedStudio:
    def __init__(self) -> None:
        self.rendered: list[tuple[str, bool]] = []

    def recorded(self, name: str, slow: bool = False) -> bytes:
        self.rendered.append((name, slow))
        if name not in {"menu.urgent", "silence.half"}:
            raise KeyError(name)
        return f"RIFF {name} {slow}".encode()

    def spoken(self, text: str, slow: bool = False) -> bytes:
        return f"RIFF {text} {slow}".encode()


NOTHING = Caught()


class ScriptedEars:
    """A recogniser that makes out `caught` in whatever it hears; what is an exception is raised."""

    def __init__(self, caught: Caught | Exception = NOTHING) -> None:
        self.caught = caught
        self.heard: list[tuple[bytes, str]] = []

    def answer(self, audio: bytes, listen: Listen) -> Caught:
        self.heard.append((audio, listen.question))
        if isinstance(self.caught, Exception):
            raise self.caught
        return self.caught


class ScriptedMedia:
    """A provider's recordings: so many refusals, then the audio."""

    def __init__(self, refusals: int = 0, error: type[Exception] = ProviderRetryable) -> None:
        self.refusals = refusals
        self.error = error
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if len(self.asked) <= self.refusals:
            raise self.error("404")
        return b"audio"


def deaf() -> Hearing:
    """Nothing is understood."""
    return Hearing(ScriptedMedia().fetch, ScriptedEars(), threads=1)


class ScriptedEnder:
    """The provider, asked to end calls."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.ended: list[str] = []
        self._refusal = refusal

    def __call__(self, sid: str) -> None:
        self.ended.append(sid)
        if self._refusal:
            raise self._refusal
