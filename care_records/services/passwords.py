"""Passwords: what is kept of them (Argon2id), which are refused, and new ones that can be read out."""

import secrets
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST: Final = 10
"""Characters."""
LONGEST: Final = 200
FEWEST_DIFFERENT: Final = 5
_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is mistaken for something else when it is read from paper."""

_hasher: Final = PasswordHasher()
_at_once: Final = BoundedSemaphore(2)
"""Each takes 64 MiB: a flood of tries must not take the memory that calls need."""
_NOBODY: Final = _hasher.hash(secrets.token_hex())


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_EVEN = "too_even"
    HAS_THE_NAME = "has_the_name"


def kept(password: str) -> str:
    """What is stored of a password."""
    with _at_once:
        return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether this is the password. Takes as long when there is nothing stored (nobody has that name)."""
    try:
        with _at_once:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether it was stored with parameters that are no longer thought strong enough."""
    return _hasher.check_needs_rehash(stored)


def weakness(password: str, name: str) -> Weakness | None:
    """Why this must not be the password of the account with that name; None: it may."""
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if len(set(password)) < FEWEST_DIFFERENT:
        return Weakness.TOO_EVEN
    return Weakness.HAS_THE_NAME if name.casefold() in password.casefold() else None


def made_up() -> str:
    """A password that nobody guesses and everybody can type: four groups of four."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
