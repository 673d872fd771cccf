"""`careline checkins`, run as an operator would."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from care_records.models import CheckIn, OutboundCall, Pause, Round
from ivr.cli import careline
from tests.care_records.builders import make_community, make_officer
from tests.outbound.line import MONDAY, Line, at, make_elder

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARELINE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CARELINE_SIMULATOR", "true")
    # Nobody listens there: a call that is placed is put off.
    web = ("--web-url", "http://127.0.0.1:9")
    return lambda *arguments: CliRunner().invoke(
        careline, ["checkins", *arguments, *(web if arguments[0] == "run-due" else ())], catch_exceptions=False
    )


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_plan_says_who_when_and_why_not(run: Run, line: Line) -> None:
    line.add(make_elder(name="张示例"), make_elder(consent_calls=None))
    first, second = lines(run("plan", "--date", "2026-11-23", "--format", "jsonl"))
    assert first == {
        "date": "2026-11-23",
        "person_id": 1,
        "person": "张示例",
        "due_at": "2026-11-23T09:00:00+08:00",
        "due": True,
        "weekly": False,
        "reason": "due by age",
        "state": None,
    }
    assert (second["due"], second["reason"]) == (False, "has not agreed to be called")
    assert line.all(CheckIn) == []


@pytest.mark.parametrize("day", ["2020-01-01", "2032-02-29"])
def test_a_day_long_past_or_far_ahead_can_be_explained(run: Run, line: Line, day: str) -> None:
    line.add(make_elder())
    (row,) = lines(run("plan", "--date", day, "--format", "jsonl"))
    assert row["due"] is (day > "2026")
    assert line.all(CheckIn) == []


def test_a_day_that_is_planned_is_shown_as_it_is(run: Run, line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    (row,) = lines(run("plan", "--date", "2026-11-23", "--format", "jsonl"))
    assert row["state"] == "calling"


def test_the_plan_is_a_table_or_a_spreadsheet_as_well(run: Run, line: Line) -> None:
    line.add(make_elder(name="张示例"))
    table = run("plan", "--date", "2026-11-23").stdout
    assert "张示例" in table
    assert "1 of 1 people are due" in table
    (row,) = csv.DictReader(io.StringIO(run("plan", "--date", "2026-11-23", "--format", "csv").stdout))
    assert (row["person"], row["due"]) == ("张示例", "True")


def test_what_is_due_is_done_as_of_the_moment_that_is_given(run: Run, line: Line) -> None:
    line.add(make_elder())
    summary = lines(run("run-due", "--now", "2026-11-23T09:00"))[0]
    assert (summary["planned"], summary["done"], summary["failed"]) == (1, 1, 0)
    (call,) = line.all(OutboundCall)
    assert (call.put_off, call.due_at) == (1, at("09:00:05"))


def test_a_moment_that_is_none_is_refused(run: Run) -> None:
    assert "ISO 8601" in run("run-due", "--now", "tomorrow").stderr


def test_a_pause_takes_back_what_was_planned(run: Run, line: Line) -> None:
    line.add(make_elder(), make_officer(name="值班员甲"))
    line.outbound.plan_day(None, at("06:00"))
    result = run("pause", "1", "--from", "2026-11-23", "--until", "2026-11-30", "--reason", "住院", "--by", "值班员甲")
    assert result.exit_code == 0
    assert line.check_in().taken_by == "值班员甲"
    (pause,) = line.all(Pause)
    assert (pause.first_day, pause.last_day) == (MONDAY, MONDAY + timedelta(days=7))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("9", "--until", "2026-11-30", "--by", "值班员甲"), "no person with the number 9"),
        (("1", "--until", "2026-11-30", "--by", "某某"), "0 members of staff"),
        (("1", "--from", "2026-11-30", "--until", "2026-11-29", "--by", "值班员甲"), "ends after it begins"),
    ],
)
def test_a_pause_that_cannot_be_is_explained(run: Run, line: Line, arguments: tuple[str, ...], told: str) -> None:
    line.add(make_elder(), make_officer(name="值班员甲"))
    result = run("pause", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_round_is_started_shown_and_stopped(run: Run, line: Line) -> None:
    line.add(make_officer(name="值班员甲"), make_elder(community=make_community(name="示范社区")), make_elder())
    opening = ("--opening", "这几天热，请多喝水。", "--by", "值班员甲")
    started = run("round", "start", "高温", *opening, "--community", "示范社区", "--at", "2026-11-23T10:00")
    assert "1 people in the group" in started.stdout
    line.outbound.plan_day(None, at("10:00"))
    (row,) = lines(run("round", "list"))
    assert (row["name"], row["stopped_at"]) == ("高温", None)
    assert row["check_ins"] == {"total": 1, "planned": 1}
    assert run("round", "stop", "1", "--by", "值班员甲").stdout == "stopped\n"
    assert run("round", "stop", "1", "--by", "值班员甲").stdout == "it had been stopped before\n"
    (round_,) = line.all(Round)
    assert round_.stopped_at is not None


def test_a_round_of_a_community_that_is_none_is_refused(run: Run, line: Line) -> None:
    line.add(make_officer(name="值班员甲"))
    result = run("round", "start", "高温", "--opening", "热。", "--by", "值班员甲", "--community", "某社区")
    assert "no community" in result.stderr


def test_a_round_that_is_none_cannot_be_stopped(run: Run, line: Line) -> None:
    assert "no round 5" in run("round", "stop", "5", "--by", "值班员甲").stderr
