from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import OperationalError

from care_records.database import (
    current_revision,
    downgrade,
    head_revision,
    make_engine,
    make_sessions,
    upgrade,
)
from care_records.models import Alert, Base, HelpRequest, Person
from care_records.models.requests import AlertState
from tests.care_records.builders import NOW, make_call, make_person, make_request


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new folder' / 'care%20line.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_upgrading_nothing_makes_the_newest_tables(empty_url: str) -> None:
    upgrade(empty_url)

    assert current_revision(empty_url) == head_revision()


def test_upgrading_twice_keeps_what_is_there(empty_url: str) -> None:
    upgrade(empty_url)
    engine = make_engine(empty_url)
    with make_sessions(engine).begin() as session:
        session.add(make_person(name="张示例"))

    upgrade(empty_url)

    with make_sessions(engine)() as session:
        assert session.scalars(select(Person.name)).all() == ["张示例"]
    engine.dispose()


def test_the_migrated_tables_are_those_of_the_models(empty_url: str) -> None:
    upgrade(empty_url)
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_migrated_constraints_are_those_of_the_models(empty_url: str, tmp_path: Path) -> None:
    """Alembic's comparison does not look at checks, nor at what a foreign key does when its target goes."""
    upgrade(empty_url)
    engine = make_engine(empty_url)
    migrated = {table.name: _constraints(inspect(engine), table.name) for table in Base.metadata.sorted_tables}
    downgrade(empty_url, "base")
    Base.metadata.create_all(engine)
    modelled = {table.name: _constraints(inspect(engine), table.name) for table in Base.metadata.sorted_tables}
    engine.dispose()

    assert migrated == modelled


def _constraints(inspector: object, table: str) -> object:
    ask: Callable[[str], Callable[[str], list[dict[str, object]]]] = lambda name: getattr(inspector, name)  # noqa: E731
    by_name: dict[str, str] = {}
    for kind in ("get_check_constraints", "get_foreign_keys", "get_unique_constraints", "get_indexes"):
        by_name |= {str(found["name"]): str(sorted(_written_out(found).items())) for found in ask(kind)(table)}
    return by_name


def _written_out(found: dict[str, Any]) -> dict[str, str]:
    """SQL within is shown as the words that it is."""
    options = found.get("dialect_options", {})
    return {
        key: str(value) for key, value in (found | {"dialect_options": {k: str(options[k]) for k in options}}).items()
    }


def test_going_down_with_rows_in_the_tables_leaves_no_table_of_ours(empty_url: str) -> None:
    upgrade(empty_url)
    engine = make_engine(empty_url)
    with make_sessions(engine).begin() as session:
        call = make_call(person=make_person())
        session.add(call)
        session.flush()
        session.add(make_request(call_id=call.id))

    downgrade(empty_url, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert current_revision(empty_url) is None
    engine.dispose()


def test_going_down_and_up_again_gives_tables_that_work(empty_url: str) -> None:
    upgrade(empty_url)
    downgrade(empty_url, "base")
    upgrade(empty_url)

    engine = make_engine(empty_url)
    with make_sessions(engine).begin() as session:
        session.add(make_request(created_at=datetime(2026, 11, 23, 6, tzinfo=UTC)))
    with make_sessions(engine)() as session:
        assert session.scalars(select(HelpRequest.created_at)).one() == datetime(2026, 11, 23, 6, tzinfo=UTC)
    engine.dispose()


def test_a_database_that_was_never_made_has_no_revision_to_tell(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        current_revision(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_only_its_owner_may_read_a_new_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "careline.db"
    upgrade(f"sqlite:///{path}")

    assert path.stat().st_mode & 0o077 == 0


def test_alerts_and_owners_of_older_tables_are_brought_along_both_ways(empty_url: str) -> None:
    """0002 names what an alert is about by a word instead of a recording, and who has a request by a name."""
    upgrade(empty_url)
    downgrade(empty_url, "0001")
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    upgrade(empty_url)

    with make_sessions(engine).begin() as session:
        alert = session.scalars(select(Alert)).one()
        request = alert.request
        assert (alert.reason, alert.body, alert.state) == ("recording-7", "请回电", AlertState.SENT)
        assert (request.taken_by, request.person and request.person.frail) == ("王值班", False)
        session.add(Alert(request_id=request.id, reason="escalation-1-1", **ALERT))

    downgrade(empty_url, "0001")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT recording_id, body FROM alerts")).all() == [(7, "请回电")]
    engine.dispose()


MOMENT = "'2026-11-23 02:00:00.000000'"
ALERT: dict[str, Any] = {
    "to_number": "+8651200009001",
    "body": "请接电话",
    "state": AlertState.WAITING,
    "due_at": NOW,
    "created_at": NOW,
}
OLD_ROWS = (
    "INSERT INTO staff (id, name, active) VALUES (3, '王值班', true)",
    "INSERT INTO people (id, name, address_as, birth_date, address, hearing, dialect, slow_speech, lives_alone, notes)"
    " VALUES (1, '张示例', '张老', '1936-05-06', '', '', '', false, true, '')",
    "INSERT INTO calls (id, sid, direction, purpose, status, started_at, updated_at, turn_number, state, turn, context)"
    f" VALUES (5, 'CA1', 'inbound', 'inbound', 'completed', {MOMENT}, {MOMENT}, 1, '{{}}', '{{}}', '{{}}')",
    "INSERT INTO recordings (id, call_id, sid, url, state, attempts, due_at, created_at, transcription_attempts)"
    f" VALUES (7, 5, 'RE1', 'https://provider.example', 'stored', 0, {MOMENT}, {MOMENT}, 0)",
    "INSERT INTO help_requests (id, number, person_id, category, urgency, reason, matter, confirmed, status,"
    " assignee_id, created_at, due_at) VALUES (4, '20261123-001', 1, 'repair', 'red', 'message', '', false, 'taken',"
    f" 3, {MOMENT}, {MOMENT})",
    "INSERT INTO alerts (request_id, recording_id, to_number, body, state, attempts, due_at, created_at)"
    f" VALUES (4, 7, '+8651200009001', '请回电', 'sent', 1, {MOMENT}, {MOMENT})",
)
