"""What the line hears with: answers, messages, and what becomes of it all when a model is not as it should be."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr import dialog, listening
from ivr.app import create_app, services_of
from ivr.config import Settings
from ivr.dialog.model import Listen
from ivr.listening import Caught, Ears, MessageWriter, model_folder, open_listening
from ivr.understanding import load_phrases
from speech.models import shipped
from tests.care_records.builders import NOW
from tests.care_records.conftest import sqlite_template, sqlite_url
from tests.ears import FakeEngine, recognition
from tests.speech.engine.conftest import model_folder as broken_model

__all__ = ["broken_model", "sqlite_template", "sqlite_url"]

PHRASES = load_phrases("zh_CN")
MENU = Listen(question="menu", kind="menu", keys="123", speech=True)
MESSAGE = Listen(question="help_message", kind="message", keys="1", speech=True)


def ears(engine: FakeEngine) -> Ears:
    return Ears(engine, PHRASES)  # type: ignore[arg-type]


def writer(engine: FakeEngine) -> MessageWriter:
    return MessageWriter(lambda: engine, PHRASES)  # type: ignore[arg-type, return-value]


# --- Answers


def test_every_question_has_its_grammar_before_the_first_call() -> None:
    engine = FakeEngine(recognition("好"))
    ears(engine)
    assert set(engine.prepared) == set(dialog.QUESTIONS)


def test_a_danger_is_listened_for_after_every_question() -> None:
    engine = FakeEngine(recognition("好"))
    ears(engine)
    assert all({"救命", "胸口疼", "摔倒了"} <= set(prepared.phrases) for prepared in engine.prepared.values())


def test_an_answer_is_listened_to_with_the_grammar_of_its_question() -> None:
    engine = FakeEngine(recognition("我要帮忙", confidence=0.7))
    assert ears(engine).answer(b"", MENU) == Caught("我要帮忙", 0.7, 5)
    assert engine.asked == ["menu"]


def test_of_a_menu_only_whole_phrases_are_answers() -> None:
    engine = FakeEngine(recognition(None, said="味 胸口疼 [unk]"))
    assert ears(engine).answer(b"", MENU).text is None


def test_of_a_message_its_subjects_are_understood_but_never_surely() -> None:
    engine = FakeEngine(recognition(None, said="味 水管漏了 [unk]"))
    assert ears(engine).answer(b"", MESSAGE) == Caught("水管漏了", 0.5, 5)


@pytest.mark.parametrize("said", ["[unk] 再说一遍 [unk]", "再见 [unk]", "[unk] 是的", "[unk]", ""])
def test_a_command_in_the_middle_of_a_message_is_none(said: str) -> None:
    assert ears(FakeEngine(recognition(None, said=said))).answer(b"", MESSAGE) == Caught(cost_ms=5)


def test_an_engine_that_has_lost_its_workers_is_not_listening_until_they_are_back() -> None:
    engine = FakeEngine(recognition("好"))
    line = ears(engine)
    assert line.on
    engine.trouble = "no speech worker is up"
    assert not line.on
    assert line.health()["ok"] is False
    engine.trouble = None
    assert line.on


def test_an_engine_that_dies_over_its_grammars_is_closed_and_the_line_goes_on_by_keys() -> None:
    engine = FakeEngine(recognition("好"))
    engine.breaks = True
    with capture_logs() as logs:
        line = ears(engine)
    assert (line.on, engine.closed, line.answer(b"", MENU)) == (False, True, Caught())
    assert [entry["event"] for entry in logs] == ["speech_engine_not_available"]


# --- Messages


def test_a_model_of_phrases_writes_down_the_subjects_of_a_message() -> None:
    engine = FakeEngine(recognition(None, said="我 胸口疼 [unk] 快来人", confidence=0.8))
    assert writer(engine).write(b"") == Caught("胸口疼，快来人", 0.8, 5)
    assert engine.asked == ["everything"]
    assert {"胸口疼", "报名", "没事"} <= set(engine.prepared["everything"].phrases)


@pytest.mark.parametrize("facts", [{"grammars": False}, {"words": 200_000}])
def test_a_model_of_a_language_takes_dictation(facts: dict[str, Any]) -> None:
    engine = FakeEngine(recognition("厨房的水管坏了", said="厨房 的 水管 坏 了", confidence=0.8), **facts)
    assert writer(engine).write(b"") == Caught("厨房的水管坏了", pytest.approx(0.8), 5)
    assert engine.asked == [None]


@pytest.mark.parametrize("failure", ["timeout", "worker died", "engine", "no worker"])
def test_a_message_that_the_engine_did_not_get_through_is_not_written_down(failure: str) -> None:
    assert writer(FakeEngine(recognition(None, failure=failure))).write(b"") is None


def test_a_message_that_is_no_audio_says_nothing() -> None:
    assert writer(FakeEngine(recognition(None, failure="audio"))).write(b"") == Caught(cost_ms=5)


def test_the_model_for_messages_is_loaded_with_the_first_one() -> None:
    opened: list[FakeEngine] = []

    def open_engine() -> FakeEngine:
        opened.append(FakeEngine(recognition("好")))
        return opened[-1]

    messages = MessageWriter(open_engine, PHRASES)  # type: ignore[arg-type]
    assert messages.health() == {"ok": True, "model": None, "why": "not loaded yet"}
    assert opened == []
    messages.write(b"")
    messages.write(b"")
    assert len(opened) == 1
    messages.close()
    assert opened[0].closed


# --- Which model


def test_the_models_are_the_shipped_one_installed_ones_and_folders(tmp_path: Path) -> None:
    (tmp_path / "models" / "small").mkdir(parents=True)
    assert model_folder(tmp_path, "shipped") == shipped()
    assert model_folder(tmp_path, "small") == tmp_path / "models" / "small"
    assert model_folder(tmp_path, "/srv/model") == Path("/srv/model")


def settings_for(folder: Path, **values: str) -> Settings:
    return Settings(_env_file=None, CARELINE_DATA_DIR=folder, CARELINE_SIMULATOR=True, **values)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(
    ("values", "models"),
    [
        ({"CARELINE_SPEECH_MODEL": "small"}, ["small", "small"]),
        ({"CARELINE_SPEECH_MODEL": "small", "CARELINE_MESSAGE_MODEL": "large"}, ["small", "large"]),
        ({"CARELINE_SPEECH_MODEL": "off"}, []),
        ({"CARELINE_SPEECH_MODEL": "off", "CARELINE_MESSAGE_MODEL": "large"}, ["large"]),
        ({"CARELINE_SPEECH_MODEL": "small", "CARELINE_MESSAGE_MODEL": "off"}, ["small"]),
    ],
)
def test_the_settings_choose_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], models: list[str]
) -> None:
    opened: list[tuple[str, bool]] = []

    def open_or_keys(folder: Path, workers: int | None, *, dictation: bool) -> FakeEngine:
        opened.append((folder.name, dictation))
        return FakeEngine(recognition("好"))

    monkeypatch.setattr(listening, "open_or_keys", open_or_keys)
    found = open_listening(settings_for(tmp_path, **values))
    found.messages.write(b"")
    assert [name for name, _ in opened] == models


# --- Models that are not as they should be


def missing(folder: Path) -> Path:
    return folder.with_name("nothing")


def truncated(folder: Path) -> Path:
    (folder / "graph/Gr.fst").write_bytes(b"")
    return folder


def of_another_language(folder: Path) -> Path:
    (folder / "graph/words.txt").write_text("<eps> 0\nhello 1\n")
    return folder


def without_grammars(folder: Path) -> Path:
    (folder / "graph/HCLG.fst").write_bytes(b"\xd6\xfd\xb2\x7e HCLG")
    return folder


def damaged(folder: Path) -> Path:
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  conf/model.conf\n")
    return folder


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (missing, "there is no model"),
        (truncated, "missing or empty"),
        (of_another_language, "no Chinese"),
        (without_grammars, "use it for messages"),
        (damaged, "not the file"),
        (lambda folder: folder, "Failed to create a model"),
    ],
)
def test_with_a_model_that_cannot_be_used_the_line_is_up_on_keys_and_says_why(
    sqlite_url: str, tmp_path: Path, broken_model: Path, harm: Any, why: str
) -> None:
    settings = settings_for(tmp_path, CARELINE_SPEECH_MODEL=str(harm(broken_model)), CARELINE_DATABASE_URL=sqlite_url)
    with capture_logs():
        app = create_app(settings)
    services = services_of(app)
    services.sweeper.sweep_once(datetime.now(UTC))
    health = app.test_client().get("/healthz")
    context = services.calls.context_for("+8651252880001", NOW)
    services.close()
    assert health.status_code == 200
    assert health.json
    assert health.json["status"] == "degraded"
    assert why in health.json["speech"]["why"]
    assert context.speech is False


def test_a_line_that_is_switched_to_keys_is_well(tmp_path: Path) -> None:
    found = open_listening(settings_for(tmp_path, CARELINE_SPEECH_MODEL="off"))
    assert not found.messages.on
    assert found.health()["ok"] is True
    assert (found.health()["model"], found.health()["why"]) == (None, "off")
