"""One command makes a model folder of a few recordings, and does nothing twice."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("pypinyin")
pytest.importorskip("pyworld")
pytest.importorskip("soundfile")
pytest.importorskip("vosk")

import soundfile
import torch

from speech.engine import inspect
from speech.evaluation.manifest import read
from speech.training import learning, model_folder, network, pipeline
from speech.training.espeak import Manner, synthesiser
from speech.training.work import Work

PHRASES = {"emergency": ["救命"], "fine": ["没事"], "help": ["我要帮忙"]}
SHORT = learning.Plan(hours=0.01, batch_frames=600)


def heard_by_nobody(_model, calls, _phrases):
    """A network that has learnt nothing would be searched for minutes."""
    return {"menus": [{"recordings": len(read(calls / "menus"))}]}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "FIRST", replace(pipeline.FIRST, hours=0.01))
    monkeypatch.setattr(pipeline, "SILENT_CALLS", 5)
    monkeypatch.setattr(pipeline.testing, "tested", heard_by_nobody)
    for speaker, variant in (("甲", "f2"), ("乙", "m3")):
        (tmp_path / "people" / speaker).mkdir(parents=True)
        for word in ("救命", "没事", "帮忙", "我要", "苹果", "火车"):
            sound = synthesiser().say(word, Manner(variant)) / 32768
            soundfile.write(tmp_path / "people" / speaker / f"{word}.wav", sound, 16_000)
    phrases = tmp_path / "phrases.json"
    phrases.write_text(json.dumps({"intents": PHRASES}), "utf-8")
    shape = network.Shape(width=32, bottleneck=16, reach=(1, 1))
    return pipeline.Settings((tmp_path / "people",), phrases, without=("乙",), plan=SHORT, shape=shape)


def test_folders_of_recordings_become_a_model_that_the_engine_takes(settings, tmp_path):
    report = pipeline.make(settings, Work(tmp_path / "work"), tmp_path / "model", lambda *_: None)
    facts = inspect(tmp_path / "model")
    assert (facts.checked, facts.grammars, facts.rate, facts.unknown) == (True, True, 8000, True)
    voices = {voice for source in report["sources"] for voice in source["voices"]}
    assert "甲" in voices
    assert "乙" not in voices
    assert report["tested"]["menus"][0]["recordings"] > 0
    assert json.loads((tmp_path / "model" / "training" / "report.json").read_text("utf-8"))["tested"]


def test_a_second_run_makes_nothing_anew(settings, tmp_path, monkeypatch):
    work = Work(tmp_path / "work")
    pipeline.make(settings, work, tmp_path / "one", lambda *_: None)
    monkeypatch.setattr(pipeline.learning, "learn", lambda *_: pytest.fail("learnt again"))
    monkeypatch.setattr(pipeline.synthesis, "formant", lambda *_: pytest.fail("spoken again"))
    pipeline.make(settings, work, tmp_path / "two", lambda *_: None)
    made = [(tmp_path / name / "am" / "final.mdl").read_bytes() for name in ("one", "two")]
    assert made[0] == made[1]


def test_a_model_can_go_on_from_another_one(settings, tmp_path):
    work, first, second = Work(tmp_path / "work"), tmp_path / "first", tmp_path / "second"
    pipeline.make(settings, work, first, lambda *_: None)
    with_everybody = replace(settings, without=(), start=first, plan=replace(SHORT, hours=0.0))
    report = pipeline.make(with_everybody, work, second, lambda *_: None)
    assert "乙" in {voice for source in report["sources"] for voice in source["voices"]}
    begun, gone_on = (model_folder.load_network(folder).state_dict() for folder in (first, second))
    assert all(torch.equal(begun[name], gone_on[name]) for name in begun)
