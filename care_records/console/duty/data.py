"""What the pages of the duty roster show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from care_records.models import Shift, Staff
from care_records.services.duty import Gap

DAY = timedelta(days=1)


@dataclass(frozen=True)
class OnDay:
    """A shift as it stands in the week: local times, and how many midnights it goes over."""

    shift: Shift
    begin: datetime
    end: datetime
    over: bool
    """It has ended."""

    @property
    def nights(self) -> int:
        return (self.end.date() - self.begin.date()).days


@dataclass(frozen=True)
class DayOfWeek:
    """A day, and the times of it that are still to come in which nobody has a shift."""

    day: date
    without: Sequence[Gap]


@dataclass(frozen=True)
class Week:
    """A week's shifts: by colleague, then by the day on which each begins (or by Monday if it began before)."""

    days: Sequence[DayOfWeek]
    staff: Sequence[Staff]
    shifts: Mapping[tuple[int, date], Sequence[OnDay]]


def week(session: Session, monday: date, zone: ZoneInfo, now: datetime) -> Week:
    begin, end = midnight(monday, zone), midnight(monday + 7 * DAY, zone)
    then = Shift.starts_at < end, Shift.ends_at > begin
    query = select(Shift).where(*then).options(joinedload(Shift.staff))
    found = list(session.scalars(query.order_by(Shift.starts_at, Shift.id)))
    by_cell: dict[tuple[int, date], list[OnDay]] = {}
    for one in found:
        shown = on_day(one, zone, now)
        by_cell.setdefault((one.staff_id, max(monday, shown.begin.date())), []).append(shown)
    reached = [(one.starts_at, one.ends_at) for one in found if one.staff.active and one.staff.phone]
    days = [_day(monday + number * DAY, reached, zone, now) for number in range(7)]
    return Week(days, _rows(session, {one.staff_id for one in found}), by_cell)


def on_day(shift: Shift, zone: ZoneInfo, now: datetime) -> OnDay:
    return OnDay(shift, shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone), shift.ends_at <= now)


def without(covered: Iterable[Gap], begin: datetime, end: datetime) -> list[Gap]:
    """What `covered`, in order of its beginnings, leaves open between the two."""
    left, until = [], begin
    for starts_at, ends_at in covered:
        if starts_at > until:
            left.append((until, min(starts_at, end)))
        until = max(until, ends_at)
        if until >= end:
            return left
    return [*left, (until, end)] if until < end else left


def find_shift(session: Session, shift_id: int) -> Shift | None:
    return session.get(Shift, shift_id)


def find_staff(session: Session, staff_id: int) -> Staff | None:
    return session.get(Staff, staff_id)


def standing(session: Session) -> list[Staff]:
    """The standing order: who is rung when nobody has a shift, or nobody on a shift answers."""
    ranked = _reachable(), Staff.duty_rank.is_not(None)
    return list(session.scalars(select(Staff).where(*ranked).order_by(Staff.duty_rank, Staff.id)))


def others(session: Session) -> list[Staff]:
    """Those who are not in the standing order, whoever works here first."""
    outside = or_(Staff.duty_rank.is_(None), ~_reachable())
    return list(session.scalars(select(Staff).where(outside).order_by(Staff.active.desc(), Staff.name, Staff.id)))


def reachable(session: Session) -> list[tuple[int, str]]:
    """Those who may have a shift, as the choices of a field."""
    found = session.execute(select(Staff.id, Staff.name).where(_reachable()).order_by(Staff.name, Staff.id))
    return [(staff_id, name) for staff_id, name in found]


def overlapping(session: Session, staff_id: int, starts_at: datetime, ends_at: datetime, besides: int = 0) -> bool:
    """Whether that colleague has another shift then; the one with the id `besides` does not count."""
    then = Shift.starts_at < ends_at, Shift.ends_at > starts_at
    query = select(Shift.id).where(Shift.staff_id == staff_id, Shift.id != besides, *then)
    return session.scalar(query.limit(1)) is not None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


# --- How


def _day(day: date, reached: Sequence[Gap], zone: ZoneInfo, now: datetime) -> DayOfWeek:
    begin, end = max(midnight(day, zone), now), midnight(day + DAY, zone)
    left = without(reached, begin, end) if begin < end else []
    return DayOfWeek(day, [(start.astimezone(zone), until.astimezone(zone)) for start, until in left])


def _rows(session: Session, with_shifts: set[int]) -> list[Staff]:
    """Whoever may have a shift, and whoever has one, in the standing order first."""
    shown = or_(_reachable(), Staff.id.in_(with_shifts))
    return list(session.scalars(select(Staff).where(shown).order_by(Staff.duty_rank.asc().nulls_last(), Staff.id)))


def _reachable() -> ColumnElement[bool]:
    return and_(Staff.active, Staff.phone.is_not(None))
