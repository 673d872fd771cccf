"""What the pages of check-ins show: a day, one of them try by try, and a person's history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from care_records.console.paging import Page, Place, read_page
from care_records.console.today.board import BoardState, state_of
from care_records.models import Call, CheckIn, CheckInAnswer, Community, OutboundCall, Pause, Person, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState

DAILY: Final = "daily"
OLD_PAUSES: Final = 5
_UNANSWERED: Final = or_(CheckIn.state == CheckInState.WAITING, CheckIn.tries >= 2)
SHOWN: Final = case(
    (CheckIn.state == CheckInState.WITHDRAWN, BoardState.PAUSED.value),
    *(
        (CheckIn.outcome == outcome, state_of(CheckIn(state=CheckInState.FOLLOW_UP, outcome=outcome)).value)
        for outcome in CheckInOutcome
    ),
    (CheckIn.state.in_((CheckInState.FOLLOW_UP, CheckInState.DONE)), BoardState.FOLLOW_UP.value),
    (_UNANSWERED, BoardState.UNREACHED.value),
    else_=BoardState.UNCALLED.value,
)
"""As `state_of`, for the database to count and choose by."""


@dataclass(frozen=True)
class Paused:
    """Somebody who is not rung. `by` is who paused them."""

    pause: Pause
    person_name: str
    by: str | None


@dataclass(frozen=True)
class Try:
    """One try, and the call that it became, if it got so far."""

    placed: OutboundCall
    call: Call | None


@dataclass(frozen=True)
class Answer:
    """What was answered to one question on one day."""

    day: date
    check_in_id: int
    question: str
    answer: str
    by: str
    heard: str | None
    key: str | None


@dataclass(frozen=True)
class History:
    """A person's check-ins of some days, and what was answered in them."""

    person: Person
    check_ins: Mapping[date, Sequence[CheckIn]]
    answers: Sequence[Answer]
    pauses: Sequence[Paused]
    """The latest ones, those to come first."""

    def paused_on(self, day: date) -> bool:
        return any(one.pause.first_day <= day <= one.pause.last_day for one in self.pauses)


def of_day(session: Session, day: date, state: BoardState | None, place: Place) -> Page[CheckIn]:
    """The check-ins of a day, extra rounds among them, in the order of their times."""
    return _listed(session, CheckIn.day == day, state, place)


def of_round(session: Session, round_id: int, state: BoardState | None, place: Place) -> Page[CheckIn]:
    """The check-ins of an extra round, in the order of their times."""
    return _listed(session, CheckIn.round_id == round_id, state, place)


def counts(session: Session, *, day: date | None = None, round_id: int | None = None) -> dict[BoardState, int]:
    """How many check-ins of a day, or of a round, are in each state."""
    of_it = CheckIn.day == day if round_id is None else CheckIn.round_id == round_id
    shown = select(SHOWN.label("shown")).where(of_it).subquery()
    counted = session.execute(select(shown.c.shown, func.count()).group_by(shown.c.shown))
    found = {BoardState(state): count for state, count in counted}
    return {state: found.get(state, 0) for state in BoardState}


def paused_on(session: Session, day: date) -> list[Paused]:
    """Everybody who is not rung that day because somebody said so, the pause that lasts longest of each."""
    query = _pauses().where(Pause.first_day <= day, Pause.last_day >= day)
    rows = session.execute(query.order_by(Person.name, Person.id, Pause.last_day.desc(), Pause.id))
    found: dict[int, Paused] = {}
    for row in rows:
        found.setdefault(row[0].person_id, Paused(*row))
    return list(found.values())


def find(session: Session, check_in_id: int) -> CheckIn | None:
    """One check-in with its person, its case and its answers."""
    related = joinedload(CheckIn.person), joinedload(CheckIn.request), selectinload(CheckIn.answers)
    return session.scalar(select(CheckIn).where(CheckIn.id == check_in_id).options(*related))


def tries(session: Session, check_in_id: int) -> list[Try]:
    """From the first to the last."""
    query = select(OutboundCall, Call).outerjoin(Call, Call.sid == OutboundCall.sid)
    found = session.execute(query.where(OutboundCall.check_in_id == check_in_id).order_by(OutboundCall.number))
    return [Try(placed, call) for placed, call in found]


def calls_in_between(session: Session, check_in: CheckIn) -> list[Call]:
    """Calls from the person in which something of it was answered: they rang before the line did."""
    called = {answer.call_id for answer in check_in.answers}
    own = select(Call).where(Call.id.in_(called), Call.purpose == "inbound")
    return list(session.scalars(own.order_by(Call.started_at)))


def find_person(session: Session, person_id: int) -> Person | None:
    return session.get(Person, person_id)


def history(session: Session, person: Person, first: date, last: date) -> History:
    """From `first` to `last`, both included."""
    of_them = CheckIn.person_id == person.id, CheckIn.day.between(first, last)
    by_day: dict[date, list[CheckIn]] = defaultdict(list)
    for check_in in session.scalars(select(CheckIn).where(*of_them).order_by(CheckIn.day, CheckIn.due_at)):
        by_day[check_in.day].append(check_in)
    said = select(CheckIn.day, CheckInAnswer).join(CheckIn.answers).where(*of_them)
    answers = [_answer(day, row) for day, row in session.execute(said.order_by(CheckIn.day, CheckInAnswer.id))]
    return History(person, by_day, answers, _pauses_of(session, person.id, first))


def todays(session: Session, person_id: int, day: date) -> CheckIn | None:
    """The day's own check-in of a person, however it stands."""
    of_them = CheckIn.person_id == person_id, CheckIn.day == day, CheckIn.occasion == DAILY
    return session.scalar(select(CheckIn).where(*of_them))


def colleagues(session: Session) -> list[tuple[int, str]]:
    """Everybody who works here, as the choices of a field."""
    found = session.execute(select(Staff.id, Staff.name).where(Staff.active).order_by(Staff.name, Staff.id))
    return [(staff_id, name) for staff_id, name in found]


def communities(session: Session) -> list[tuple[int, str]]:
    found = session.execute(select(Community.id, Community.name).order_by(Community.name))
    return [(community_id, name) for community_id, name in found]


# --- How


def _listed(session: Session, of_it: ColumnElement[bool], state: BoardState | None, place: Place) -> Page[CheckIn]:
    query = select(CheckIn).where(of_it).options(joinedload(CheckIn.person), joinedload(CheckIn.request))
    if state is not None:
        query = query.where(SHOWN.in_([state.value]))
    return read_page(session, query, (CheckIn.due_at, CheckIn.id), place)


def _pauses() -> Select[Pause, str, str]:
    query = select(Pause, Person.name, Staff.name).join(Person, Pause.person_id == Person.id)
    return query.outerjoin(Staff, Pause.staff_id == Staff.id)


def _pauses_of(session: Session, person_id: int, since: date) -> list[Paused]:
    """All since then, and the last few before."""
    query = _pauses().where(Pause.person_id == person_id).order_by(Pause.last_day.desc(), Pause.id.desc())
    recent = list(session.execute(query.where(Pause.last_day >= since)))
    older = list(session.execute(query.where(Pause.last_day < since).limit(OLD_PAUSES)))
    return [Paused(*row) for row in [*recent, *older]]


def _answer(day: date, row: CheckInAnswer) -> Answer:
    return Answer(day, row.check_in_id, row.question, row.answer, row.by, row.heard, row.key)
