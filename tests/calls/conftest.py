"""A line for each test: conversations on a database and a data folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calls.line import Line, seed
from tests.care_records.conftest import database_url, postgres_template, sqlite_template, sqlite_url
from tests.postgres import postgres_server, postgres_url

__all__ = ["database_url", "postgres_server", "postgres_template", "postgres_url", "sqlite_template", "sqlite_url"]

MakeLine = Callable[..., Line]


@pytest.fixture
def make_line(tmp_path: Path) -> Iterator[MakeLine]:
    """Starts a line on a database; with the same `folder` as another, it is that one after a restart."""
    lines: list[Line] = []

    def make(url: str, folder: str = "data", **values: Any) -> Line:
        lines.append(Line(url, tmp_path / folder, **values))
        return lines[-1]

    yield make
    for line in lines:
        line.engine.dispose()


@pytest.fixture
def line(sqlite_url: str, make_line: MakeLine) -> Line:
    """On SQLite, with two officers on duty and one person in the roster."""
    seed(sqlite_url)
    return make_line(sqlite_url)
