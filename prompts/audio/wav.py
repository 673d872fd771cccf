"""WAV files: reads what people and voices deliver, writes what the telephone plays (8 kHz mono mu-law).

Source of the format: "Multimedia Programming Interface and Data Specifications 1.0" and RFC 2361 (format tags);
mu-law is ITU-T G.711.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATE: Final = 8000
"""Samples a second on the telephone; one byte each in mu-law."""
SILENCE: Final = b"\xff"
"""Mu-law for a sample of zero."""

PCM, FLOAT, MULAW, EXTENSIBLE = 1, 3, 7, 0xFFFE
SHORTEST_HEADER: Final = 16


class AudioError(Exception):
    """This is not audio that the line can use; the message says why."""


@dataclass(frozen=True)
class Format:
    tag: int
    channels: int
    rate: int
    bits: int


def _decoding_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + 0x84 << ((code & 0x70) >> 4).astype(np.int32)) - 0x84
    return (np.where(code & 0x80, -magnitude, magnitude) / 32768).astype(np.float32)


_DECODED = _decoding_table()
_ORDER = np.argsort(_DECODED, kind="stable")
_LEVELS = _DECODED[_ORDER].astype(np.float64)
_BORDERS = (_LEVELS[1:] + _LEVELS[:-1]) / 2
_CODES = _ORDER.astype(np.uint8)


def from_pcm16(data: bytes) -> Samples:
    return _scaled(np.frombuffer(data, "<i2"), 2**15)


def decode(mulaw: bytes) -> Samples:
    return _DECODED[np.frombuffer(mulaw, np.uint8)]


def encode(samples: Samples) -> bytes:
    """The nearest mu-law code of every sample; louder than full scale is clipped."""
    codes = _CODES[np.searchsorted(_BORDERS, samples.astype(np.float64))]
    codes[samples == 0] = SILENCE[0]
    return codes.tobytes()


def silence(seconds: float) -> bytes:
    """Mu-law."""
    return SILENCE * round(seconds * RATE)


def seconds(mulaw: bytes) -> float:
    return len(mulaw) / RATE


def write(mulaw: bytes) -> bytes:
    """A complete WAV file around mu-law samples."""
    head = struct.pack("<4sIHHIIHHH4sII", b"fmt ", 18, MULAW, 1, RATE, RATE, 1, 8, 0, b"fact", 4, len(mulaw))
    data = struct.pack("<4sI", b"data", len(mulaw)) + mulaw + b"\0" * (len(mulaw) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(data), b"WAVE") + head + data


def telephone(file: bytes) -> bytes:
    """The mu-law samples of a file that `write` could have made. AudioError when it is anything else."""
    form, data = _chunks(file)
    if form != Format(MULAW, 1, RATE, 8):
        raise AudioError(f"is not 8 kHz mono mu-law but {form}")
    return data


def read(file: bytes) -> tuple[Samples, int]:
    """Mono samples and their rate from PCM (8, 16, 24, 32 bit), float or mu-law, any number of channels. AudioError."""
    form, data = _chunks(file)
    width = form.bits // 8
    if form.rate < RATE or form.rate > 384_000 or form.channels < 1 or width < 1:
        raise AudioError(f"cannot use {form.channels} channels at {form.rate} Hz with {form.bits} bits")
    frame = width * form.channels
    samples = _samples(form, data[: len(data) // frame * frame])
    if not len(samples):
        raise AudioError("there is no audio in it")
    mono = samples.reshape(-1, form.channels).mean(axis=1, dtype=np.float32)
    return np.nan_to_num(mono, posinf=1.0, neginf=-1.0), form.rate


def _pcm24(data: bytes) -> Samples:
    padded = np.pad(np.frombuffer(data, np.uint8).reshape(-1, 3), ((0, 0), (1, 0))).reshape(-1)
    return _scaled(padded.view("<i4"), 2**31)


def _scaled(values: npt.NDArray[np.signedinteger[Any]], full: int) -> Samples:
    return values.astype(np.float32) * np.float32(1 / full)


_READERS: dict[tuple[int, int], Callable[[bytes], Samples]] = {
    (PCM, 8): lambda data: _scaled(np.frombuffer(data, np.uint8).astype(np.int16) - 128, 128),
    (PCM, 16): from_pcm16,
    (PCM, 24): _pcm24,
    (PCM, 32): lambda data: _scaled(np.frombuffer(data, "<i4"), 2**31),
    (FLOAT, 32): lambda data: np.frombuffer(data, "<f4").astype(np.float32),
    (FLOAT, 64): lambda data: np.frombuffer(data, "<f8").astype(np.float32),
    (MULAW, 8): decode,
}


def _samples(form: Format, data: bytes) -> Samples:
    reader = _READERS.get((form.tag, form.bits))
    if reader is None:
        raise AudioError(f"has format {form.tag} with {form.bits} bits; use PCM, float or mu-law")
    return reader(data)


def _chunks(file: bytes) -> tuple[Format, bytes]:
    """The format and the data of a RIFF file, tolerant of a data length that its writer never filled in."""
    if len(file) < 12 or file[:4] != b"RIFF" or file[8:12] != b"WAVE":
        raise AudioError("is not a WAV file")
    form: Format | None = None
    position = 12
    while position + 8 <= len(file):
        name, length = struct.unpack_from("<4sI", file, position)
        body = file[position + 8 : position + 8 + length]
        if name == b"fmt ":
            form = _format(body)
        elif name == b"data":
            if form is None:
                raise AudioError("has its data before its format")
            return form, body
        position += 8 + length + length % 2
    raise AudioError("is cut off before its data")


def _format(body: bytes) -> Format:
    if len(body) < SHORTEST_HEADER:
        raise AudioError("has a format that is too short")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == EXTENSIBLE and len(body) >= 26:
        tag = struct.unpack_from("<H", body, 24)[0]
    return Format(tag, channels, rate, bits)
