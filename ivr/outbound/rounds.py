"""Extra rounds: one that staff have started gets its check-ins once, all of them together, when its day has come."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckIn, Person, Round
from care_records.models.people import CheckInPlan
from care_records.services import rounds
from care_records.services.check_ins import Planned
from care_records.services.rounds import Group
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.outbound.hours import nap_of
from ivr.outbound.numbers import usable
from ivr.outbound.people import pages
from ivr.outbound.planner import Candidate
from ivr.outbound.planning import occupied, write
from ivr.outbound.spread import Spread

log = structlog.get_logger()

STALE: Final = timedelta(days=7)
"""A round that nobody could be planned for by then is not begun any more: who joins its group later is not called."""
LONGEST: Final = 14
"""Days that a round may take; whoever finds no room in them is added to the last one."""


class RoundPlanner:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings

    def plan(self, now: datetime) -> int:
        """Plans the rounds whose day has come and that have not been planned; how many check-ins are new."""
        with reading(self._sessions) as session:
            return sum(self._plan(session, round_, now) for round_ in self._to_plan(session, now))

    def _to_plan(self, session: Session, now: datetime) -> list[Round]:
        today = self._day(now)
        begun = [
            one
            for one in rounds.going_on(session)
            if self._day(one.starts_at) <= today < self._day(one.starts_at) + STALE
        ]
        return [one for one in begun if not session.scalar(select(exists().where(CheckIn.round_id == one.id)))]

    def _plan(self, session: Session, round_: Round, now: datetime) -> int:
        new = write(self._sessions, self._due(session, round_, max(round_.starts_at, now)), now)
        log.info("round_planned", round=round_.id, check_ins=new)
        return new

    def _due(self, session: Session, round_: Round, begin: datetime) -> Iterator[list[Planned]]:
        """Those of the group who may be called, one after another as there is room, today or on the next days."""
        days = _Days(session, self._settings, begin)
        agreed = (
            Person.consent_calls.is_(True),
            or_(Person.check_in_plan.is_(None), Person.check_in_plan != CheckInPlan.NONE),
        )
        matches = Group.of(round_).matches(days.first)
        for page in pages(session, days.first, rounds.occasion(round_), matches, *agreed):
            slots = [(row.candidate.id, *days.slot(row.candidate)) for row in page if not row.paused]
            yield [Planned(id_, day, at, False, rounds.occasion(round_), round_.id) for id_, day, at in slots]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._settings.zone).date()


class _Days:
    """The room that there is for a round, from the moment at which it begins."""

    def __init__(self, session: Session, settings: Settings, begin: datetime) -> None:
        self._session = session
        self._settings = settings
        self._begin = begin.astimezone(settings.zone)
        self._spreads: list[Spread] = []
        self.first = self._begin.date()

    def slot(self, person: Candidate) -> tuple[date, datetime]:
        """The day and the moment at which the person is called. Whoever cannot be is due at once: staff see to them."""
        nap = nap_of(person.nap_start, person.nap_end)
        if usable(person.phone, person.phone2):
            for number in range(LONGEST):
                wish = self._begin.time() if number == 0 else time()
                slot = self._spread(number).wished(wish, nap, crowd=number == LONGEST - 1)
                if slot is not None:
                    return self._day(number), slot.at
        return self.first, self._begin

    def _spread(self, number: int) -> Spread:
        if number == len(self._spreads):
            self._spreads.append(occupied(self._session, self._day(number), self._settings))
        return self._spreads[number]

    def _day(self, number: int) -> date:
        return self.first + timedelta(days=number)
