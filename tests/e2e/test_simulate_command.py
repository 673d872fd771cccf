"""`careline call simulate`: what an operator sees, and the exit code."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from care_records import database
from care_records.models import Recording
from ivr.commands.call import command
from ivr.config import load_settings

SCRIPTS = Path(__file__).parents[2] / "docs" / "callers"


@pytest.fixture
def records() -> None:
    """The configured database, without anybody in it."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True)
    database.upgrade(settings.database)


def simulate(script: Path | str) -> Result:
    return CliRunner().invoke(command, ["simulate", str(script)])


@pytest.mark.usefixtures("records")
def test_the_call_is_printed_as_it_went() -> None:
    result = simulate(SCRIPTS / "help.yaml")
    assert result.exit_code == 0, result.output
    assert "line     您要办什么事？请慢慢说，说完按1。" in result.output
    assert "caller   says 我家厨房的水管坏了" in result.output
    assert "✓ the call went as the script says" in result.output


@pytest.mark.usefixtures("records")
def test_what_the_caller_said_is_kept_when_the_network_is_gone() -> None:
    simulate(SCRIPTS / "help.yaml")
    engine = database.make_engine(load_settings().database)
    with database.make_sessions(engine)() as session:
        assert list(session.scalars(select(Recording.state))) == ["stored"]
    engine.dispose()


@pytest.mark.usefixtures("records")
def test_a_call_that_goes_otherwise_ends_with_1_and_says_why(tmp_path: Path) -> None:
    script = tmp_path / "wrong.yaml"
    script.write_text("steps:\n  - hear: menu.person\n  - press: '3'\n  - wait: 1\nexpect: {requests: [fell]}\n")
    result = simulate(script)
    assert result.exit_code == 1
    assert "✗ help requests: none, expected fell" in result.output


def test_a_faulty_script_is_reported_before_anything_is_started(tmp_path: Path) -> None:
    script = tmp_path / "bad.yaml"
    script.write_text("steps:\n  - shout: help\n")
    result = simulate(script)
    assert result.exit_code == 1
    assert f"{script}:2: step 1: no step is called 'shout'" in result.output


def test_a_database_that_is_not_there_is_reported(tmp_path: Path) -> None:
    result = simulate(SCRIPTS / "help.yaml")
    assert result.exit_code == 1
    assert "the database does not answer" in result.output


@pytest.mark.usefixtures("records")
def test_nobody_is_rung_who_is_not_in_the_records() -> None:
    result = simulate(SCRIPTS / "checkin-fine.yaml")
    assert result.exit_code == 1
    assert "nobody in the records has the telephone +8651200000001" in result.output
