"""Reading, resampling and trimming recordings; samples are float32 on the 16-bit scale, mono."""

from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

STUDIO_RATE = 16_000
LINE_RATE = 8_000
Samples = NDArray[np.float32]


class AudioError(Exception):
    """A recording cannot be read; the text names the file and what is wrong."""


def load(path: Path, rate: int = STUDIO_RATE) -> Samples:
    """The recording at `path` (whatever libsndfile reads: WAV, FLAC, MP3, Ogg), mixed to mono, at `rate`.

    Raises:
        AudioError: the file is missing, empty or no recording.
    """
    import soundfile  # noqa: PLC0415 - only this function needs it

    try:
        sound, own_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"{path}: {error}") from error
    if not len(sound):
        raise AudioError(f"{path}: the recording is empty")
    return resample(sound.mean(axis=1) * 32768.0, own_rate, rate)


def resample(samples: NDArray[Any], from_rate: float, to_rate: float) -> Samples:
    """`samples` at another rate; a false `from_rate` changes pace and pitch together."""
    if from_rate == to_rate:
        return np.asarray(samples, np.float32)
    return np.asarray(soxr.resample(np.asarray(samples, np.float32), from_rate, to_rate, quality="MQ"), np.float32)


def trim(samples: Samples, rate: int, before_s: float = 0.08, after_s: float = 0.11) -> Samples:
    """`samples` without the silence around the voice, but for a short margin; all of it if no voice stands out."""
    hop = rate // 100
    count = len(samples) // hop
    if count < 10:
        return samples
    energy = np.mean(np.square(samples[: count * hop].reshape(count, hop), dtype=np.float64), axis=1)
    level = 10 * np.log10(energy + 1)
    loud = np.flatnonzero(level > max(np.percentile(level, 10) + 8, level.max() - 38))
    if not len(loud):
        return samples
    start = max(0, loud[0] * hop - int(before_s * rate))
    return samples[start : (loud[-1] + 1) * hop + int(after_s * rate)]


def at_level(samples: Samples, rms: float = 1500.0) -> Samples:
    """`samples` scaled to the given RMS level; silence stays silence."""
    return samples * np.float32(rms / (np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-3))


def pcm(samples: NDArray[Any]) -> NDArray[np.int16]:
    """Rounded and limited to 16 bits."""
    return np.clip(np.round(samples), -32768, 32767).astype(np.int16)
