import struct

import numpy as np
import pytest

from prompts.audio import pace, shape, wav


def tone(seconds: float, hertz: float = 440.0, rate: int = wav.RATE, amplitude: float = 0.3) -> wav.Samples:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def riff(tag: int, channels: int, rate: int, bits: int, data: bytes, *, extra: bytes = b"") -> bytes:
    body = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits) + extra
    chunks = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)
        for name, part in ((b"fmt ", body), (b"LIST", b"abc"), (b"data", data))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def pcm(samples: wav.Samples, bits: int) -> bytes:
    if bits == 8:
        return (samples * 127 + 128).astype(np.uint8).tobytes()
    whole = (samples * (2 ** (bits - 1) - 1)).astype("<i8").reshape(-1, 1)
    return whole.view(np.uint8)[:, : bits // 8].tobytes()


def dominant_hertz(samples: wav.Samples) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * wav.RATE / len(samples))


def db(samples: wav.Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


# --- Files ---------------------------------------------------------------------------------------------------------


def test_mu_law_is_that_of_g711() -> None:
    assert wav.encode(np.array([0.0, 1.0, -1.0], np.float32)) == b"\xff\x80\x00"
    assert wav.decode(b"\x80\x00\xff\x7f") == pytest.approx([32124 / 32768, -32124 / 32768, 0, 0])
    assert wav.decode(b"\xf0\x70") == pytest.approx([120 / 32768, -120 / 32768])


def test_mu_law_keeps_speech_within_its_step() -> None:
    samples = np.linspace(-0.98, 0.98, 5001, dtype=np.float32)
    assert np.abs(wav.decode(wav.encode(samples)) - samples).max() < 0.016
    assert wav.encode(np.array([9.0, -9.0], np.float32)) == b"\x80\x00"


def test_a_written_file_is_mu_law_and_is_read_back() -> None:
    file = wav.write(wav.encode(tone(0.1)))
    assert struct.unpack_from("<HHIIHH", file, 20) == (7, 1, 8000, 8000, 1, 8)
    assert len(file) == struct.unpack_from("<I", file, 4)[0] + 8
    assert wav.telephone(file) == wav.encode(tone(0.1))


def test_a_file_of_odd_length_is_padded_and_read_without_the_padding() -> None:
    file = wav.write(b"\xff\xff\xff")
    assert len(file) % 2 == 0
    assert wav.telephone(file) == b"\xff\xff\xff"


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_pcm_of_any_width_is_read(bits: int) -> None:
    samples, rate = wav.read(riff(1, 1, 44100, bits, pcm(tone(0.1, rate=44100), bits)))
    assert rate == 44100
    assert samples == pytest.approx(tone(0.1, rate=44100), abs=0.02)


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_float_is_read(kind: str) -> None:
    data = tone(0.1).astype(kind).tobytes()
    assert wav.read(riff(3, 1, 8000, int(kind[2]) * 8, data))[0] == pytest.approx(tone(0.1))


def test_stereo_is_mixed_and_mu_law_and_extensible_are_read() -> None:
    both = np.stack([tone(0.1), np.zeros(800, np.float32)], axis=1).reshape(-1)
    assert wav.read(riff(1, 2, 8000, 16, pcm(both, 16)))[0] == pytest.approx(tone(0.1) / 2, abs=0.001)
    assert wav.read(riff(7, 1, 8000, 8, wav.encode(tone(0.1))))[0] == pytest.approx(tone(0.1), abs=0.01)
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + b"\0" * 14
    assert len(wav.read(riff(0xFFFE, 1, 8000, 16, pcm(tone(0.1), 16), extra=extra))[0]) == 800


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "not a WAV file"),
        (b"ID3" + b"\0" * 100, "not a WAV file"),
        (riff(1, 1, 8000, 16, b""), "no audio"),
        (riff(85, 1, 8000, 16, b"\0" * 64), "format 85"),
        (riff(1, 0, 8000, 16, b"\0" * 64), "cannot use 0 channels"),
        (riff(1, 1, 4000, 16, b"\0" * 64), "4000 Hz"),
        (riff(1, 1, 8000, 16, b"\0" * 64)[:40], "cut off"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "data before its format"),
        (b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd", "too short"),
    ],
)
def test_what_is_not_audio_is_refused_with_the_reason(file: bytes, message: str) -> None:
    with pytest.raises(wav.AudioError, match=message):
        wav.read(file)


