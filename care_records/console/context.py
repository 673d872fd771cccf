"""What a view works with: the records, the time, and who is signed in.

with reading() as session: ...      # a list, a card: never waits for a writer
with writing() as session: ...      # committed at the end, all of it or nothing
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session, sessionmaker

from care_records.console.line import Line
from care_records.console.settings import ConsoleSettings
from care_records.console.watching import Watcher
from care_records.models import Account, Staff
from care_records.models.accounts import Language, Role
from care_records.services import audit

EXTENSION: Final = "careline_console"
LONGEST_ADDRESS: Final = 45
"""Characters of an IPv6 address that holds an IPv4 one."""


@dataclass(frozen=True)
class Console:
    settings: ConsoleSettings
    writers: sessionmaker[Session]
    readers: sessionmaker[Session]
    line: Line
    watcher: Watcher


@dataclass(frozen=True)
class SignedIn:
    """Who asks. `staff_id` is who does what they do."""

    account_id: int
    staff_id: int
    name: str
    display_name: str
    role: Role
    language: Language
    must_change_password: bool

    @classmethod
    def of(cls, account: Account) -> "SignedIn":
        return cls(
            account_id=account.id,
            staff_id=account.staff_id,
            name=account.name,
            display_name=account.display_name,
            role=account.role,
            language=account.language,
            must_change_password=account.must_change_password,
        )

    def may(self, role: Role | str) -> bool:
        """For templates too: `{% if me.may('officer') %}`."""
        return self.role.covers(Role(role))


def attach(app: Flask, console: Console) -> None:
    app.extensions[EXTENSION] = console


def console() -> Console:
    """The console of the application that answers this request."""
    found: Console = current_app.extensions[EXTENSION]
    return found


def settings() -> ConsoleSettings:
    return console().settings


def line() -> Line:
    return console().line


@contextmanager
def reading() -> Iterator[Session]:
    with console().readers() as session:
        yield session


def writing() -> AbstractContextManager[Session]:
    return console().writers.begin()


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """The moment, as the office's clock shows it."""
    return now().astimezone(settings().zone)


def address() -> str:
    """The network address that the request came from, as far as one's own proxies say so: others may say anything."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings().proxies
    seen = hops[-trusted] if 0 < trusted <= len(hops) else request.remote_addr
    return (seen or "unknown")[:LONGEST_ADDRESS]


def somebody() -> SignedIn | None:
    """Who is signed in, if anybody is: for pages that are public."""
    found: SignedIn | None = g.get("console_signed_in")
    return found


def me() -> SignedIn:
    """Who is signed in, in a view that requires a role."""
    found = somebody()
    assert found is not None, "the view requires a role"
    return found


def my_staff(session: Session) -> Staff:
    """The member of staff who is signed in, as services want them."""
    return session.get_one(Staff, me().staff_id)


def note_use(session: Session, action: str, subject: tuple[str, int] | None = None) -> None:
    """Adds a line to the audit trail: `note_use(session, "recording.played", ("recording", 7))`."""
    who = somebody()
    audit.record(
        session,
        action,
        at=now(),
        account_id=who.account_id if who else None,
        address=address(),
        subject=subject,
    )
