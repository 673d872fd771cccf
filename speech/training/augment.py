"""Variety made on the fly, in log mel energies: another vocal tract, another line, another pace, holes."""

import numpy as np
from numpy.typing import NDArray

from speech.training.features import BANDS, HIGH_HZ, LOW_HZ, mel

Frames = NDArray[np.float32]
_LOW, _STEP = float(mel(LOW_HZ)), float(mel(HIGH_HZ) - mel(LOW_HZ)) / (BANDS + 1)
_CENTRES_HZ = 700.0 * (np.exp((_LOW + _STEP * np.arange(1, BANDS + 1)) / 1127.0) - 1.0)


def augmented(frames: Frames, rng: np.random.Generator) -> Frames:
    """`frames` (time, 40) as somebody else might have said them over another line."""
    if rng.random() < 0.3:
        frames = paced(frames, float(rng.uniform(0.82, 1.22)))
    if rng.random() < 0.7:
        frames = warped(frames, float(rng.uniform(0.82, 1.2)))
    frames = frames + _line(rng)
    if rng.random() < 0.25:
        frames = _noisier(frames, rng)
    return _holes(frames, rng)


def warped(frames: Frames, factor: float) -> Frames:
    """Bands moved as by a vocal tract `factor` times as short; the outermost ones are repeated."""
    wanted = (mel(_CENTRES_HZ * factor) - _LOW) / _STEP - 1
    source = np.clip(wanted, 0, BANDS - 1.001)
    below = source.astype(int)
    part = (source - below).astype(np.float32)
    return np.asarray(frames[:, below] * (1 - part) + frames[:, below + 1] * part, np.float32)


def paced(frames: Frames, factor: float) -> Frames:
    """Said `factor` times as fast, without any change of pitch."""
    source = np.clip(np.arange(max(1, round(len(frames) / factor))) * factor, 0, len(frames) - 1.001)
    below = source.astype(int)
    above = np.minimum(below + 1, len(frames) - 1)
    part = (source - below).astype(np.float32)[:, None]
    return np.asarray(frames[below] * (1 - part) + frames[above] * part, np.float32)


def _line(rng: np.random.Generator) -> Frames:
    """A smooth change of the spectrum, and of its level."""
    position = np.linspace(0, np.pi, BANDS)
    curve = sum(rng.normal(0, 1.0 / (1 + k)) * np.cos(k * position) for k in range(1, 6))
    return np.asarray(rng.normal(0, 1.5) + curve, np.float32)


def _noisier(frames: Frames, rng: np.random.Generator) -> Frames:
    loud = np.quantile(frames, 0.9)
    floor = loud - rng.uniform(2, 9) + _line(rng) * 0.7 + rng.normal(0, 0.7, frames.shape)
    return np.logaddexp(frames, floor.astype(np.float32))


def _holes(frames: Frames, rng: np.random.Generator) -> Frames:
    """A band and a few moments replaced by their averages."""
    holed = frames.copy()
    if rng.random() < 0.25:
        width = int(rng.integers(1, 7))
        start = int(rng.integers(0, BANDS - width))
        holed[:, start : start + width] = holed[:, start : start + width].mean()
    for _ in range(int(rng.integers(0, 2))):
        width = int(rng.integers(2, 12))
        start = int(rng.integers(0, max(1, len(holed) - width)))
        holed[start : start + width] = holed[start : start + width].mean(axis=0)
    return holed
