"""Slower speech for the same voice: longer pauses, and words drawn out only a little.

Pauses help old listeners more than stretched words do, which sound wrong when they are overdone (CARE "Speaking and
listening"). The words are stretched by overlap and add at the most similar place (WSOLA, Verhelst and Roelands 1993).
"""

from itertools import pairwise
from typing import Final

import numpy as np

from prompts.audio.shape import FRAME, faded, speaking
from prompts.audio.wav import RATE, Samples

VERSION: Final = "wsola/1"
WORDS: Final = 1.1
PAUSES: Final = 1.75
PAUSE_FRAMES: Final = 15
"""150 ms without speech is a pause; less is the closure of a consonant."""

_WINDOW: Final = RATE * 30 // 1000
_HOP: Final = _WINDOW // 2
_SEARCH: Final = RATE * 8 // 1000


def slower(samples: Samples) -> Samples:
    """A clip (8 kHz) at about four fifths of its pace."""
    pieces = [
        np.zeros(round(len(piece) * PAUSES), np.float32) if silent else faded(stretched(piece, WORDS))
        for piece, silent in _pieces(samples)
    ]
    return np.concatenate(pieces) if pieces else samples


def _pieces(samples: Samples) -> list[tuple[Samples, bool]]:
    """The clip cut where pauses begin and end: (samples, is a pause)."""
    active = speaking(samples)
    edges = [0, *(np.flatnonzero(np.diff(active)) + 1).tolist(), len(active)]
    runs = [(start, end, not active[start]) for start, end in pairwise(edges) if end > start]
    merged: list[tuple[int, int, bool]] = []
    for start, end, quiet in runs:
        silent = quiet and end - start >= PAUSE_FRAMES
        if merged and merged[-1][2] == silent:
            merged[-1] = (merged[-1][0], end, silent)
        else:
            merged.append((start, end, silent))
    return [
        (samples[start * FRAME : len(samples) if end == len(active) else end * FRAME], silent)
        for start, end, silent in merged
    ]


def stretched(samples: Samples, factor: float) -> Samples:
    """The same words at the same pitch, `factor` times as long."""
    if len(samples) < 2 * _WINDOW + 2 * _SEARCH:
        return samples
    padded = np.pad(samples, (_SEARCH, _WINDOW + _SEARCH + _HOP))
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    length = round(len(samples) * factor)
    result = np.zeros(length + 2 * _WINDOW, np.float32)
    source = 0
    for written in range(0, length, _HOP):
        wanted = min(round(written / factor), len(samples))
        source = wanted if written == 0 else wanted + _best_shift(padded, source + _HOP, wanted)
        result[written : written + _WINDOW] += padded[_SEARCH + source :][:_WINDOW] * window
    result[:_HOP] += samples[:_HOP] * (1 - window[:_HOP])
    return result[:length]


def _best_shift(padded: Samples, following: int, wanted: int) -> int:
    """How far from `wanted` the sound is most like what would naturally follow the piece just written."""
    following = min(following, len(padded) - _WINDOW - _SEARCH)
    natural = padded[_SEARCH + following :][:_WINDOW]
    region = padded[wanted : wanted + 2 * _SEARCH + _WINDOW]
    alike = np.correlate(region, natural, mode="valid")
    energy = np.convolve(region**2, np.ones(_WINDOW, np.float32), mode="valid")
    return int(np.argmax(alike / np.sqrt(energy + 1e-6))) - _SEARCH
