"""The roster, read page by page, so that any number of people fits into memory."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Result, and_, exists, or_, select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Pause, Person
from care_records.models.check_ins import CheckInState
from care_records.models.people import CheckInPlan
from care_records.services.people import born_by
from ivr.outbound.planner import Candidate

PAGE: Final = 5_000
"""People looked at together."""

_CANDIDATE: Final = (
    *(Person.id, Person.birth_date, Person.check_in_plan, Person.check_in_slot, Person.nap_start, Person.nap_end),
    *(Person.consent_calls, Person.phone, Person.phone2),
)


class Listed(NamedTuple):
    """Somebody of the roster and, where there is one, their check-in of that day and occasion."""

    candidate: Candidate
    name: str
    paused: bool
    due_at: datetime | None
    state: CheckInState | None


def pages(session: Session, day: date, occasion: str, *conditions: ColumnElement[bool]) -> Iterator[list[Listed]]:
    """Those who meet the conditions, in the order of the roster."""
    paused = exists().where(Pause.person_id == Person.id, Pause.first_day <= day, Pause.last_day >= day)
    people = select(*_CANDIDATE, Person.name, paused).where(*conditions).order_by(Person.id).limit(PAGE)
    with closing(_check_ins(session, day, occasion)) as check_ins:
        planned = _Planned(check_ins)
        after = 0
        while rows := session.execute(people.where(Person.id > after)).all():
            yield [Listed(Candidate._make(row[:9]), row[9], row[10], *planned.of(row[0])) for row in rows]
            after = rows[-1][0]


_CheckIns = Result[int, datetime, CheckInState]


def _check_ins(session: Session, day: date, occasion: str) -> _CheckIns:
    """Those of a day, in the order of the roster, to be read beside it. A join would rest on what PostgreSQL believes
    about a day of which it has no statistics yet, and that can be anything."""
    of_day = CheckIn.day == day, CheckIn.occasion == occasion
    in_order = select(CheckIn.person_id, CheckIn.due_at, CheckIn.state).where(*of_day).order_by(CheckIn.person_id)
    return session.execute(in_order.execution_options(yield_per=PAGE))


class _Planned:
    def __init__(self, check_ins: _CheckIns) -> None:
        self._rows = iter(check_ins)
        self._next = next(self._rows, None)

    def of(self, person_id: int) -> tuple[datetime | None, CheckInState | None]:
        """When that person is due, and the state; nobody may be asked for who comes before the last one."""
        while self._next is not None and self._next[0] < person_id:
            self._next = next(self._rows, None)
        if self._next is None or self._next[0] != person_id:
            return None, None
        return self._next[1], self._next[2]


def may_be_due(day: date, age: int) -> ColumnElement[bool]:
    """Old enough on that day, or with a plan of their own."""
    old_enough = and_(Person.check_in_plan.is_(None), Person.birth_date <= born_by(age, day))
    return or_(old_enough, Person.check_in_plan != CheckInPlan.NONE)
