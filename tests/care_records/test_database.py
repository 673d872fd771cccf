import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import UNAVAILABLE, make_engine, make_sessions, upgrade
from care_records.models import Contact, Person
from tests.care_records.builders import make_contact, make_person
from tests.postgres import PostgresServer

WAIT_S = 0.1


def file_of(url: str) -> Path:
    path = make_url(url).database
    assert path
    return Path(path)


def people(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count(Person.id))) or 0


def add_person(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(make_person())


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_url, wait_s=WAIT_S)
    yield engine
    engine.dispose()


@pytest.fixture
def line(engine: Engine) -> sessionmaker[Session]:
    """Sessions on SQLite whose pool already holds a connection."""
    sessions = make_sessions(engine)
    add_person(sessions)
    return sessions


def test_a_missing_file_is_an_error_and_stays_missing(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'none.db'}")

    with pytest.raises(OperationalError):
        add_person(make_sessions(engine))
    assert not (tmp_path / "none.db").exists()


def test_nothing_is_written_into_a_file_that_has_been_deleted(line: sessionmaker[Session], sqlite_url: str) -> None:
    file_of(sqlite_url).unlink()

    with pytest.raises(OperationalError):
        add_person(line)
    assert not file_of(sqlite_url).exists()


def test_a_file_that_is_put_back_is_found_again(line: sessionmaker[Session], sqlite_url: str, tmp_path: Path) -> None:
    path = file_of(sqlite_url)
    away = tmp_path / "away.db"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").rename(f"{away}{suffix}")
    with pytest.raises(OperationalError):
        add_person(line)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{away}{suffix}").rename(f"{path}{suffix}")

    add_person(line)

    assert people(line) == 2


def test_after_a_file_is_replaced_the_line_writes_into_the_new_one(
    line: sessionmaker[Session], sqlite_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "new.db")
    file_of(sqlite_url).unlink()
    for suffix in ("-wal", "-shm"):
        Path(f"{file_of(sqlite_url)}{suffix}").unlink(missing_ok=True)
    (tmp_path / "new.db").rename(file_of(sqlite_url))

    add_person(line)

    with sqlite3.connect(file_of(sqlite_url)) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (1,)
    connection.close()


def test_a_file_deleted_during_a_transaction_fails_its_commit(line: sessionmaker[Session], sqlite_url: str) -> None:
    session = line()
    session.add(make_person())
    session.flush()
    file_of(sqlite_url).unlink()

    with session, pytest.raises(OperationalError, match="deleted or replaced"):
        session.commit()


