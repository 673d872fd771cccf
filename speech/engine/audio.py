"""Recordings as the engine takes them: 16-bit samples, mono, 8 kHz."""

import struct

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.decoder import LINE_RATE

_PCM, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_LARGEST_CHANNELS, _LARGEST_RATE = 8, 192_000


class AudioError(ValueError):
    """These bytes are no audio that the engine can use; the text says why."""


def pcm_of(audio: bytes) -> bytes:
    """The samples of a WAV file (16-bit PCM, mu-law or A-law; any rate, mixed to mono), at 8 kHz.

    Bytes that are not a RIFF file are taken for 8 kHz samples already. A file that was cut off gives what there is.
    Raises AudioError.
    """
    if audio[:4] != b"RIFF":
        return audio[: len(audio) // 2 * 2]
    channels, rate, samples = _read(audio)
    if not 1 <= channels <= _LARGEST_CHANNELS or not 1000 <= rate <= _LARGEST_RATE:
        raise AudioError(f"cannot use {channels} channels at {rate} Hz")
    mono = samples[: len(samples) // channels * channels].reshape(-1, channels).mean(axis=1)
    if rate != LINE_RATE and len(mono):
        mono = soxr.resample(mono, rate, LINE_RATE)
    return bytes(np.clip(np.round(mono), -32768, 32767).astype("<i2").tobytes())


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / LINE_RATE


def _read(audio: bytes) -> tuple[int, int, NDArray[np.float64]]:
    form, position = b"", 12
    while position + 8 <= len(audio):
        name, length = struct.unpack_from("<4sI", audio, position)
        body = audio[position + 8 : position + 8 + length]
        if name == b"fmt ":
            form = body
        if name == b"data" and len(form) >= 16:
            tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
            if tag == _EXTENSIBLE and len(form) >= 26:
                tag = struct.unpack_from("<H", form, 24)[0]
            return channels, rate, _samples(tag, bits, body)
        position += 8 + length + length % 2
    raise AudioError("the file is cut off before its samples")


def _samples(tag: int, bits: int, body: bytes) -> NDArray[np.float64]:
    if (tag, bits) == (_PCM, 16):
        return np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float64)
    if (tag, bits) == (_MU_LAW, 8):
        return _mu_law(np.frombuffer(body, np.uint8))
    if (tag, bits) == (_A_LAW, 8):
        return _a_law(np.frombuffer(body, np.uint8))
    raise AudioError(f"cannot use format {tag} with {bits} bits")


def _mu_law(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    code = (~codes).astype(np.int32)
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.float64)


def _a_law(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    code = (codes ^ 0x55).astype(np.int32)
    segment = (code & 0x70) >> 4
    mantissa = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment, (mantissa + 0x100) << np.maximum(segment - 1, 0), mantissa)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.float64)
