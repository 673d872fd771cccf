"""Calls to test a model with are labelled folders, as `careline speech evaluate` takes them."""

import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pypinyin")
pytest.importorskip("pyworld")
pytest.importorskip("soundfile")

import soundfile

from speech.evaluation.manifest import read
from speech.training import callers, recordings, testing
from speech.training.espeak import HELD_OUT, Manner, synthesiser

MODEL = Path(__file__).parents[3] / "speech" / "models" / "zh-cn-8k"
PHRASES = {"emergency": ["救命"], "fine": ["没事"], "help": ["我要帮忙"], "news": ["听新闻"]}


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    people, out = tmp_path_factory.mktemp("people"), tmp_path_factory.mktemp("calls")
    (people / "甲").mkdir()
    for word in ("救命", "没事", "帮忙", "苹果", "桌子", "火车"):
        soundfile.write(people / "甲" / f"{word}.wav", synthesiser().say(word, Manner("f2")) / 32768, 16_000)
    said = recordings.utterances(recordings.find(people))
    callers.write(out, [list(said)], PHRASES, np.random.default_rng(0))
    return out


def test_questions_are_answered_by_what_is_listened_for_after_them(calls):
    rows = read(calls / "menus")
    assert {row.text for row in rows if row.question == "menu"} == {"救命", "没事", "我要帮忙", "听新闻"}
    assert "听新闻" not in {row.text for row in rows if row.question == "checkin_health"}
    assert {row.noise for row in rows} == {callers.GOOD}


def test_people_say_only_what_their_recordings_hold(calls):
    person = {row.text for row in read(calls / "menus") if row.speaker == "甲"}
    assert person == {"救命", "没事"}


def test_synthetic_voices_are_those_that_nothing_is_learnt_from(calls):
    others = {row.speaker for row in read(calls / "whole")} - {"甲"}
    assert others
    assert others <= {f"espeak-{variant}" for variant in HELD_OUT}


def test_every_phrase_comes_over_every_line_and_a_persons_in_other_voices(calls):
    noises = {row.noise for row in read(calls / "whole") if row.speaker == "甲" and row.text == "救命"}
    assert noises == {*callers.LINES, *(f"{callers.GOOD}, {name}" for name in callers.DISGUISES)}


def test_what_means_nothing_is_said_so_and_is_asked_of_the_menu_too(calls):
    rows = read(calls / "nothing")
    assert all(row.judged and row.intent is None for row in rows)
    assert {row.question for row in rows} == {None, "menu", "checkin_health"}
    assert {row.text for row in rows if row.noise == "other words"} == {"帮忙", "苹果", "桌子", "火车"}
    assert {"noise", "music on hold"} <= {row.noise for row in rows}


def test_recordings_are_telephone_recordings(calls):
    row = read(calls / "whole")[0]
    with wave.open(str(row.audio)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() > 4000


def test_a_model_is_tested_with_all_of_them(calls, monkeypatch):
    monkeypatch.setattr(testing, "GROUPED", {"whole": "noise"})
    figures = testing.tested(MODEL, calls, PHRASES)["whole"]
    assert figures[0]["group"] == "all"
    assert figures[0]["right"]["count"] > figures[0]["right"]["of"] / 2
    assert set(callers.LINES) < {row["group"] for row in figures}
