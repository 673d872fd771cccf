"""A line of its own for each test, on SQLite; those about two workers at once run on PostgreSQL as well."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from tests.care_records.conftest import database_url, postgres_template, sqlite_template, sqlite_url
from tests.outbound.line import Line, make_settings
from tests.postgres import postgres_server, postgres_url

__all__ = ["database_url", "postgres_server", "postgres_template", "postgres_url", "sqlite_template", "sqlite_url"]


@pytest.fixture
def sessions(sqlite_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(sqlite_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def line(sessions: sessionmaker[Session], tmp_path: Path) -> Line:
    return Line(sessions, make_settings(tmp_path))


@pytest.fixture
def either_line(database_url: str, tmp_path: Path) -> Iterator[Line]:
    """On SQLite and on PostgreSQL."""
    engine = make_engine(database_url)
    yield Line(make_sessions(engine), make_settings(tmp_path))
    engine.dispose()
