"""A process that speaks: eSpeak NG's library behind a pipe, so that a fault in it cannot end the line.

Run as `python -I -S espeak_worker.py LIBRARY DATA`; needs nothing but the standard library. Reads a JSON object a line,
{"text", "rate" (words a minute)}, and answers a JSON line {"rate" (Hz), "bytes"} followed by that many bytes of 16-bit
PCM. Ends when its input does.
"""

import ctypes
import json
import sys
from typing import IO

SYNCHRONOUS = 2
CHARACTERS = 1
UTF8, PHONEMES = 0x01, 0x100
RATE, VOLUME = 1, 2
VOICE = b"cmn"
VOLUME_PERCENT = 70
"""At 100 the loudest vowels are clipped inside the library."""

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Library:
    def __init__(self, library: str, data: str) -> None:
        self._library = ctypes.CDLL(library)
        self.rate = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), 0))
        if self.rate <= 0 or self._library.espeak_SetVoiceByName(VOICE):
            raise SystemExit(f"eSpeak NG has no voice {VOICE.decode()} in {data}")
        self._library.espeak_SetParameter(VOLUME, VOLUME_PERCENT, 0)
        self._samples: list[bytes] = []
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._samples.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, rate: int) -> bytes:
        """16-bit PCM at `self.rate`."""
        self._samples.clear()
        self._library.espeak_SetParameter(RATE, rate, 0)
        written = text.encode("utf-8", "ignore")
        self._library.espeak_Synth(written, len(written) + 1, 0, CHARACTERS, 0, UTF8 | PHONEMES, None, None)
        return b"".join(self._samples)


def serve(library: Library, requests: IO[bytes], answers: IO[bytes]) -> None:
    for line in requests:
        wanted = json.loads(line)
        samples = library.say(wanted["text"], wanted["rate"])
        answers.write(json.dumps({"rate": library.rate, "bytes": len(samples)}).encode() + b"\n" + samples)
        answers.flush()


if __name__ == "__main__":
    serve(Library(sys.argv[1], sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer)
