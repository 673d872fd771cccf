"""What counts as an answer, and which recordings can be heard."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.engine import Prepared, Recognition, Word
from speech.engine.audio import AudioError, pcm_of, seconds
from speech.engine.loudness import Loudness
from speech.engine.recognition import recognition

MENU = Prepared(
    "menu", "[…]", {"没事": "没事", "胸口疼": "胸口疼", "打幺二零": "打120", "对对对": "对对对", "对": "对"}, ()
)


def heard(*texts: str, confidence: float = 0.9, spoken_s: float = 0.5) -> Recognition:
    words = [Word(text, i, i + 1, confidence) for i, text in enumerate(texts)]
    return recognition(words, MENU, cost_ms=1.0, audio_s=2.0, spoken_s=spoken_s)


def test_a_whole_phrase_is_an_answer_however_it_was_cut() -> None:
    assert heard("没事").text == "没事"
    assert heard("胸", "口疼").text == "胸口疼"
    assert heard("打", "幺二零").text == "打120"


@pytest.mark.parametrize("words", [("没",), ("没事", "胸口疼"), ("没事", "[unk]"), ("[unk]",), (), ("没事", "没")])
def test_anything_else_is_none_of_these(words: tuple[str, ...]) -> None:
    result = heard(*words)
    assert result.text is None
    assert result.confidence == 0.0
    assert [word.text for word in result.words] == list(words)


def test_who_says_a_phrase_again_and_again_has_said_it() -> None:
    assert heard("胸口疼", "胸口疼", "胸口疼").text == "胸口疼"
    assert heard("对", "对").text == "对"
    assert heard("对", "对", "对").text == "对对对"


def test_an_answer_is_as_certain_as_its_least_certain_word() -> None:
    words = [Word("胸", 0, 1, 0.9), Word("口疼", 1, 2, 0.4)]
    assert recognition(words, MENU, 1.0, 2.0, 0.5).confidence == 0.4


def test_one_syllable_is_no_answer_where_a_sentence_was_spoken() -> None:
    assert heard("对", spoken_s=0.9).text == "对"
    assert heard("对", spoken_s=1.2).text is None
    assert heard("对", "对", spoken_s=1.2).text == "对"
    assert heard("没事", spoken_s=2.5).text == "没事"
    assert heard("胸", "口疼", spoken_s=2.5).text == "胸口疼"


@pytest.mark.parametrize("step", [160, 777, 16_000])
def test_pauses_and_noise_below_the_voice_are_not_speech(step: int) -> None:
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 60, 24_000)
    sound[4_000:10_000] += 6_000 * np.sin(np.arange(6_000) / 5)
    samples = sound.astype("<i2").tobytes()
    loudness = Loudness()
    for start in range(0, len(samples), step * 2):
        loudness.add(samples[start : start + step * 2])
    assert loudness.spoken_s == pytest.approx(0.75, abs=0.03)


def test_nothing_is_no_speech() -> None:
    assert Loudness().spoken_s == 0.0


def test_dictation_is_everything_but_what_was_no_word() -> None:
    words = [Word("水管", 0, 1, 0.9), Word("[unk]", 1, 2, 0.9), Word("漏了", 2, 3, 0.4)]
    assert recognition(words, None, 1.0, 3.0, 2.0).text == "水管漏了"
    assert recognition(words[1:2], None, 1.0, 3.0, 2.0).text is None


def wav(tag: int, channels: int, rate: int, bits: int, data: bytes, *, claimed: int | None = None) -> bytes:
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = struct.pack("<4sI", b"fmt ", len(form)) + form + struct.pack("<4sI", b"LIST", 2) + b"ab"
    chunks += struct.pack("<4sI", b"data", len(data) if claimed is None else claimed) + data
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


SAMPLES = np.array([0, 100, -100, 32767, -32768, 5], "<i2").tobytes()


def test_samples_and_a_wav_file_of_them_are_the_same() -> None:
    assert pcm_of(SAMPLES) == SAMPLES
    assert pcm_of(wav(1, 1, 8000, 16, SAMPLES)) == SAMPLES
    assert seconds(b"\0\0" * 4000) == 0.5


def test_half_a_sample_at_the_end_is_dropped() -> None:
    assert pcm_of(SAMPLES + b"\1") == SAMPLES


def test_a_file_that_was_cut_off_or_never_finished_gives_what_there_is() -> None:
    assert pcm_of(wav(1, 1, 8000, 16, SAMPLES, claimed=0xFFFFFFFF)) == SAMPLES
    assert pcm_of(wav(1, 1, 8000, 16, SAMPLES)[:-3]) == SAMPLES[:-4]


def test_two_channels_become_one() -> None:
    both = np.array([100, 300, -50, -150], "<i2").tobytes()
    assert np.frombuffer(pcm_of(wav(1, 2, 8000, 16, both)), "<i2").tolist() == [200, -100]


def test_another_rate_is_brought_to_the_lines() -> None:
    tone = (np.sin(np.arange(16000) / 16000 * 2 * np.pi * 440) * 10000).astype("<i2").tobytes()
    assert len(pcm_of(wav(1, 1, 16000, 16, tone))) == 16000


def test_mu_law_and_a_law_are_decoded_as_the_standard_says() -> None:
    decoded = np.frombuffer(pcm_of(wav(7, 1, 8000, 8, bytes([0xFF, 0x7F, 0x00, 0x80, 0xF0]))), "<i2")
    assert decoded.tolist() == [0, 0, -32124, 32124, 120]
    decoded = np.frombuffer(pcm_of(wav(6, 1, 8000, 8, bytes([0xD5, 0x55, 0xAA, 0x2A, 0x80]))), "<i2")
    assert decoded.tolist() == [8, -8, 32256, -32256, 5504]


@pytest.mark.parametrize(
    "audio",
    [
        b"RIFF",
        b"RIFF\0\0\0\0WAVE",
        wav(3, 1, 8000, 32, b"\0" * 8),
        wav(1, 0, 8000, 16, SAMPLES),
        wav(1, 1, 1, 16, SAMPLES),
    ],
)
def test_what_is_no_recording_is_refused(audio: bytes) -> None:
    with pytest.raises(AudioError):
        pcm_of(audio)


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_be_refused(noise: bytes) -> None:
    for audio in (noise, b"RIFF" + noise, wav(1, 1, 8000, 16, b"")[:36] + noise):
        try:
            assert len(pcm_of(audio)) % 2 == 0
        except AudioError:
            continue
