"""From any voice to the telephone: rate, silence at the ends, band and level."""

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from prompts.audio.wav import RATE, Samples

VERSION: Final = "telephone/1"
LEVEL_DB: Final = -20.0
"""RMS of the speech, without its pauses, below full scale."""
CEILING: Final = 10 ** (-3 / 20)
FRAME: Final = 80
"""10 ms."""
FADE: Final = 40
QUIET_DB: Final = 35.0
"""A frame this far below the loudest ones is silence."""
EXTENSION: Final = RATE // 4

# (Hz, dB): the telephone's band, and a little presence where ageing ears still hear consonants; nothing above 3 kHz
# is raised, because that distorts where hearing is worst (Hazan 2019).
_CURVE: Final = (
    (0, -60.0),
    (120, -40.0),
    (200, -3.0),
    (300, 0.0),
    (900, 0.0),
    (1400, 3.0),
    (2600, 3.0),
    (3100, 0.0),
    (3400, -3.0),
    (3700, -40.0),
    (4000, -60.0),
)


def for_telephone(samples: Samples, rate: int) -> Samples:
    """Speech at any rate as the telephone gets it: 8 kHz, in its band, at its level, trimmed (silence to nothing)."""
    narrow = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    return trimmed(levelled(in_band(narrow.astype(np.float32))))


def in_band(samples: Samples) -> Samples:
    """Without delay: the gain curve is applied to the spectrum of the whole clip."""
    if not len(samples):
        return samples
    size = len(samples) + EXTENSION
    hertz, decibels = zip(*_CURVE, strict=True)
    gain = 10 ** (np.interp(np.fft.rfftfreq(size, 1 / RATE), hertz, decibels) / 20)
    shaped = np.fft.irfft(np.fft.rfft(samples, size) * gain, size)
    return shaped[: len(samples)].astype(np.float32)


def frame_db(samples: Samples) -> npt.NDArray[np.float64]:
    """The level of every whole 10 ms, in dB below full scale."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return np.asarray(10 * np.log10((frames**2).mean(axis=1) + 1e-10))


def speaking(samples: Samples) -> npt.NDArray[np.bool_]:
    """Of every whole 10 ms, whether somebody speaks in it."""
    level = frame_db(samples)
    if not len(level) or level.max() < -70:
        return np.zeros(len(level), dtype=bool)
    return np.asarray(level > np.percentile(level, 95) - QUIET_DB)


def levelled(samples: Samples) -> Samples:
    """Speech at LEVEL_DB with its peaks held under CEILING."""
    active = speaking(samples)
    if not active.any():
        return samples
    frames = samples[: len(active) * FRAME].reshape(-1, FRAME)[active].astype(np.float64)
    loud = samples * np.float32(10 ** (LEVEL_DB / 20) / np.sqrt((frames**2).mean()))
    return _limited(loud.astype(np.float32))


def _limited(samples: Samples) -> Samples:
    """Peaks are turned down over 5 ms before and after them, which is not heard, instead of being cut."""
    reach = RATE // 200
    room = np.minimum(1.0, CEILING / np.maximum(np.abs(samples), 1e-6))
    if room.min() >= 1.0:
        return samples
    padded = np.pad(room, 2 * reach, constant_values=1.0)
    held = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    smooth = np.convolve(held, np.hanning(2 * reach + 3)[1:-1] / np.hanning(2 * reach + 3).sum(), mode="valid")
    return (samples * smooth).astype(np.float32)


def trimmed(samples: Samples) -> Samples:
    """Without the silence at both ends, but with 20 ms before and 60 ms after the speech, faded."""
    active = np.flatnonzero(speaking(samples))
    if not len(active):
        return samples[:0]
    first = max(0, (active[0] - 2) * FRAME)
    return faded(samples[first : (active[-1] + 7) * FRAME])


def faded(samples: Samples) -> Samples:
    """5 ms up at the start and down at the end, so that joints do not click."""
    if len(samples) < 2 * FADE:
        return samples
    result = samples.copy()
    ramp = np.linspace(0, 1, FADE, dtype=np.float32)
    result[:FADE] *= ramp
    result[-FADE:] *= ramp[::-1]
    return result
