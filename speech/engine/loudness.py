"""How long somebody spoke, by loudness alone: enough to tell a word from a sentence."""

import numpy as np
from numpy.typing import NDArray

from speech.decoder import LINE_RATE

_FRAME = LINE_RATE // 100
_BELOW_DB = 15.0
"""A frame is speech when it is at most this much softer than the loudest twentieth of them."""


class Loudness:
    """Collects the level of every 10 ms of a turn."""

    def __init__(self) -> None:
        self._levels: list[NDArray[np.float64]] = []
        self._rest = b""

    def add(self, samples: bytes) -> None:
        """16-bit samples at 8 kHz, in pieces of any size."""
        samples = self._rest + samples
        count = len(samples) // (2 * _FRAME)
        self._rest = samples[count * 2 * _FRAME :]
        if count:
            frames = np.frombuffer(samples[: count * 2 * _FRAME], "<i2").astype(np.float64).reshape(count, _FRAME)
            self._levels.append(10 * np.log10(frames.var(axis=1) + 1.0))

    @property
    def spoken_s(self) -> float:
        """Seconds of speech, pauses left out. Steady noise counts as speech where it is all there is."""
        if not self._levels:
            return 0.0
        levels = np.concatenate(self._levels)
        return float((levels >= np.quantile(levels, 0.95) - _BELOW_DB).sum()) / 100
