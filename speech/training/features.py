"""MFCC as Kaldi computes it at 8 kHz, in two halves: log mel energies, and the cosine transform with its lifter.

The network learns on log mel energies, where a speaker's vocal tract can be warped and bands can be masked; what is
exported reads MFCC, because that is what Vosk computes: the two are joined by an invertible matrix.
"""

import numpy as np
from numpy.typing import NDArray

RATE = 8000
BANDS = 40
FRAME = 200
HOP = 80
FFT = 256
LOW_HZ = 40.0
HIGH_HZ = 3800.0
PREEMPHASIS = 0.97
LIFTER = 22.0
FLOOR = 1.1920929e-07
MFCC_CONF = """--use-energy=false
--sample-frequency=8000
--num-mel-bins=40
--num-ceps=40
--low-freq=40
--high-freq=-200
--dither=0
"""
Array = NDArray[np.float32]


def mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The mel scale as Kaldi has it."""
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hz, np.float64) / 700.0), np.float64)


def _mel_bank() -> Array:
    low, high = float(mel(LOW_HZ)), float(mel(HIGH_HZ))
    step = (high - low) / (BANDS + 1)
    at = mel(np.arange(FFT // 2, dtype=np.float64) * (RATE / FFT))
    left = low + np.arange(BANDS)[:, None] * step
    rising, falling = (at - left) / step, (left + 2 * step - at) / step
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


def _cepstral_matrix() -> NDArray[np.float64]:
    row, column = np.arange(BANDS)[:, None], np.arange(BANDS)[None]
    cosines = np.sqrt(2 / BANDS) * np.cos(np.pi / BANDS * (column + 0.5) * row)
    cosines[0] = np.sqrt(1 / BANDS)
    lifter = 1 + 0.5 * LIFTER * np.sin(np.pi * np.arange(BANDS) / LIFTER)
    return np.asarray(cosines * lifter[:, None], np.float64)


_BANK = _mel_bank()
_WINDOW = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))) ** 0.85).astype(np.float32)
CEPSTRA = _cepstral_matrix()
"""MFCC = log mel energies @ CEPSTRA.T; invertible."""


def log_mel(samples: NDArray[np.float32] | NDArray[np.int16]) -> Array:
    """Log mel energies (frames, 40) of 8 kHz samples on the 16-bit scale; no frame passes the end."""
    count = (len(samples) - FRAME) // HOP + 1
    if count < 1:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), FRAME)[::HOP][:count]
    frames = frames - frames.mean(axis=1, keepdims=True)
    emphasised = np.empty_like(frames)
    emphasised[:, 1:] = frames[:, 1:] - PREEMPHASIS * frames[:, :-1]
    emphasised[:, 0] = frames[:, 0] * (1 - PREEMPHASIS)
    spectrum = np.fft.rfft(emphasised * _WINDOW, FFT)[:, : FFT // 2]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(np.log(np.maximum(power @ _BANK.T, FLOOR)), np.float32)


def mfcc(samples: NDArray[np.float32] | NDArray[np.int16]) -> Array:
    """The 40 cepstra (frames, 40) that Vosk computes with `MFCC_CONF`."""
    return np.asarray(log_mel(samples) @ CEPSTRA.T, np.float32)
