"""Jobs: rows on a database of the test's own, brokers in a folder or on a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from ivr.config import Settings
from tests.care_records.conftest import (
    database_url,
    postgres_template,
    sessions,
    sqlite_template,
    sqlite_url,
)
from tests.jobs.stubs import StubOutbound, StubSender
from tests.postgres import postgres_server, postgres_url

__all__ = [
    "database_url",
    "postgres_server",
    "postgres_template",
    "postgres_url",
    "sessions",
    "sqlite_template",
    "sqlite_url",
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data")


@pytest.fixture
def outbound() -> StubOutbound:
    return StubOutbound()


@pytest.fixture
def sender() -> StubSender:
    return StubSender()


@pytest.fixture
def sqlite_sessions(sqlite_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(sqlite_url)
    yield make_sessions(engine)
    engine.dispose()
