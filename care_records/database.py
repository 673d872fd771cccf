"""Where the records are kept: a SQLite file on one machine, or PostgreSQL. The only place that knows which.

    engine = make_engine(url)
    sessions = make_sessions(engine)                      # writes; on SQLite a transaction holds the write lock
    readers = make_sessions(engine, read_only=True)       # never waits for a writer, works on a read-only database

Whatever keeps the database from answering (gone, replaced, locked, read-only, not a database, too slow, no connection
free) surfaces within about `wait_s` as one of UNAVAILABLE.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg.errors
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

UNAVAILABLE: Final = (OperationalError, PoolTimeout)
"""What a caller of the records catches when the database may be away; anything else is a mistake in the code."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"
MIGRATION_WAIT_S: Final = 60.0
_ENGINE: Final[dict[str, Any]] = {"pool_size": 20, "max_overflow": 60, "hide_parameters": True}
"""Parameters are names and telephone numbers, and errors are logged."""
_UPGRADE_LOCK: Final = 0x6361_7265
"""Any number will do, as long as everybody who migrates asks PostgreSQL for the same."""


class DatabaseUrlError(ValueError):
    """The URL names no database that the records can be kept in; the text says what it should look like."""


def make_engine(url: str, wait_s: float = 2.0) -> Engine:
    """An engine for `sqlite:///path`, `postgres://…` or `postgresql://…`.

    Nothing waits longer than `wait_s` for a lock, a connection or, on PostgreSQL, a statement. A SQLite file that is
    not there is an error and not an empty database. Raises DatabaseUrlError for any other URL.
    """
    target = _target(url)
    if target.get_backend_name() == "sqlite":
        return _sqlite(_file_of(target), wait_s)
    return _postgres(target, wait_s)


def make_sessions(engine: Engine, *, read_only: bool = False) -> sessionmaker[Session]:
    """Sessions whose objects stay usable after the commit. A read-only one must not write."""
    if read_only:
        engine = engine.execution_options(read_only=True, postgresql_readonly=engine.dialect.name == "postgresql")
    return sessionmaker(engine, expire_on_commit=False)


def upgrade(url: str) -> None:
    """Creates a SQLite file that is missing, and brings the tables to the newest revision; all of it or nothing."""
    target = _target(url)
    if target.get_backend_name() == "sqlite":
        path = _file_of(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    _migrate(target, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str) -> None:
    """Takes the tables back to `revision`; "base" leaves none of them."""
    _migrate(_target(url), lambda config: command.downgrade(config, revision))


def current_revision(url: str) -> str | None:
    """The revision of a database's tables, None when it has none. Raises one of UNAVAILABLE."""
    engine = make_engine(url)
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head_revision() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there is at least the initial migration"
    return head


# --- URLs ----------------------------------------------------------------------------------------------------------


def _target(url: str) -> URL:
    try:
        target = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
        backend = target.get_backend_name()
    except ArgumentError:
        raise DatabaseUrlError("the database URL cannot be read; it looks like sqlite:////path/to/file.db") from None
    if backend == "postgresql":
        return target.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUrlError(f"the records are kept in sqlite or postgresql, not in {backend}")
    _file_of(target)
    return target


def _file_of(target: URL) -> Path:
    if not target.database or target.database == ":memory:" or target.database.startswith("file:"):
        raise DatabaseUrlError("the SQLite URL must name a file, such as sqlite:////path/to/file.db")
    return Path(target.database)


# --- SQLite --------------------------------------------------------------------------------------------------------


def _sqlite(path: Path, wait_s: float, *, migrating: bool = False) -> Engine:
    # mode=rw: a file that has been deleted must not come back as an empty database.
    uri = URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(uri, connect_args={"timeout": wait_s}, pool_timeout=wait_s, **_ENGINE)

    @event.listens_for(engine, "connect")
    def opened(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        # The driver would begin by itself, late and without the write lock; `begun` does it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        # Rebuilding a table for a migration drops the old one, which would cascade into its children.
        connection.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        if migrating:
            connection.execute("PRAGMA journal_mode=WAL")
        entry.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def lent(connection: object, entry: ConnectionPoolEntry, proxy: object) -> None:  # noqa: ARG001
        if entry.info.get("file") != _identity(path):
            raise DisconnectionError("the database file has been deleted or replaced")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A deferred transaction that reads first and writes later fails at once when somebody else wrote in between;
        # taking the write lock at the start waits for its turn instead.
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "commit")
    def committing(connection: Connection) -> None:
        if connection.connection.info.get("file") != _identity(path):
            gone = sqlite3.OperationalError("the database file has been deleted or replaced")
            raise OperationalError("COMMIT", None, gone)

    event.listen(engine, "handle_error", _as_operational)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    """What stays the same as long as `path` is the same file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


def _postgres(target: URL, wait_s: float, *, statement_s: float | None = None) -> Engine:
    """`statement_s` is how long one statement may run; None: as long as the waits, 0: for ever."""
    wait_ms = int(wait_s * 1000)
    statement_ms = wait_ms if statement_s is None else int(statement_s * 1000)
    timeouts = f"-c lock_timeout={wait_ms} -c statement_timeout={statement_ms}"
    connect_args: dict[str, Any] = {
        "connect_timeout": max(1, round(wait_s)),
        "tcp_user_timeout": wait_ms,
        "options": f"{target.query.get('options', '')} {timeouts}".strip(),
    }
    engine = create_engine(target, connect_args=connect_args, pool_pre_ping=True, pool_timeout=wait_s, **_ENGINE)
    event.listen(engine, "handle_error", _as_operational)
    return engine


def _as_operational(context: ExceptionContext) -> None:
    """A file that is no database, and a server that refuses writes, are the database being away, by whatever name."""
    original = context.original_exception
    corrupt = type(original) is sqlite3.DatabaseError
    if corrupt or isinstance(original, psycopg.errors.ReadOnlySqlTransaction):
        raise OperationalError(context.statement, None, original) from original


# --- Migrations ----------------------------------------------------------------------------------------------------


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _migrate(target: URL, run: Callable[[Config], None]) -> None:
    sqlite = target.get_backend_name() == "sqlite"
    engine = (
        _sqlite(_file_of(target), MIGRATION_WAIT_S, migrating=True)
        if sqlite
        else _postgres(target, MIGRATION_WAIT_S, statement_s=0)
    )
    config = _config()
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            config.attributes["connection"] = connection
            run(config)
            _check_references(connection)
    finally:
        engine.dispose()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        assert not broken, f"the migration left {len(broken)} rows that point nowhere"
