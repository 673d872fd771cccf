"""`careline users`, run as an operator would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.database import make_engine, make_sessions
from care_records.models import Account
from care_records.models.accounts import Role
from care_records.services import accounts, passwords
from ivr.commands.users import command
from tests.care_records.builders import NOW

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARELINE_DATABASE_URL", sqlite_url)
    return lambda *arguments, **options: CliRunner().invoke(command, arguments, **options)


@contextmanager
def records(url: str) -> Iterator[Session]:
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        yield session
    engine.dispose()


def found(url: str, name: str) -> Account:
    with records(url) as session:
        return session.scalars(select(Account).where(Account.name == name)).one()


def test_an_account_is_added_with_a_password_that_is_said_once_and_must_be_changed(run: Run, sqlite_url: str) -> None:
    result = run("add", "Wang", "--role", "officer", "--staff", "王示例")

    said, _, password = result.stdout.strip().rpartition(" ")
    account = found(sqlite_url, "wang")
    assert said == "added wang as officer; password:"
    assert passwords.fits(password, account.password_hash)
    assert (account.role, account.display_name, account.must_change_password) == (Role.OFFICER, "王示例", True)


def test_a_password_from_standard_input_is_not_said(run: Run, sqlite_url: str) -> None:
    result = run("add", "wang", "--role", "admin", "--password-stdin", input="two-green-bicycles\n")

    account = found(sqlite_url, "wang")
    assert result.output == "added wang as admin\n"
    assert passwords.fits("two-green-bicycles", account.password_hash)
    assert not account.must_change_password


def test_a_weak_password_is_refused(run: Run) -> None:
    result = run("add", "wang", "--role", "admin", "--password-stdin", input="wang-wang-wang\n")

    assert (result.exit_code, result.stderr) == (1, "Error: the password is refused: has the name\n")


def test_a_name_that_is_taken_is_refused(run: Run) -> None:
    run("add", "wang", "--role", "viewer")
    result = run("add", "WANG", "--role", "viewer")

    assert result.exit_code == 1
    assert "there is an account wang already" in result.stderr


def test_all_accounts_are_listed_with_their_state(run: Run, sqlite_url: str) -> None:
    for name in ("wang", "li"):
        run("add", name, "--role", "viewer")
    with records(sqlite_url) as session:
        account = accounts.by_name(session, "li")
        assert account
        accounts.set_active(session, account, False)

    assert run("list").stdout == "wang\tviewer\tactive\twang\nli\tviewer\tstopped\tli\n"


def test_a_reset_gives_a_new_password_without_codes_and_ends_all_sessions(run: Run, sqlite_url: str) -> None:
    run("add", "wang", "--role", "viewer")
    with records(sqlite_url) as session:
        account = accounts.by_name(session, "wang")
        assert account
        account.totp_secret, account.locked_until = "JBSWY3DPEHPK3PXP", NOW
        version = account.session_version
    password = run("reset", "wang").stdout.split()[-1]

    account = found(sqlite_url, "wang")
    assert passwords.fits(password, account.password_hash)
    assert (account.totp_secret, account.locked_until, account.must_change_password) == (None, None, True)
    assert account.session_version > version


def test_nobody_is_reset_under_a_name_that_is_not_there(run: Run) -> None:
    assert "there is no account nobody" in run("reset", "nobody").stderr
