"""Sound as the network carries it: 8 kHz, one channel. WAV files in (mu-law or 16-bit PCM), 16-bit PCM inside."""

import io
import wave
from dataclasses import dataclass

import numpy as np
import soxr

from ivr.riff import chunks, is_wav
from prompts.audio.wav import decode

RATE = 8000
"""Samples a second."""
BYTES_A_SECOND = RATE * 2
LOUD = 330
"""Root mean square of 16-bit samples above which somebody is taken to be speaking: about -40 dB of full scale."""

_PCM, _MULAW = 1, 7


class AudioError(Exception):
    """A sound that the network cannot play; the text says why."""


@dataclass(frozen=True)
class Wave:
    """A decoded sound: `pcm` is 16-bit little-endian mono at 8 kHz."""

    pcm: bytes

    @property
    def seconds(self) -> float:
        return len(self.pcm) / BYTES_A_SECOND


def read_wav(data: bytes) -> Wave:
    """A WAV file, decoded. Raises AudioError for anything but 8 kHz mono, mu-law or 16-bit PCM."""
    if not is_wav(data):
        raise AudioError("not a WAV file")
    found = chunks(data)
    form, samples = found.get(b"fmt ", b""), found.get(b"data")
    if len(form) < 16 or samples is None:
        raise AudioError("a WAV file without its format or its samples")
    return Wave(_decode(form, samples))


def _decode(form: bytes, samples: bytes) -> bytes:
    codec, channels = int.from_bytes(form[0:2], "little"), int.from_bytes(form[2:4], "little")
    rate, bits = int.from_bytes(form[4:8], "little"), int.from_bytes(form[14:16], "little")
    if (channels, rate) != (1, RATE):
        raise AudioError(f"{channels} channel(s) at {rate} Hz; a telephone carries one at {RATE} Hz")
    if (codec, bits) == (_MULAW, 8):
        return (decode(samples) * 32768).astype("<i2").tobytes()
    if (codec, bits) == (_PCM, 16):
        return samples[: len(samples) // 2 * 2]
    raise AudioError(f"format {codec} with {bits} bits; mu-law (7) or 16-bit PCM (1) is wanted")


def write_wav(pcm: bytes) -> bytes:
    """16-bit PCM as a WAV file, the form in which the provider hands out recordings."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return buffer.getvalue()


def silence(seconds: float) -> bytes:
    return bytes(round(max(0.0, seconds) * RATE) * 2)


def is_loud(pcm: bytes) -> bool:
    """Whether somebody speaks in this piece (some tens of milliseconds of PCM)."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    return bool(samples.size) and float(np.sqrt(np.mean(samples**2))) > LOUD


def read_any_wav(data: bytes) -> Wave:
    """Like read_wav, and 16-bit PCM of any rate and number of channels besides, brought down to a telephone's."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            width, rate, channels = file.getsampwidth(), file.getframerate(), file.getnchannels()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return read_wav(data)
    if width != 2:
        raise AudioError(f"{width * 8} bits a sample; 16 are wanted")
    samples = np.frombuffer(frames, "<i2").reshape(-1, channels).mean(axis=1)
    resampled = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    return Wave(np.clip(np.rint(resampled), -32768, 32767).astype("<i2").tobytes())


def hum(seconds: float) -> bytes:
    """Somebody saying nothing in particular: a tone, loud enough to be taken for speech."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (6000 * np.sin(2 * np.pi * 220 * at)).astype("<i2").tobytes()
