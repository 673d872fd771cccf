"""The commands that work on the records, run as an operator would."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from care_records.database import downgrade, head_revision, make_engine, make_sessions
from care_records.models import Person
from ivr.cli import careline
from tests.care_records.builders import make_call, make_check_in, make_person, make_request

Run = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings' database, not made yet."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'data' / 'careline.db'}"
    monkeypatch.setenv("CARELINE_DATABASE_URL", url)
    return url


@pytest.fixture
def run(url: str) -> Run:
    return lambda *arguments: CliRunner().invoke(careline, arguments)


@pytest.fixture
def ready(run: Run) -> Run:
    assert run("db", "upgrade").exit_code == 0
    return run


def people(url: str) -> int:
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        count = session.scalar(select(func.count(Person.id)))
    engine.dispose()
    return count or 0


def test_the_database_is_made_and_may_be_upgraded_again(run: Run, url: str) -> None:
    assert f"revision {head_revision()}" in run("db", "upgrade").stdout
    assert run("db", "upgrade").exit_code == 0
    assert people(url) == 0


def test_a_folder_that_cannot_be_made_is_explained(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    result = run("db", "upgrade")

    assert result.exit_code == 1
    assert "cannot be made" in result.stderr


@pytest.mark.parametrize("command", [("demo",), ("export", "calls")])
def test_a_command_without_a_database_says_so(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command)

    assert result.exit_code == 1
    assert "does not answer" in result.stderr


def test_a_command_on_old_tables_says_what_to_run(ready: Run, url: str) -> None:
    downgrade(url, "base")

    assert "careline db upgrade" in ready("demo").stderr


def test_a_wrong_database_url_is_explained(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELINE_DATABASE_URL", "mysql://localhost/line")

    assert "CARELINE_DATABASE_URL: the records are kept in sqlite or postgresql" in run("demo").stderr


def test_the_demo_fills_an_empty_database_once(ready: Run, url: str) -> None:
    assert "439 invented people" in ready("demo").stdout
    second = ready("demo")

    assert (second.exit_code, people(url)) == (0, 439)
    assert "nothing was added" in second.stdout


def test_a_roster_is_imported_and_summed_up(ready: Run, url: str, tmp_path: Path) -> None:
    roster = tmp_path / "名册.csv"
    roster.write_text("姓名,性别,出生日期,类别,电话,血型\n张示例,男,1936-05-06,离休,,A\n", encoding="utf-8")

    result = ready("roster", "import", str(roster))

    assert (result.exit_code, people(url)) == (0, 1)
    assert "1 people added" in result.stdout
    assert "「血型」" in result.stderr


def test_a_refused_roster_names_every_row_and_column_and_fails(ready: Run, url: str, tmp_path: Path) -> None:
    roster = tmp_path / "名册.csv"
    roster.write_text(
        "姓名,性别,出生日期,类别,电话\n张示例,男,2036-05-06,离休,[red]120\n,女,1936-05-06,退休,\n", encoding="utf-8"
    )

    result = ready("roster", "import", str(roster))

    assert (result.exit_code, people(url)) == (1, 0)
    assert "3 problems" in result.stderr
    for words in ("出生日期在将来", "不是一个电话号码", "[red]120", "没有填"):
        assert words in result.stderr


def test_a_roster_that_is_not_there_is_a_usage_error(ready: Run) -> None:
    assert ready("roster", "import", "nowhere.csv").exit_code == 2


@pytest.fixture
def with_records(ready: Run, url: str) -> Run:
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        call = make_call(sid="CA1", person=make_person(name="张示例"))
        session.add_all([call, make_request(call=call, transcript="灯坏了"), make_check_in(person=call.person)])
    engine.dispose()
    return ready


def test_json_lines_are_what_is_exported_by_default(with_records: Run) -> None:
    (call,) = map(json.loads, with_records("export", "calls").stdout.splitlines())
    (request,) = map(json.loads, with_records("export", "help-requests", "--format", "jsonl").stdout.splitlines())
    (check_in,) = map(json.loads, with_records("export", "check-ins").stdout.splitlines())

    assert (call["sid"], call["person"], call["turns"]) == ("CA1", "张示例", [])
    assert (request["call_sid"], request["transcript"], request["person"]) == ("CA1", "灯坏了", None)
    assert (check_in["person"], check_in["state"], check_in["attempts"]) == ("张示例", "planned", [])


def test_a_csv_begins_with_the_mark_that_excel_looks_for(with_records: Run) -> None:
    exported = with_records("export", "help-requests", "--format", "csv").stdout_bytes

    assert exported.startswith(b"\xef\xbb\xbfid,number,person,")
    assert "灯坏了" in exported.decode("utf-8-sig")


def test_a_workbook_can_be_opened(with_records: Run) -> None:
    exported = with_records("export", "calls", "--format", "xlsx").stdout_bytes
    rows = list(openpyxl.load_workbook(io.BytesIO(exported)).worksheets[0].iter_rows(values_only=True))

    assert [row[0] for row in rows] == ["sid", "CA1"]


def test_a_workbook_is_not_written_to_a_terminal(with_records: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.commands.export._is_terminal", lambda: True)
    result = with_records("export", "calls", "--format", "xlsx")

    assert result.exit_code == 2
    assert result.stdout_bytes == b""


def test_what_cannot_be_exported_is_a_usage_error(ready: Run) -> None:
    assert ready("export", "secrets").exit_code == 2
    assert ready("export", "calls", "--format", "pdf").exit_code == 2
