"""Sound: what a telephone carries, and what a recording keeps of it."""

import io
import struct
import wave

import pytest

from ivr.simulator import audio
from ivr.simulator.recorder import Take


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def form(codec: int, channels: int = 1, rate: int = 8000, bits: int = 16) -> tuple[bytes, bytes]:
    return b"fmt ", struct.pack("<HHIIHH", codec, channels, rate, rate, 1, bits)


def pcm_file(rate: int, channels: int, seconds: float) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack("<h", 5000) * round(rate * seconds) * channels)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("code", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120), (0x70, -120), (0x8F, 16764)]
)
def test_mu_law_is_decoded_as_itu_g711_says(code: int, sample: int) -> None:
    decoded = audio.read_wav(riff(form(7, bits=8), (b"data", bytes([code]))))
    assert decoded.pcm == struct.pack("<h", sample)


def test_chunks_that_say_nothing_about_the_sound_are_passed_over() -> None:
    data = riff(form(7, bits=8), (b"LIST", b"odd"), (b"fact", b"\0\0\0\0"), (b"data", b"\xff" * 4000))
    assert audio.read_wav(data).seconds == 0.5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a WAV"),
        (b"ID3" + b"\0" * 50, "not a WAV"),
        (riff(form(1)), "without its format or its samples"),
        (riff((b"data", b"\0\0")), "without its format or its samples"),
        (riff(form(1, rate=16000), (b"data", b"\0\0")), "16000 Hz"),
        (riff(form(1, channels=2), (b"data", b"\0\0")), "2 channel"),
        (riff(form(6, bits=8), (b"data", b"\0\0")), "format 6"),
    ],
)
def test_a_sound_that_no_telephone_carries_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(audio.AudioError, match=reason):
        audio.read_wav(data)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (44100, 2)])
def test_a_scripts_recording_may_have_any_rate(rate: int, channels: int) -> None:
    decoded = audio.read_any_wav(pcm_file(rate, channels, 1))
    assert decoded.seconds == pytest.approx(1, abs=0.01)
    assert audio.is_loud(decoded.pcm)


def test_what_is_written_can_be_read() -> None:
    pcm = audio.hum(0.25)
    assert audio.read_wav(audio.write_wav(pcm)).pcm == pcm


def test_silence_is_not_loud_and_speech_is() -> None:
    assert not audio.is_loud(audio.silence(0.1))
    assert not audio.is_loud(b"")
    assert audio.is_loud(audio.hum(0.1))


def test_a_recording_ends_after_silence_counted_from_the_last_sound() -> None:
    take = Take(10, timeout=3, max_length=60)
    assert take.left(12) == 1
    take.add(audio.hum(1), 13)
    assert take.left(13) == 3
    take.add(audio.silence(2), 15)
    assert take.left(15) == 1


def test_a_recording_ends_at_its_greatest_length() -> None:
    take = Take(0, timeout=3, max_length=5)
    take.add(audio.hum(4), 4)
    assert take.left(4) == 1


def test_a_recording_keeps_its_pauses_and_loses_the_silence_around_it() -> None:
    take = Take(0, timeout=3, max_length=60)
    take.add(audio.hum(1), 3)
    take.add(audio.hum(1), 5)
    take.add(audio.silence(3), 8)
    assert len(take.finish(8, trim=True)) / audio.BYTES_A_SECOND == pytest.approx(3.5)
    assert len(take.finish(8, trim=False)) / audio.BYTES_A_SECOND == 8


def test_a_recording_of_nothing_is_empty() -> None:
    take = Take(0, timeout=3, max_length=60)
    take.add(audio.silence(3), 3)
    assert take.is_empty
    assert take.finish(3, trim=True) == b""
