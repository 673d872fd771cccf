"""Formant synthesis: eSpeak NG 1.52 and its voice variants, loaded through espeakng-loader."""

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from speech.training.audio import STUDIO_RATE, Samples, resample
from speech.training.readings import spoken, syllables

VARIANTS = (
    "", "m1", "m2", "m3", "m4", "m5", "m6", "f1", "f2", "f3", "f4", "klatt", "klatt2", "klatt3", "croak", "grandpa",
    "grandma", "aunty", "belinda", "linda", "adam", "david", "john", "paul", "victor", "boris", "benjamin",
    "steph", "anika", "Alicia", "Andy", "Mario", "Michael", "Gene", "rob", "ian", "max", "caleb",
)  # fmt: skip
HELD_OUT = ("m7", "m8", "f5", "klatt4", "edward", "steph2")
"""Variants that are never trained on: the voices of synthetic test callers."""
_IONG = re.compile(r"([jqx])iong([1-5])")
_IONG_CONSONANTS = {"j": "tS;", "q": "tS;h", "x": "S;"}
_IONG_TONES = {"1": "55", "2": "35", "3": "214", "4": "51", "5": "11"}
_SYNCHRONOUS, _UTF8, _PHONEMES = 2, 1, 0x100
_RATE, _PITCH, _RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakError(Exception):
    """eSpeak NG cannot be loaded or has no such voice."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is said: words a minute, pitch and its range (0 to 100 each)."""

    variant: str = ""
    rate: int = 150
    pitch: int = 50
    pitch_range: int = 50


def draw(rng: np.random.Generator, variants: tuple[str, ...] = VARIANTS) -> Manner:
    """A variant in one of many manners, slow ones included."""
    return Manner(
        variants[int(rng.integers(len(variants)))],
        int(rng.integers(95, 190)),
        int(rng.integers(15, 80)),
        int(rng.integers(20, 80)),
    )


def pronounceable(text: str) -> str:
    """`text` with 胸, 穷 and all that sounds like them in phonemes: eSpeak NG 1.52 has no sound for these syllables and
    spells them in English."""
    said = spoken(text)
    return "".join(map(_phonemes, said, syllables(said)))


def _phonemes(character: str, syllable: str) -> str:
    found = _IONG.fullmatch(syllable)
    return f"[[{_IONG_CONSONANTS[found[1]]}jong{_IONG_TONES[found[2]]}]]" if found else character


@lru_cache(maxsize=1)
def synthesiser() -> "Espeak":
    """This process's synthesiser: the library keeps one state, and starting it twice breaks it.

    Raises:
        EspeakError: it does not start.
    """
    return Espeak()


class Espeak:
    """The synthesiser; get it from `synthesiser`."""

    def __init__(self) -> None:
        import espeakng_loader  # noqa: PLC0415 - brings a library of 10 MB along

        self._variants = Path(espeakng_loader.get_data_path(), "voices", "!v")
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if self._rate <= 0:
            raise EspeakError("eSpeak NG does not start")
        self._parts: list[bytes] = []
        self._callback = self._receiver()
        self._library.espeak_SetSynthCallback(self._callback)

    def _receiver(self) -> Callable[..., int]:
        def receive(samples: Any, count: int, _events: int) -> int:
            if count > 0:
                self._parts.append(ctypes.string_at(samples, count * 2))
            return 0

        return _CALLBACK(receive)

    def say(self, text: str, manner: Manner) -> Samples:
        """`text` in Mandarin at 16 kHz.

        Raises:
            EspeakError: there is no such variant.
        """
        voice = f"cmn+{manner.variant}" if manner.variant else "cmn"
        known = not manner.variant or (self._variants / manner.variant).exists()
        if not known or self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EspeakError(f"eSpeak NG has no voice {voice}")
        for parameter, value in ((_RATE, manner.rate), (_PITCH, manner.pitch), (_RANGE, manner.pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._parts.clear()
        encoded = pronounceable(text).encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8 | _PHONEMES, None, None)
        self._library.espeak_Synchronize()
        return resample(np.frombuffer(b"".join(self._parts), np.int16), self._rate, STUDIO_RATE)
