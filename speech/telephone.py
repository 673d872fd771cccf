"""What a telephone does to a voice: band, codec, room, noise, hum, loss, level and clipping, at 8 kHz.

Samples are floats on the 16-bit scale (-32768 to 32767) unless said otherwise. Only numpy is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FULL_SCALE = 32768.0
Samples = NDArray[np.float32]
Noise = Literal["white", "pink", "babble", "none"]
Codec = Literal["mu-law", "a-law", "mobile"]


@dataclass(frozen=True, slots=True)
class Line:
    """One telephone connection. Times are seconds, levels dB, frequencies Hz."""

    low: float = 250.0
    high: float = 3400.0
    tilt_db: float = 0.0
    """Level at 3400 Hz relative to 300 Hz that the handset adds."""
    room_s: float = 0.0
    """Reverberation time; 0 for none."""
    room_level: float = 0.1
    noise: Noise = "pink"
    snr_db: float = 30.0
    hum_db: float | None = None
    """Level of 50 Hz mains harmonics under the speech; None for none."""
    codec: Codec = "mu-law"
    loss: float = 0.0
    """Share of 20 ms packets that are lost; each is concealed by its fading predecessor."""
    level_db: float = -22.0
    """RMS level of the whole under full scale."""
    clip_db: float | None = None
    """Peaks are cut this far above the RMS level; None for never."""
    before_s: float = 0.3
    after_s: float = 0.5
    """Silence around the voice: noise fills it, the voice does not."""


def draw(rng: np.random.Generator) -> Line:
    """A connection as it may come: from a good landline to a poor mobile in a noisy room."""

    def maybe(chance: float, low: float, high: float) -> float | None:
        value = float(rng.uniform(low, high))
        return value if rng.random() < chance else None

    codec: Codec = ("mu-law", "a-law", "mobile")[int(rng.choice(3, p=[0.45, 0.3, 0.25]))]
    noise: Noise = ("white", "pink", "babble")[int(rng.choice(3, p=[0.35, 0.4, 0.25]))]
    return Line(
        low=float(rng.uniform(120, 330)),
        high=float(rng.uniform(3100, 3750)),
        tilt_db=float(rng.uniform(-9, 9)),
        room_s=maybe(0.35, 0.05, 0.35) or 0.0,
        room_level=float(rng.uniform(0.03, 0.3)),
        noise=noise,
        snr_db=float(rng.uniform(8, 35) if rng.random() < 0.8 else rng.uniform(35, 50)),
        hum_db=maybe(0.15, 15, 40),
        codec=codec,
        loss=maybe(0.2, 0.01, 0.06) or 0.0,
        level_db=float(rng.uniform(-38, -13)),
        clip_db=maybe(0.1, 3, 9),
        before_s=float(rng.uniform(0.05, 0.5)),
        after_s=float(rng.uniform(0.1, 0.5)),
    )


def telephone(
    voice: Samples, line: Line, rng: np.random.Generator, babble: Sequence[Samples] = ()
) -> NDArray[np.int16]:
    """`voice` (8 kHz) as it arrives over `line`, as 16-bit samples with the silence before and after it.

    Babble is mixed from up to three of the given voices; without any, pink noise stands in.
    """
    sound = _unit(np.asarray(voice, np.float32))
    if line.room_s:
        sound = _room(sound, line, rng)
    sound = np.pad(sound, (int(RATE * line.before_s), int(RATE * line.after_s)))
    sound = _band(_with_noise(sound, line, rng, babble), line)
    sound = _unit(sound)
    if line.clip_db is not None:
        sound = np.clip(sound, -_gain(line.clip_db), _gain(line.clip_db))
    if line.codec == "mobile":
        sound = _vocoded(sound, rng)
    sound = np.clip(sound * FULL_SCALE * _gain(line.level_db), -FULL_SCALE, FULL_SCALE - 1)
    coded = a_law(sound) if line.codec == "a-law" else mu_law(sound)
    return _lossy(coded, line.loss, rng).astype(np.int16)


def mu_law(samples: Samples) -> Samples:
    """`samples` after G.711 mu-law and back."""
    magnitude = np.minimum(np.abs(samples) / 4, 8158) + 33
    step = np.exp2(np.floor(np.log2(magnitude)) - 4)
    decoded = (np.floor(magnitude / step) + 0.5) * step - 33
    return np.asarray(np.sign(samples) * np.maximum(decoded, 0) * 4, np.float32)


def a_law(samples: Samples) -> Samples:
    """`samples` after G.711 A-law and back."""
    magnitude = np.minimum(np.abs(samples) / 8, 4095)
    step = np.exp2(np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))) - 4, 1))
    decoded = (np.floor(magnitude / step) + 0.5) * step
    return np.asarray(np.where(samples < 0, -1, 1) * decoded * 8, np.float32)


def noise_of(kind: Noise, length: int, rng: np.random.Generator, babble: Sequence[Samples] = ()) -> Samples:
    """`length` samples of noise with an RMS of 1 (zeros for "none")."""
    if kind == "none":
        return np.zeros(length, np.float32)
    if kind == "babble" and babble:
        voices = [_unit(babble[int(i)]) for i in rng.integers(len(babble), size=int(rng.integers(1, 4)))]
        mixed = sum((np.roll(np.resize(v, length), int(rng.integers(length))) for v in voices), np.zeros(length))
        return _unit(np.asarray(mixed, np.float32))
    white = rng.standard_normal(length).astype(np.float32)
    if kind == "white":
        return white
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1 + length // 400))
    return _unit(np.fft.irfft(spectrum, length).astype(np.float32))


def _gain(db: float) -> float:
    return float(10 ** (db / 20))


def _unit(samples: Samples) -> Samples:
    """Scaled to an RMS of 1; silence stays silence."""
    return samples / np.float32(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-9)


def _room(sound: Samples, line: Line, rng: np.random.Generator) -> Samples:
    length = int(RATE * line.room_s)
    echo = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * line.room_level
    echo[0] = 1.0
    return _unit(_convolve(sound, echo))


def _convolve(sound: Samples, response: NDArray[np.float64]) -> Samples:
    size = _fast_length(len(sound) + len(response))
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: len(sound)].astype(np.float32)


def _fast_length(length: int) -> int:
    """The next multiple of a power of two that numpy's FFT takes without a large prime factor."""
    unit = 1 << max(0, length.bit_length() - 4)
    return -(-length // unit) * unit


def _with_noise(sound: Samples, line: Line, rng: np.random.Generator, babble: Sequence[Samples]) -> Samples:
    noisy = sound + noise_of(line.noise, len(sound), rng, babble) * np.float32(_gain(-line.snr_db))
    if line.hum_db is not None:
        seconds = np.arange(len(sound)) / RATE
        hum = sum(np.sin(2 * np.pi * 50 * k * seconds + rng.uniform(0, 6)) / k for k in range(1, 12))
        noisy = noisy + _unit(np.asarray(hum, np.float32)) * np.float32(_gain(-line.hum_db))
    return noisy.astype(np.float32)


def _band(sound: Samples, line: Line) -> Samples:
    """Band-pass with slopes like a telephone's (12 dB per octave below, 36 above) and the handset's tilt."""
    size = _fast_length(len(sound) + RATE // 10)
    hz = np.fft.rfftfreq(size, 1 / RATE)
    response = np.ones_like(hz)
    if line.low > 0:
        response /= np.sqrt(1 + (line.low / np.maximum(hz, 1)) ** 4)
    if line.high < RATE / 2:
        response /= np.sqrt(1 + (hz / line.high) ** 24)
    octaves = np.log2(np.clip(hz, 100, 4000) / 1000)
    response *= 10 ** (octaves * line.tilt_db / np.log2(3400 / 300) / 20)
    return np.fft.irfft(np.fft.rfft(sound, size) * response, size)[: len(sound)].astype(np.float32)


def _vocoded(sound: Samples, rng: np.random.Generator) -> Samples:
    """A GSM- or AMR-like codec's coarse excitation: noise under the speech that follows its spectrum."""
    frame, hop = 160, 80
    padded = np.pad(sound, (frame, frame + hop))
    window = np.hanning(frame + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop] * window
    spectra = np.fft.rfft(frames)
    grain = rng.standard_normal(spectra.shape) * rng.uniform(0.1, 0.35)
    rebuilt = np.fft.irfft(spectra * (1 + grain), frame).astype(np.float32)
    out = np.zeros(len(padded), np.float32)
    for start in (0, 1):
        part = rebuilt[start::2].reshape(-1)
        out[start * hop : start * hop + len(part)] += part[: len(out) - start * hop]
    return out[frame : frame + len(sound)]


def _lossy(samples: Samples, share: float, rng: np.random.Generator) -> Samples:
    packet = RATE // 50
    count = len(samples) // packet
    if share <= 0 or not count:
        return samples
    packets = samples[: count * packet].reshape(count, packet).copy()
    for index in np.flatnonzero(rng.random(count) < share):
        packets[index] = packets[index - 1] * 0.6 if index else 0
    return np.concatenate([packets.reshape(-1), samples[count * packet :]])
