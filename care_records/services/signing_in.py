"""Who is let in. Every try is counted in the records before it is looked at, so that several processes count together.

A name that nobody has, a wrong password and an account that is locked get the same answer, in the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Account
from care_records.services import accounts, audit, passwords

TRIES: Final = 5
"""Wrong tries in a row that lock an account."""
LOCKED_FOR: Final = timedelta(minutes=15)
ADDRESS_TRIES: Final = 30
"""Refused tries from one address, whatever the account, after which it must wait: an office may have one address."""
STEP_S: Final = 30
"""How long a one-time code is shown; the one before and the one after are taken too."""


class Refusal(StrEnum):
    WRONG = "wrong"
    """No such account, not its password, not in use, or locked."""
    ADDRESS = "address"
    """Too many tries from this address."""


@dataclass(frozen=True)
class _Try:
    account_id: int | None
    stored: str | None


def sign_in(
    sessions: sessionmaker[Session], name: str, password: str, *, address: str, at: datetime
) -> Account | Refusal:
    """The account that this name and password open. One with a `totp_secret` is not in yet: see `accept_code`.

    No transaction is open while the password is looked at, which takes long on purpose.
    """
    with sessions.begin() as session:
        if _too_many(session, address, at):
            return Refusal.ADDRESS
        begun = _begin(session, accounts.by_name(session, name), at)
    right = passwords.fits(password, begun.stored)
    with sessions.begin() as session:
        account = session.get(Account, begun.account_id) if begun.account_id else None
        if not right or account is None:
            return _refuse(session, begun.account_id, address, at)
        if passwords.outdated(account.password_hash):
            account.password_hash = passwords.kept(password)
        if account.totp_secret is None:
            _let_in(session, account, address, at)
        return account


def accept_code(
    sessions: sessionmaker[Session], account_id: int, code: str, *, address: str, at: datetime
) -> Account | Refusal:
    """The account whose password was right a moment ago, if this is its one-time code; each code opens once."""
    with sessions.begin() as session:
        if _too_many(session, address, at):
            return Refusal.ADDRESS
        begun = _begin(session, session.get(Account, account_id), at)
        account = session.get(Account, account_id) if begun.stored else None
        step = _step_of(account, code, at) if account else None
        if account is None or step is None:
            return _refuse(session, begun.account_id, address, at)
        account.totp_step = step
        _let_in(session, account, address, at)
        return account


def still_in(session: Session, account_id: int, version: int) -> Account | None:
    """The account of somebody who signed in under that version; None: they are signed out."""
    wanted = Account.id == account_id, Account.session_version == version, Account.active.is_(True)
    return session.scalar(select(Account).where(*wanted))


def sign_out(session: Session, account: Account, *, address: str, at: datetime) -> None:
    """Ends all sessions of the account."""
    accounts.end_sessions(account)
    audit.record(session, "sign_in.ended", at=at, account_id=account.id, address=address)


def _too_many(session: Session, address: str, at: datetime) -> bool:
    return audit.refused_sign_ins(session, address, at - LOCKED_FOR) >= ADDRESS_TRIES


def _begin(session: Session, account: Account | None, at: datetime) -> _Try:
    """Counts the try. The one that reaches the limit locks the account, unless it turns out to be right."""
    if account is None or not account.active:
        return _Try(None, None)
    if account.locked_until is not None and account.locked_until > at:
        return _Try(account.id, None)
    more = {"failed_logins": Account.failed_logins + 1}
    count = session.scalar(
        update(Account).where(Account.id == account.id).values(more).returning(Account.failed_logins)
    )
    if count is not None and count >= TRIES:
        lock = {"failed_logins": 0, "locked_until": at + LOCKED_FOR}
        session.execute(update(Account).where(Account.id == account.id).values(lock))
    return _Try(account.id, account.password_hash)


def _refuse(session: Session, account_id: int | None, address: str, at: datetime) -> Refusal:
    audit.record(session, audit.SIGN_IN_REFUSED, at=at, account_id=account_id, address=address)
    return Refusal.WRONG


def _let_in(session: Session, account: Account, address: str, at: datetime) -> None:
    account.failed_logins, account.locked_until, account.last_login_at = 0, None, at
    audit.record(session, "sign_in.accepted", at=at, account_id=account.id, address=address)


def _step_of(account: Account, code: str, at: datetime) -> int | None:
    """The time step whose code this is, if it is a later one than that of the last code taken."""
    if account.totp_secret is None:
        return None
    now, codes = int(at.timestamp()) // STEP_S, pyotp.TOTP(account.totp_secret, interval=STEP_S)
    for step in (now - 1, now, now + 1):
        if step > (account.totp_step or 0) and pyotp.utils.strings_equal(codes.generate_otp(step), code):
            return step
    return None
