"""`careline users`: who may sign in to the staff's pages."""

import sys
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Account
from care_records.models.accounts import Role
from care_records.services import accounts, passwords
from care_records.services.accounts import NameTakenError, WeakPasswordError
from ivr.commands.db import records
from ivr.config import load_settings

ROLES = click.Choice([role.value for role in Role])
from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Take the password from standard input instead of making one up."
)


@click.group()
def command() -> None:
    """The accounts of the staff's pages."""


@command.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What the account may do; each role includes those before it.")
@click.option("--staff", default="", help="The member of staff whose account it is, added if there is none; else NAME.")
@from_stdin
def add(name: str, role: str, staff: str, password_stdin: bool) -> None:
    """Add an account. A password that is made up is printed, once, and must be changed at the first sign-in."""
    password = _password(password_stdin)
    kept = _prepared(password, name)
    with records(load_settings()) as sessions, sessions.begin() as session:
        try:
            accounts.add(
                session,
                name,
                kept,
                Role(role),
                at=datetime.now(UTC),
                display_name=staff,
                must_change_password=not password_stdin,
            )
        except NameTakenError as error:
            raise click.ClickException(
                f"there is an account {error} already: `careline users reset` resets it"
            ) from None
    _tell(f"added {accounts.tidy(name)} as {role}", password, password_stdin)


@command.command("list")
def list_accounts() -> None:
    """List all accounts: name, role, state and the member of staff, with tabs between them."""
    with records(load_settings(), read_only=True) as sessions, sessions() as session:
        for account in accounts.everybody(session):
            click.echo("\t".join((account.name, account.role, _state(account), account.display_name)))


@command.command()
@click.argument("name")
@from_stdin
def reset(name: str, password_stdin: bool) -> None:
    """Give an account a new password: unlocks it, turns its one-time codes off and signs it out everywhere."""
    password = _password(password_stdin)
    kept = _prepared(password, name)
    with records(load_settings()) as sessions:
        _reset(sessions, name, kept)
    _tell(f"reset {accounts.tidy(name)}", password, password_stdin)


def _reset(sessions: sessionmaker[Session], name: str, kept: str) -> None:
    with sessions.begin() as session:
        account = accounts.by_name(session, name)
        if account is None:
            raise click.ClickException(f"there is no account {name}")
        accounts.set_password(account, kept, by_owner=False)
        accounts.forget_codes(account)


def _password(from_input: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_input else passwords.made_up()


def _prepared(password: str, name: str) -> str:
    try:
        return accounts.prepared(password, name)
    except WeakPasswordError as error:
        raise click.ClickException(f"the password is refused: {error.weakness.value.replace('_', ' ')}") from None


def _tell(done: str, password: str, from_input: bool) -> None:
    click.echo(done if from_input else f"{done}; password: {password}")


def _state(account: Account) -> str:
    if not account.active:
        return "stopped"
    locked = account.locked_until is not None and account.locked_until > datetime.now(UTC)
    return "locked" if locked else "active"
