"""One voice turned into many: pitch, formants, pace, tremor and breath, by analysis and resynthesis (WORLD)."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.training.audio import LINE_RATE, STUDIO_RATE, Samples

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pyworld imports pkg_resources, which warns of its own end
    import pyworld

_PERIOD_MS = 10.0
_STUDIO_FFT = 1024
_LINE_FFT = 512


@dataclass(frozen=True, slots=True)
class Disguise:
    """What is changed in a voice. Factors of 1.0 and amounts of 0.0 change nothing."""

    pitch: float = 1.0
    pitch_range: float = 1.0
    formants: float = 1.0
    """Below 1: a longer vocal tract."""
    pace: float = 1.0
    """Above 1: faster."""
    tremor: float = 0.0
    """Depth of the pitch's wavering at `tremor_hz`, as a share of it."""
    tremor_hz: float = 5.5
    roughness: float = 0.0
    """Share by which the pitch jumps from one 10 ms frame to the next."""
    breath: float = 0.0
    """Added noise in the voiced parts, 0 to 1."""


_PEOPLE = {
    "man": ((0.42, 0.68), (0.78, 0.92)),
    "old man": ((0.50, 0.80), (0.78, 0.93)),
    "woman": ((0.78, 1.15), (0.92, 1.10)),
    "old woman": ((0.65, 0.95), (0.88, 1.04)),
}
"""Range of pitch and formant factors that make a young woman's voice another person's."""
_CHANCES = (0.25, 0.3, 0.2, 0.25)


def draw(rng: np.random.Generator, pace: tuple[float, float] = (0.72, 1.25)) -> Disguise:
    """Somebody else than the young woman who speaks; half of them old."""
    kind = list(_PEOPLE)[int(rng.choice(4, p=_CHANCES))]
    pitch, formants = _PEOPLE[kind]
    old = kind.startswith("old")
    return Disguise(
        pitch=float(rng.uniform(*pitch)),
        pitch_range=float(rng.uniform(0.5, 1.3)),
        formants=float(rng.uniform(*formants)),
        pace=float(rng.uniform(*pace)) * (0.9 if old else 1.0),
        tremor=float(rng.uniform(0, 0.08)) if old else 0.0,
        tremor_hz=float(rng.uniform(4, 7.5)),
        roughness=float(rng.uniform(0, 0.05)) if old else float(rng.uniform(0, 0.01)),
        breath=float(rng.uniform(0, 0.4)) if old else float(rng.uniform(0, 0.1)),
    )


def disguised(voice: Samples, disguise: Disguise, rng: np.random.Generator) -> Samples:
    """`voice` (16 kHz) as somebody else would say it, at 8 kHz."""
    sound = np.ascontiguousarray(voice, np.float64)
    pitch, times = pyworld.dio(sound, STUDIO_RATE, frame_period=_PERIOD_MS)
    pitch = pyworld.stonemask(sound, pitch, times, STUDIO_RATE)
    envelope = pyworld.cheaptrick(sound, pitch, times, STUDIO_RATE, fft_size=_STUDIO_FFT)
    noise = pyworld.d4c(sound, pitch, times, STUDIO_RATE, fft_size=_STUDIO_FFT)
    frames = _frames(len(pitch), disguise.pace)
    changed = pyworld.synthesize(
        np.ascontiguousarray(_pitch(pitch, disguise, rng)[frames]),
        np.ascontiguousarray(np.exp(_warped(np.log(envelope + 1e-12), disguise.formants))[frames]),
        np.ascontiguousarray(np.clip(_warped(noise, disguise.formants) + disguise.breath, 0, 0.999)[frames]),
        LINE_RATE,
        _PERIOD_MS,
    )
    return np.asarray(changed, np.float32)


def _frames(count: int, pace: float) -> NDArray[np.int64]:
    wanted = np.arange(max(1, int(count / pace)))
    return np.clip(np.round(wanted * pace), 0, count - 1).astype(np.int64)


def _warped(spectra: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Rows of a 16 kHz spectrum with frequencies scaled, cut to the bins of an 8 kHz one."""
    source = np.minimum(np.arange(_LINE_FFT // 2 + 1) / factor, _STUDIO_FFT // 2 - 1)
    below = source.astype(int)
    part = source - below
    return np.asarray(spectra[:, below] * (1 - part) + spectra[:, below + 1] * part, np.float64)


def _pitch(pitch: NDArray[np.float64], disguise: Disguise, rng: np.random.Generator) -> NDArray[np.float64]:
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    middle = float(np.exp(np.log(pitch[voiced]).mean()))
    moved = middle * disguise.pitch * (np.maximum(pitch, 1) / middle) ** disguise.pitch_range
    phase = 2 * np.pi * disguise.tremor_hz * np.arange(len(pitch)) * _PERIOD_MS / 1000
    moved *= 1 + disguise.tremor * np.sin(phase + rng.uniform(0, 6))
    moved *= 1 + disguise.roughness * rng.standard_normal(len(pitch))
    return np.where(voiced, moved, 0.0)
