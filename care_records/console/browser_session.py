"""What the browser's signed cookie says of who signed in, and for how long that holds."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import session as cookie

from care_records.console.context import reading, settings
from care_records.models import Account
from care_records.services import signing_in

ACCOUNT, VERSION, SINCE, SEEN, HALFWAY = "account", "version", "since", "seen", "halfway"
_NOTED_EVERY: Final = timedelta(minutes=1)
HALFWAY_FOR: Final = timedelta(minutes=5)
"""How long somebody has for the one-time code, once the password was right."""


def begin(account: Account, at: datetime) -> None:
    """Signs the browser in. Nothing of what the cookie held before stays."""
    cookie.clear()
    cookie.update({ACCOUNT: account.id, VERSION: account.session_version, SINCE: _of(at), SEEN: _of(at)})


def end() -> None:
    cookie.clear()


def renew(account: Account) -> None:
    """This browser stays signed in although all sessions of the account have just been ended."""
    cookie[VERSION] = account.session_version


def whose(at: datetime, *, counts_as_use: bool) -> Account | None:
    """The account that this browser is signed in with; None: with none, no longer, or too long ago.

    Pages that look for news by themselves do not count as use.
    """
    if ACCOUNT not in cookie:
        return None
    if _too_old(at):
        end()
        return None
    with reading() as session:
        account = signing_in.still_in(session, cookie[ACCOUNT], cookie[VERSION])
    if account is None:
        end()
    elif counts_as_use and at - _moment(SEEN) >= _NOTED_EVERY:
        cookie[SEEN] = _of(at)
    return account


def expects_code(account: Account, at: datetime) -> None:
    """The password was right; the one-time code is still to come."""
    cookie[HALFWAY] = [account.id, _of(at)]


def halfway(at: datetime) -> int | None:
    """The id of the account whose one-time code is waited for."""
    account_id, since = cookie.get(HALFWAY, (None, 0))
    return account_id if at - datetime.fromtimestamp(since, UTC) <= HALFWAY_FOR else None


def _too_old(at: datetime) -> bool:
    limits = settings()
    return at - _moment(SINCE) > limits.longest or at - _moment(SEEN) > limits.idle


def _moment(name: str) -> datetime:
    return datetime.fromtimestamp(cookie[name], UTC)


def _of(at: datetime) -> int:
    return int(at.timestamp())
