"""Who is rung for a caller: whoever has a shift, then the standing order. There is never to be nobody."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from care_records.models import Shift, Staff

AHEAD: Final = timedelta(days=14)
"""So far ahead a change of the duty list must leave somebody."""

Gap = tuple[datetime, datetime]
"""A time in which nobody can be rung, from and until."""


class EmptyDutyRoster(Exception):  # noqa: N818 - it tells of a list, not of a mistake
    """The change would leave times in which nobody can be rung: `gaps`."""

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(f"nobody would be on duty from {gaps[0][0].isoformat()} until {gaps[0][1].isoformat()}")
        self.gaps = gaps


class NotReachable(Exception):  # noqa: N818 - as above
    """Somebody who is not active, or has no telephone, cannot be on duty."""


def officers(session: Session, now: datetime) -> list[Staff]:
    """Active staff with a telephone, in the order in which they are rung, each once: first who has a shift now, by
    rank, then the standing order."""
    on_shift = select(Staff).join(Shift).where(_reachable(), Shift.starts_at <= now, Shift.ends_at > now)
    by_rank = Staff.duty_rank.asc().nulls_last(), Staff.id
    found = [*session.scalars(on_shift.order_by(*by_rank)), *session.scalars(_standing().order_by(*by_rank))]
    return list({officer.id: officer for officer in found}.values())


def gaps(session: Session, begin: datetime, end: datetime) -> list[Gap]:
    """The times between the two in which nobody can be rung."""
    if session.scalar(_standing().limit(1)) is not None:
        return []
    then = Shift.starts_at < end, Shift.ends_at > begin
    covered = select(Shift.starts_at, Shift.ends_at).join(Staff).where(_reachable(), *then).order_by(Shift.starts_at)
    return _between(session.execute(covered), begin, end)


def add_shift(session: Session, staff: Staff, starts_at: datetime, ends_at: datetime) -> Shift:
    """`staff` is on duty from then until then. Raises NotReachable, and ValueError when it ends before it begins."""
    if ends_at <= starts_at:
        raise ValueError("a shift ends after it begins")
    if not staff.active or staff.phone is None:
        raise NotReachable("whoever is on duty is active and has a telephone")
    shift = Shift(staff_id=staff.id, starts_at=starts_at, ends_at=ends_at)
    session.add(shift)
    session.flush()
    return shift


def remove_shift(session: Session, shift: Shift, now: datetime) -> None:
    """Takes a shift off the list. Raises EmptyDutyRoster if that leaves nobody for a time; it is on the list still."""
    before = gaps(session, now, now + AHEAD)
    with session.begin_nested():
        session.delete(shift)
        session.flush()
        _refuse_new_gaps(session, before, now)


def set_duty(  # noqa: PLR0913 - columns are given by name
    session: Session, staff: Staff, now: datetime, *, duty_rank: int | None, active: bool, phone: str | None
) -> None:
    """Where `staff` stands in the standing order (None: nowhere), whether they work here, and their telephone in E.164.

    Raises EmptyDutyRoster if that leaves nobody for a time, and NotReachable if it gives a rank to somebody who cannot
    be rung; nothing is changed then.
    """
    if duty_rank is not None and (not active or phone is None):
        raise NotReachable("whoever is on duty is active and has a telephone")
    before = gaps(session, now, now + AHEAD)
    with session.begin_nested():
        staff.duty_rank, staff.active, staff.phone = duty_rank, active, phone
        session.flush()
        _refuse_new_gaps(session, before, now)


def _refuse_new_gaps(session: Session, before: list[Gap], now: datetime) -> None:
    """A list that has gaps may be mended step by step."""
    after = gaps(session, now, now + AHEAD)
    if _length(after) > _length(before):
        raise EmptyDutyRoster(after)


def _length(found: list[Gap]) -> timedelta:
    return sum((until - begin for begin, until in found), timedelta())


def _reachable() -> ColumnElement[bool]:
    return and_(Staff.active, Staff.phone.is_not(None))


def _standing() -> Select[Staff]:
    return select(Staff).where(_reachable(), Staff.duty_rank.is_not(None))


def _between(covered: Iterable[tuple[datetime, datetime]], begin: datetime, end: datetime) -> list[Gap]:
    """What `covered`, in order of its beginnings, leaves open between the two."""
    found = []
    until = begin
    for starts_at, ends_at in covered:
        if starts_at > until:
            found.append((until, starts_at))
        until = max(until, ends_at)
    return [*found, (until, end)] if until < end else found
