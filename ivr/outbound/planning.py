"""The day's plan: who is due gets a row, everybody of a day in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckIn, Person
from care_records.models.check_ins import CheckInState
from care_records.services import check_ins
from care_records.services.check_ins import Planned
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.outbound.hours import moment
from ivr.outbound.people import PAGE, Listed, may_be_due, pages
from ivr.outbound.planner import WEEK, DayPlan
from ivr.outbound.spread import Spread

log = structlog.get_logger()

DAILY: Final = "daily"
"""The occasion of a check-in that is nobody's extra round."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What is planned for one person, or would be: `state` is None as long as nothing has been written down."""

    person_id: int
    name: str
    due_at: datetime | None
    weekly: bool
    words: str
    state: CheckInState | None


class Planner:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings

    def plan(self, day: date, now: datetime) -> int:
        """Writes down everybody who is due on `day` and not planned yet; how many. All of them or, on an error, none.

        Nobody is added to a day that is over, nor to one whose windows are, unless it is the line that was away until
        then: those people are planned all the same, and so come to staff as not called.
        """
        with reading(self._sessions) as session:
            last = _last_planned(session, day)
            over = now >= moment(day, self._settings.windows[-1][1], self._settings.zone)
            if day < now.astimezone(self._settings.zone).date() or (over and last in (None, day)):
                return 0
            new = write(self._sessions, self._due(session, day, last), now)
        if new:
            log.info("day_planned", day=day.isoformat(), check_ins=new)
        return new

    def explain(self, day: date) -> Iterator[Explained]:
        """Everybody of the roster, those with a slot of their own first. Writes nothing."""
        with reading(self._sessions) as session:
            day_plan = self._day_plan(session, day, _last_planned(session, day))
            for page in self._pages(session, day):
                for row in page:
                    decision = day_plan.decide(row.candidate, row.paused)
                    due_at = row.due_at or decision.due_at
                    yield Explained(row.candidate.id, row.name, due_at, decision.weekly, decision.words, row.state)

    def _pages(self, session: Session, day: date, *conditions: ColumnElement[bool]) -> Iterator[list[Listed]]:
        """Whoever wishes for a time has the first choice."""
        return chain(
            pages(session, day, DAILY, *conditions, Person.check_in_slot.is_not(None)),
            pages(session, day, DAILY, *conditions, Person.check_in_slot.is_(None)),
        )

    def _due(self, session: Session, day: date, last: date | None) -> Iterator[list[Planned]]:
        """Page by page. What is planned already is counted only once there is somebody to find room for."""
        day_plan: DayPlan | None = None
        crowded = 0
        for page in self._pages(session, day, may_be_due(day, self._settings.check_in_age)):
            new = [row for row in page if row.state is None]
            if not new:
                continue
            day_plan = day_plan or self._day_plan(session, day, last)
            decisions = [day_plan.decide(row.candidate, row.paused) for row in new]
            crowded += sum(one.slot is not None and one.slot.crowded for one in decisions)
            yield [Planned(one.person_id, day, one.due_at, one.weekly) for one in decisions if one.due_at]
        if crowded:
            log.error("day_over_capacity", day=day.isoformat(), calls=crowded)

    def _day_plan(self, session: Session, day: date, last: date | None) -> DayPlan:
        missed_since = max(last + timedelta(days=1), day - WEEK) if last and last < day else None
        return DayPlan(day, self._settings, occupied(session, day, self._settings), missed_since)


def occupied(session: Session, day: date, settings: Settings) -> Spread:
    """The minutes of `day`, with the calls that are planned for them."""
    spread = Spread(day, settings)
    spread.occupy(session.scalars(select(CheckIn.due_at).where(CheckIn.day == day).execution_options(yield_per=PAGE)))
    return spread


def write(sessions: sessionmaker[Session], batches: Iterator[list[Planned]], now: datetime) -> int:
    """All of them in one transaction, which begins once there is something to write; how many were new."""
    first = next((batch for batch in batches if batch), None)
    if first is None:
        return 0
    with sessions.begin() as session:
        return sum(check_ins.plan(session, batch, now) for batch in chain([first], batches))


def _last_planned(session: Session, day: date) -> date | None:
    """The last day until `day` for which anybody is planned."""
    planned = select(CheckIn.day).where(CheckIn.day <= day, CheckIn.occasion == DAILY)
    return session.scalar(planned.order_by(CheckIn.day.desc()).limit(1))