def test_a_file_that_is_not_for_the_telephone_is_not_played_as_it_is() -> None:
    with pytest.raises(wav.AudioError, match="not 8 kHz mono mu-law"):
        wav.telephone(riff(1, 1, 8000, 16, b"\0" * 64))


def test_broken_floats_are_silenced() -> None:
    samples, _ = wav.read(riff(3, 1, 8000, 32, np.array([np.nan, np.inf], "<f4").tobytes()))
    assert samples.tolist() == [0.0, 1.0]


# --- Shape ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amplitude", [0.005, 0.05, 0.9])
def test_every_voice_comes_out_at_the_same_level(amplitude: float) -> None:
    out = shape.for_telephone(tone(1.0, rate=22050, amplitude=amplitude), 22050)
    assert db(out) == pytest.approx(shape.LEVEL_DB, abs=0.6)


def test_the_level_is_that_of_the_speech_not_of_the_pauses() -> None:
    speech = np.concatenate([tone(0.5), np.zeros(16000, np.float32), tone(0.5)])
    assert db(shape.levelled(speech)[:4000]) == pytest.approx(shape.LEVEL_DB, abs=0.3)


def test_peaks_are_turned_down() -> None:
    clicks = tone(1.0, amplitude=0.05)
    clicks[::800] = 1.0
    assert np.abs(shape.levelled(clicks)).max() <= shape.CEILING + 1e-3


def test_only_the_telephone_band_is_left_and_treble_is_not_raised() -> None:
    gain = {hertz: db(shape.in_band(tone(1.0, hertz))) - db(tone(1.0, hertz)) for hertz in (60, 500, 2000, 3300, 3900)}
    assert gain[60] < -40
    assert gain[500] == pytest.approx(0, abs=0.3)
    assert 1 < gain[2000] < 4
    assert gain[3300] < 0
    assert gain[3900] < -40


def test_silence_at_the_ends_is_cut_but_not_within() -> None:
    gap = np.zeros(8000, np.float32)
    out = shape.trimmed(np.concatenate([gap, tone(0.5), gap, tone(0.5), gap]))
    assert len(out) / wav.RATE == pytest.approx(2.08, abs=0.04)
    assert out[0] == 0 == out[-1]


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(10, np.float32), np.zeros(9000, np.float32)])
def test_silence_stays_silence(samples: wav.Samples) -> None:
    assert len(shape.for_telephone(samples, 8000)) == 0


# --- Pace ----------------------------------------------------------------------------------------------------------


def test_stretching_keeps_the_pitch_and_the_level() -> None:
    out = pace.stretched(tone(1.0, 220), 1.25)
    assert len(out) == 10000
    assert dominant_hertz(out) == pytest.approx(220, abs=2)
    assert db(out[400:-400]) == pytest.approx(db(tone(1.0, 220)), abs=0.3)


def test_stretching_leaves_no_jumps() -> None:
    out = pace.stretched(tone(1.0, 220), 1.1)
    assert np.abs(np.diff(out)).max() < np.abs(np.diff(tone(1.0, 220))).max() * 1.2


def test_a_slower_clip_has_much_longer_pauses_and_slightly_longer_words() -> None:
    clip = np.concatenate([tone(1.0), np.zeros(4000, np.float32), tone(0.5), np.zeros(4000, np.float32)])
    slow = pace.slower(clip)
    speaking = np.abs(slow) > 0.01
    assert len(slow) / wav.RATE == pytest.approx(1.5 * pace.WORDS + 1.0 * pace.PAUSES, abs=0.06)
    assert speaking[: round(1.0 * pace.WORDS * 8000)].mean() > 0.9
    assert not speaking[round(1.12 * pace.WORDS * 8000) : round(1.12 * pace.WORDS * 8000) + 5000].any()


@pytest.mark.parametrize("length", [0, 1, 79, 81, 500, 4321])
def test_a_clip_of_any_length_can_be_slowed(length: int) -> None:
    assert len(pace.slower(tone(1.0)[:length])) >= length
