"""A recording as a picture: how loud it is, from its beginning to its end."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from prompts.audio import wav

BARS: Final = 180
WIDTH: Final = 4
"""Of a bar and the gap after it."""
HEIGHT: Final = 64


def svg(file: bytes) -> str | None:
    """A drawing of the WAV file, as wide as it is long; None when it cannot be read."""
    try:
        samples, _ = wav.read(file)
    except wav.AudioError:
        return None
    bars = "".join(_bar(index, height) for index, height in enumerate(_heights(samples)))
    size = f'width="{BARS * WIDTH}" height="{HEIGHT}" viewBox="0 0 {BARS * WIDTH} {HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} preserveAspectRatio="none">'
        f'<path d="{bars}" stroke="#1d5450" stroke-width="2.6" stroke-linecap="round"/></svg>'
    )


def _heights(samples: npt.NDArray[np.float32]) -> list[float]:
    """The loudness of each bar, 0 to 1; the loudest is 1 unless all of it is very quiet."""
    borders = np.linspace(0, len(samples), BARS + 1).astype(int)
    parts = (samples[begin : max(end, begin + 1)] for begin, end in pairwise(borders))
    loudness = np.array([np.sqrt(np.mean(np.square(part))) if len(part) else 0.0 for part in parts])
    return [float(level) for level in loudness / max(loudness.max(), 0.01)]


def _bar(index: int, height: float) -> str:
    half = max(1.0, height * (HEIGHT / 2 - 3))
    return f"M{index * WIDTH + WIDTH / 2:g} {HEIGHT / 2 - half:.1f}v{2 * half:.1f}"
