"""Real ways in which a database fails, each with its end: locked, read-only, gone. And a disk that is full."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import structlog
from sqlalchemy.engine import make_url

WRITE_VERSION = 18
"""The byte of a SQLite file that says how to write it; a version that is not known makes the file read-only."""

Outage = Callable[[str], AbstractContextManager[None]]


def file_of(url: str) -> Path:
    path = make_url(url).database
    assert path
    return Path(path)


@contextmanager
def sqlite_locked(url: str) -> Iterator[None]:
    other = sqlite3.connect(file_of(url), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def sqlite_read_only(url: str) -> Iterator[None]:
    """File permissions would not stop root."""
    other = sqlite3.connect(file_of(url))
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    _set_write_version(url, 3)
    try:
        yield
    finally:
        _set_write_version(url, 2)


def _set_write_version(url: str, version: int) -> None:
    with file_of(url).open("r+b") as file:
        file.seek(WRITE_VERSION)
        file.write(bytes([version]))


@contextmanager
def sqlite_gone(url: str) -> Iterator[None]:
    files = [Path(f"{file_of(url)}{suffix}") for suffix in ("", "-wal", "-shm")]
    moved = [(file, file.with_name(f"away-{file.name}")) for file in files if file.exists()]
    for file, away in moved:
        file.rename(away)
    try:
        yield
    finally:
        for file, away in moved:
            away.rename(file)


@contextmanager
def postgres_locked(url: str) -> Iterator[None]:
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE calls, help_requests IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def postgres_read_only(url: str) -> Iterator[None]:
    _administer(url, "ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _administer(url, "ALTER DATABASE {name} RESET default_transaction_read_only")


@contextmanager
def postgres_gone(url: str) -> Iterator[None]:
    """The server is shared with other tests: it turns away and drops everybody who wants this database."""
    _administer(url, "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    try:
        yield
    finally:
        _administer(url, "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def _administer(url: str, statement: str) -> None:
    """Applies the statement and ends the sessions that do not know of it yet."""
    name = make_url(url).database
    server = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(name=name).encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@contextmanager
def disk_full(room: int = 0) -> Iterator[None]:
    """No file of this process can be written beyond its first `room` bytes, and so nothing is logged either."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with structlog.testing.capture_logs():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


OUTAGES: dict[str, dict[str, Outage]] = {
    "sqlite": {"locked": sqlite_locked, "read-only": sqlite_read_only, "gone": sqlite_gone},
    "postgresql": {"locked": postgres_locked, "read-only": postgres_read_only, "gone": postgres_gone},
}


def outage(url: str, kind: str) -> AbstractContextManager[None]:
    """`kind` is locked, read-only or gone."""
    return OUTAGES[make_url(url).get_backend_name()][kind](url)
