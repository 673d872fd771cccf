"""A form that is sent twice, by an impatient hand or after the connection broke, is saved once."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from care_records.models import Submission
from care_records.services.statements import insert_unless_there

KEPT: Final = timedelta(days=2)
"""How long it is known that a form has been saved."""


def first(session: Session, token: str, at: datetime) -> bool:
    """Whether this form has not been saved yet. From now on it has, if the transaction commits.

    Of two that are sent at once, the second waits until it is known what became of the first.
    """
    session.execute(delete(Submission).where(Submission.at < at - KEPT))
    insert = insert_unless_there(session, Submission).values(token=token[:36], at=at, place="")
    return session.scalar(insert.returning(Submission.token)) is not None


def leads_to(session: Session, token: str, place: str) -> None:
    """Remembers the page that shows what came of it."""
    session.get_one(Submission, token[:36]).place = place


def place_of(session: Session, token: str) -> str | None:
    """The page that shows what came of a form that has been saved."""
    return session.scalar(select(Submission.place).where(Submission.token == token[:36]))
