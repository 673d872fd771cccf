"""Accounts of staff: made, changed and put out of use. `services.signing_in` lets their owners in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care_records.models import Account, Staff
from care_records.models.accounts import Language, Role
from care_records.services import passwords
from care_records.services.passwords import Weakness

ISSUER: Final = "彩虹桥热线"


class AccountError(Exception):
    """What was asked for cannot be done to an account.

    WeakPasswordError       the password is too easily guessed
    NameTakenError          somebody has that name already
    LastAdministratorError  nobody would be left who can look after accounts
    """


class WeakPasswordError(AccountError):
    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness.value)
        self.weakness = weakness


class NameTakenError(AccountError):
    pass


class LastAdministratorError(AccountError):
    pass


def everybody(session: Session) -> Sequence[Account]:
    """All accounts, those in use first."""
    return session.scalars(select(Account).order_by(Account.active.desc(), Account.name)).all()


def by_name(session: Session, name: str) -> Account | None:
    return session.scalar(select(Account).where(Account.name == tidy(name)))


def tidy(name: str) -> str:
    """The name as it is kept: however somebody types it, it is the same account."""
    return name.strip().casefold()


def prepared(password: str, name: str) -> str:
    """What is kept of a password for the account with that name. Takes long, so no transaction should be open.

    Raises WeakPasswordError.
    """
    weakness = passwords.weakness(password, tidy(name))
    if weakness is not None:
        raise WeakPasswordError(weakness)
    return passwords.kept(password)


def add(  # noqa: PLR0913
    session: Session,
    name: str,
    password_hash: str,
    role: Role,
    *,
    at: datetime,
    display_name: str = "",
    must_change_password: bool = True,
) -> Account:
    """A new account, of the member of staff who is called `display_name` (who is added if nobody is).

    `password_hash` is what `prepared` gives. Raises NameTakenError.
    """
    if by_name(session, name) is not None:
        raise NameTakenError(tidy(name))
    account = Account(
        name=tidy(name),
        display_name=display_name.strip() or name.strip(),
        role=role,
        password_hash=password_hash,
        must_change_password=must_change_password,
        created_at=at,
    )
    account.staff = _staff_called(session, account.display_name)
    session.add(account)
    session.flush()
    return account


def ensure(  # noqa: PLR0913
    session: Session, name: str, password: str, role: Role, *, at: datetime, display_name: str
) -> Account:
    """The account with that name, made if there is none; one that is there stays as it is.

    Raises WeakPasswordError.
    """
    found = by_name(session, name)
    if found is not None:
        return found
    kept = prepared(password, name)
    return add(session, name, kept, role, at=at, display_name=display_name, must_change_password=False)


def set_password(account: Account, password_hash: str, *, by_owner: bool) -> None:
    """Ends all its sessions. One that somebody else has set must be changed before anything else is done.

    `password_hash` is what `prepared` gives.
    """
    account.password_hash = password_hash
    account.must_change_password = not by_owner
    account.failed_logins, account.locked_until = 0, None
    end_sessions(account)


def end_sessions(account: Account) -> None:
    """Whoever is signed in with it is signed out, in every browser."""
    account.session_version += 1


def set_role(session: Session, account: Account, role: Role) -> None:
    """Raises LastAdministratorError."""
    if role is not Role.ADMIN:
        _keep_an_administrator(session, account)
    account.role = role


def set_active(session: Session, account: Account, active: bool) -> None:
    """Puts an account out of use, or into it again. Raises LastAdministratorError."""
    if not active:
        _keep_an_administrator(session, account)
        end_sessions(account)
    account.active = active


def set_language(account: Account, language: Language) -> None:
    account.language = language


def new_secret() -> str:
    """A secret for one-time codes, still nobody's."""
    return pyotp.random_base32()


def enrolment_uri(account: Account, secret: str) -> str:
    """What an authenticator takes in, as a picture or as text."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)


def enrol(account: Account, secret: str, code: str, at: datetime) -> bool:
    """Asks for one-time codes from now on, if `code` proves that the owner's authenticator has the secret."""
    if not pyotp.TOTP(secret).verify(code, for_time=at, valid_window=1):
        return False
    account.totp_secret, account.totp_step = secret, None
    return True


def forget_codes(account: Account) -> None:
    """The password is enough again: the owner's telephone is lost, or they asked for it."""
    account.totp_secret = account.totp_step = None


def _staff_called(session: Session, name: str) -> Staff:
    """Somebody new is in nobody's duty order and has no telephone: nothing rings them before they are given one."""
    found = session.scalar(select(Staff).where(Staff.name == name).order_by(Staff.active.desc(), Staff.id).limit(1))
    return found or Staff(name=name)


def _keep_an_administrator(session: Session, leaving: Account) -> None:
    others = Account.role == Role.ADMIN, Account.active.is_(True), Account.id != leaving.id
    is_one = leaving.role is Role.ADMIN and leaving.active
    if is_one and not session.scalar(select(func.count(Account.id)).where(*others)):
        raise LastAdministratorError(leaving.name)
