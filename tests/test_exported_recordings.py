"""`careline export recordings`: callers' voices with what is said in them, as speech evaluation reads them."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from care_records import database
from care_records.models import Base, Call, CallTurn, Recording
from care_records.models.calls import RecordingState
from care_records.services import recordings
from ivr.cli import careline
from ivr.config import Settings, load_settings
from speech.evaluation.manifest import read
from tests.care_records.builders import NOW, make_call, make_person

Export = Callable[..., Result]


@pytest.fixture
def settings() -> Settings:
    """With an empty database."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True)
    database.upgrade(settings.database)
    return settings


@pytest.fixture
def export(settings: Settings, tmp_path: Path) -> Export:
    def run(*rows: Base, options: tuple[str, ...] = ()) -> Result:
        engine = database.make_engine(settings.database)
        with database.make_sessions(engine).begin() as session:
            session.add_all(rows)
        engine.dispose()
        return CliRunner().invoke(careline, ["export", "recordings", str(tmp_path / "out"), *options])

    return run


@pytest.fixture
def said(settings: Settings) -> Callable[..., Call]:
    """A call with one recording, stored in the data folder; `turn` is how it was heard."""

    def make(sid: str, turn: dict[str, Any] | None = None, call: dict[str, Any] | None = None, **values: Any) -> Call:
        audio = f"audio of {sid}".encode()
        path = Path("recordings/2026/11") / f"{sid}.wav"
        (settings.data_dir / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / path).write_bytes(audio)
        stored = {
            "state": RecordingState.STORED,
            "path": path.as_posix(),
            "sha256": hashlib.sha256(audio).hexdigest(),
            "created_at": NOW,
        }
        recording = Recording(sid=sid, url="https://provider.example", due_at=NOW, **stored | values)
        answered = {"number": 1, "said": [], "asked": "menu", "answer": "utterance", "at": NOW, "took_ms": 9}
        return make_call(
            recordings=[recording], turns=[CallTurn(recording_sid=sid, **answered | (turn or {}))], **call or {}
        )

    return make


def rows_of(folder: Path, name: str = "manifest.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def test_a_recording_goes_out_with_what_the_line_heard(
    export: Export, said: Callable[..., Call], tmp_path: Path
) -> None:
    call = said("RE1", {"heard": "我要帮忙", "confidence": 0.7}, {"person": make_person()})
    assert export(call).exit_code == 0
    (row,) = rows_of(tmp_path / "out")
    assert row == {
        "audio": "audio/RE1.wav",
        "text": "我要帮忙",
        "question": "menu",
        "speaker": "person-1",
        "labelled_by": "line",
        "confidence": 0.7,
    }
    assert (tmp_path / "out" / row["audio"]).read_bytes() == b"audio of RE1"


def test_evaluation_reads_what_was_exported(export: Export, said: Callable[..., Call], tmp_path: Path) -> None:
    export(said("RE1", {"heard": "我要帮忙"}))
    (labelled,) = read(tmp_path / "out")
    assert (labelled.text, labelled.question, labelled.speaker) == ("我要帮忙", "menu", "unknown")
    assert not labelled.judged


@pytest.mark.parametrize("text", ["我要帮你", ""])
def test_what_staff_heard_is_the_label(export: Export, said: Callable[..., Call], tmp_path: Path, text: str) -> None:
    export(said("RE1", {"heard": "我要帮忙", "confidence": 0.7}, corrected=text))
    (row,) = rows_of(tmp_path / "out")
    assert (row["text"], row["labelled_by"], row["confidence"]) == (text, "staff", None)


def test_a_correction_is_kept_beside_what_the_machine_heard(settings: Settings, said: Callable[..., Call]) -> None:
    engine = database.make_engine(settings.database)
    with database.make_sessions(engine).begin() as session:
        call = said("RE1", transcript="胸闷")
        session.add(call)
        session.flush()
        recordings.correct(session, call.recordings[0], "新闻")
    with database.make_sessions(engine)() as session:
        recording = session.get_one(Recording, 1)
        assert (recording.transcript, recording.corrected) == ("胸闷", "新闻")
    engine.dispose()


def test_what_was_written_down_afterwards_is_the_label_of_what_the_line_had_not_heard(
    export: Export, said: Callable[..., Call], tmp_path: Path
) -> None:
    export(said("RE1", transcript="水管漏了", transcript_confidence=0.6))
    (row,) = rows_of(tmp_path / "out")
    assert (row["text"], row["confidence"], row["labelled_by"]) == ("水管漏了", 0.6, "line")


def test_what_nobody_has_made_out_is_listed_apart(export: Export, said: Callable[..., Call], tmp_path: Path) -> None:
    result = export(said("RE1"), said("RE2", {"heard": "救命"}))
    assert [row["audio"] for row in rows_of(tmp_path / "out")] == ["audio/RE2.wav"]
    assert [row["audio"] for row in rows_of(tmp_path / "out", "unlabelled.jsonl")] == ["audio/RE1.wav"]
    assert "1 labelled recordings, 1 that nobody has made out" in result.output


def test_nobody_who_refused_to_be_recorded_and_no_name_or_number_goes_out(
    export: Export, said: Callable[..., Call], tmp_path: Path
) -> None:
    refused, named = make_person(consent_recording=False), make_person(name="张示例")
    calls = [said("RE1", {"heard": "救命"}, {"person": refused}), said("RE2", {"heard": "救命"}, {"person": named})]
    export(*calls)
    assert [row["audio"] for row in rows_of(tmp_path / "out")] == ["audio/RE2.wav"]
    written = (tmp_path / "out" / "manifest.jsonl").read_text("utf-8")
    assert "张示例" not in written
    assert "1234" not in written


@pytest.mark.parametrize(("day", "sids"), [("2026-11-23", ["RE2"]), ("2026-11-22", ["RE1", "RE2"])])
def test_only_those_since_a_day_go_out(
    export: Export, said: Callable[..., Call], tmp_path: Path, day: str, sids: list[str]
) -> None:
    midnight = datetime.fromisoformat("2026-11-23T00:00:00+08:00")
    before = said("RE1", {"heard": "救命"}, created_at=midnight - timedelta(seconds=1))
    export(before, said("RE2", {"heard": "救命"}, created_at=midnight), options=("--since", day))
    assert [Path(row["audio"]).stem for row in rows_of(tmp_path / "out")] == sids


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"something else")])
def test_audio_that_is_not_what_was_stored_is_left_out_and_reported(
    export: Export, said: Callable[..., Call], settings: Settings, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    calls = [said("RE1", {"heard": "救命"}), said("RE2", {"heard": "救命"})]
    harm(settings.data_dir / "recordings/2026/11/RE1.wav")
    result = export(*calls)
    assert result.exit_code == 1
    assert "1 recordings are not in the data folder as they were stored" in result.output
    assert [row["audio"] for row in rows_of(tmp_path / "out")] == ["audio/RE2.wav"]


def test_recordings_that_have_not_been_fetched_are_not_there(
    export: Export, said: Callable[..., Call], tmp_path: Path
) -> None:
    export(said("RE1", {"heard": "救命"}, state=RecordingState.PENDING, path=None))
    assert rows_of(tmp_path / "out") == []


def test_an_export_is_not_written_over(export: Export, said: Callable[..., Call]) -> None:
    assert export(said("RE1", {"heard": "救命"})).exit_code == 0
    result = export()
    assert result.exit_code == 1
    assert "there is an export already" in result.output
