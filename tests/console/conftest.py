"""A small application with nothing but the console, and somebody signed in for each role.

`anybody` has not signed in; `viewer`, `officer`, `manager` and `admin` have. `sessions` writes what
the pages then show.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session, sessionmaker

from care_records import console
from care_records.database import make_engine, make_sessions
from care_records.models.accounts import Role
from care_records.services import accounts, passwords
from tests.care_records.conftest import database_url, postgres_template, sqlite_template, sqlite_url
from tests.console.visitor import Visitor
from tests.postgres import postgres_server

__all__ = ["database_url", "postgres_server", "postgres_template", "sqlite_template", "sqlite_url"]

PASSWORD = "apples-and-7-pears"
ZONE = ZoneInfo("Asia/Shanghai")
MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing is slow on purpose; here it is as quick as it can be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def sessions(sqlite_url: str) -> Iterator[sessionmaker[Session]]:
    """The records that the pages show. A test that asks for `database_url` in `sqlite_url`'s place runs on both."""
    engine = make_engine(sqlite_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Every test has an application of its own; the templates are compiled once for all of them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(sessions: sessionmaker[Session], tmp_path: Path, compiled_templates: FileSystemBytecodeCache) -> MakeApp:
    """Makes an application with the console, with other settings or another line if they are named."""

    def made(line: console.Line | None = None, **settings: object) -> Flask:
        app = Flask("console-test", static_folder=None)
        app.testing = True
        app.jinja_options = {"bytecode_cache": compiled_templates}
        chosen = replace(console.ConsoleSettings("secret", tmp_path, ZONE), **settings)  # type: ignore[arg-type]
        readers = make_sessions(sessions.kw["bind"], read_only=True)
        console.install(app, chosen, sessions, readers, line or console.Line())
        return app

    return made


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def make_account(sessions: sessionmaker[Session]) -> Callable[..., int]:
    """Adds an account that may sign in with PASSWORD, of a member of staff called 值班员NAME; its id."""

    def made(name: str, role: Role) -> int:
        with sessions.begin() as session:
            at, display_name = datetime.now(UTC), f"值班员{name}"
            return accounts.ensure(session, name, PASSWORD, role, at=at, display_name=display_name).id

    return made


@pytest.fixture
def sign_in(app: Flask, make_account: Callable[..., int]) -> Callable[[Role], Visitor]:
    """Somebody with that role, signed in; the account is called as the role is."""

    def signed_in(role: Role) -> Visitor:
        make_account(role.value, role)
        visitor = Visitor(app)
        visitor.sign_in(role.value, PASSWORD)
        return visitor

    return signed_in


@pytest.fixture
def anybody(app: Flask) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)


@pytest.fixture
def viewer(sign_in: Callable[[Role], Visitor]) -> Visitor:
    return sign_in(Role.VIEWER)


@pytest.fixture
def officer(sign_in: Callable[[Role], Visitor]) -> Visitor:
    return sign_in(Role.OFFICER)


@pytest.fixture
def manager(sign_in: Callable[[Role], Visitor]) -> Visitor:
    return sign_in(Role.MANAGER)


@pytest.fixture
def admin(sign_in: Callable[[Role], Visitor]) -> Visitor:
    return sign_in(Role.ADMIN)
