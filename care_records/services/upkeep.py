"""The upkeep, shared by all workers: each part is done by one of them at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from care_records.models.upkeep import Upkeep
from care_records.services.statements import insert_unless_there

NOBODY: Final = ""


def begin(session: Session, part: str, by: str, now: datetime, *, longest: timedelta) -> bool:
    """Whether `part` is the worker's to do now: nobody is at it, or somebody has been for longer than `longest`."""
    over = Upkeep.ended_at >= Upkeep.begun_at
    return _take(session, part, by, now, or_(over, Upkeep.begun_at <= now - longest))


def hold(session: Session, part: str, by: str, now: datetime, *, lease: timedelta) -> bool:
    """Whether `part` is the worker's own from now on; it stays so as long as it asks again within `lease`."""
    return _take(session, part, by, now, or_(Upkeep.by.in_((by, NOBODY)), Upkeep.begun_at <= now - lease))


def let_go(session: Session, part: str, by: str) -> None:
    """Whoever comes next need not wait for the lease to end."""
    mine = (Upkeep.part == part) & (Upkeep.by == by)
    session.execute(update(Upkeep).where(mine).values(by=NOBODY).execution_options(synchronize_session=False))


def ended(session: Session, part: str, by: str, at: datetime, error: str | None = None) -> None:
    """The worker is through with it, well or with an error; says nothing when somebody else has taken it since."""
    mine = (Upkeep.part == part) & (Upkeep.by == by)
    statement = update(Upkeep).where(mine).values(ended_at=at, error=error)
    session.execute(statement.execution_options(synchronize_session=False))


def everything(session: Session) -> Sequence[Upkeep]:
    """All parts that have ever been begun."""
    return session.scalars(select(Upkeep).order_by(Upkeep.part)).all()


def _take(session: Session, part: str, by: str, now: datetime, free: ColumnElement[bool]) -> bool:
    first = insert_unless_there(session, Upkeep).values(part=part, by=by, begun_at=now).returning(Upkeep.part)
    if session.scalar(first) is not None:
        return True
    again = update(Upkeep).where(Upkeep.part == part, free).values(by=by, begun_at=now).returning(Upkeep.part)
    return session.scalar(again.execution_options(synchronize_session=False)) is not None