def test_a_locked_database_fails_after_the_wait(line: sessionmaker[Session], sqlite_url: str) -> None:
    other = sqlite3.connect(file_of(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"):
        add_person(line)
    other.close()


def test_a_locked_database_can_still_be_read(engine: Engine, line: sessionmaker[Session], sqlite_url: str) -> None:
    other = sqlite3.connect(file_of(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert people(make_sessions(engine, read_only=True)) == 1
    other.close()


def test_a_database_that_refuses_writes_can_still_be_read(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    with pytest.raises(OperationalError, match="readonly"):
        add_person(make_sessions(engine))
    assert people(make_sessions(engine, read_only=True)) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_read_only_file_is_an_operational_error(line: sessionmaker[Session], sqlite_url: str) -> None:
    line.kw["bind"].dispose()
    file_of(sqlite_url).chmod(0o400)

    with pytest.raises(OperationalError):
        add_person(line)


def test_a_file_that_is_no_database_is_an_operational_error(tmp_path: Path) -> None:
    path = tmp_path / "careline.db"
    path.write_text("今天的会议记录" * 1000)
    engine = make_engine(f"sqlite:///{path}")

    with pytest.raises(OperationalError, match="not a database"):
        people(make_sessions(engine))
    engine.dispose()


def test_a_read_followed_by_a_write_survives_another_writer(line: sessionmaker[Session]) -> None:
    """In a deferred transaction SQLite would fail the second write at once, whatever the timeout."""
    with line() as first:
        first.scalars(select(Person)).all()
        with pytest.raises(OperationalError, match="locked"):
            add_person(line)
        first.add(make_person())
        first.commit()

    assert people(line) == 2


@pytest.mark.parametrize("name", ["有 空格.db", "100%?.db", "a#b&c=d.db"])
def test_a_path_may_hold_any_characters(tmp_path: Path, name: str) -> None:
    url = make_url("sqlite://").set(database=str(tmp_path / name)).render_as_string()
    upgrade(url)
    engine = make_engine(url)

    add_person(make_sessions(engine))

    assert (tmp_path / name).exists()
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/line", "careline.db", "", "sqlite:///file:x?uri=true"]
)
def test_a_url_that_names_no_kept_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite|SQLite"):
        make_engine(url)


def test_people_take_their_contacts_with_them(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(make_person(contacts=[make_contact()]))
    with sessions.begin() as session:
        session.execute(text("DELETE FROM people"))

    with sessions() as session:
        assert session.scalars(select(Contact)).all() == []


def test_a_contact_of_nobody_is_refused(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        session.add(make_contact(person_id=4711))
        with pytest.raises(IntegrityError):
            session.flush()


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    upgrade(postgres_url)
    engine = make_engine(postgres_url, wait_s=WAIT_S)
    yield engine
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_a_postgresql_url_means_the_same(postgres_url: str, scheme: str) -> None:
    engine = make_engine(f"{scheme}://{postgres_url.split('://', 1)[1]}")

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    assert engine.driver == "psycopg"
    engine.dispose()


@pytest.mark.postgres
def test_a_row_that_somebody_holds_fails_after_the_wait(postgres: Engine) -> None:
    sessions = make_sessions(postgres)
    add_person(sessions)
    with sessions() as first, sessions() as second:
        first.execute(text("UPDATE people SET notes = 'x'"))
        with pytest.raises(OperationalError, match="timeout"):
            second.execute(text("UPDATE people SET notes = 'y'"))


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_fails(postgres: Engine) -> None:
    with make_sessions(postgres)() as session, pytest.raises(OperationalError, match="statement timeout"):
        session.execute(text("SELECT pg_sleep(10)"))


@pytest.mark.postgres
def test_a_server_that_refuses_writes_is_an_operational_error(postgres: Engine, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = make_url(postgres_url).database
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    postgres.dispose()

    with pytest.raises(OperationalError, match="read-only"):
        add_person(make_sessions(postgres))
    assert people(make_sessions(postgres, read_only=True)) == 0


@pytest.mark.postgres
def test_a_read_only_session_cannot_write(postgres: Engine) -> None:
    with pytest.raises(OperationalError, match="read-only"):
        add_person(make_sessions(postgres, read_only=True))
    add_person(make_sessions(postgres))


@pytest.mark.postgres
def test_a_database_that_is_gone_is_an_operational_error(
    postgres: Engine, postgres_url: str, postgres_server: PostgresServer
) -> None:
    add_person(make_sessions(postgres))
    postgres_server.drop(postgres_url)

    with pytest.raises(OperationalError):
        add_person(make_sessions(postgres))


@pytest.mark.postgres
def test_a_connection_that_the_server_closed_is_replaced(postgres: Engine, postgres_server: PostgresServer) -> None:
    add_person(make_sessions(postgres))
    postgres_server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{postgres.url.database}'"
    )

    add_person(make_sessions(postgres))

    assert people(make_sessions(postgres)) == 2


def test_no_connection_free_counts_as_unavailable(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url, wait_s=0.01)
    readers = make_sessions(engine, read_only=True)
    open_sessions = [readers() for _ in range(80)]
    for session in open_sessions:
        session.connection()

    with pytest.raises(UNAVAILABLE):
        people(readers)
    for session in open_sessions:
        session.close()
    engine.dispose()


def test_an_error_does_not_tell_what_was_to_be_written(sqlite_url: str) -> None:
    """Errors are logged, and logs hold no names and no numbers."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine)() as session:
        session.add(make_person(name="李样本", phone="+8651200004321", birth_date=None))
        with pytest.raises(IntegrityError) as refused:
            session.flush()

    assert "李样本" not in str(refused.value)
    assert "4321" not in str(refused.value)
    engine.dispose()
