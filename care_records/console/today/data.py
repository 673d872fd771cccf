"""What the first page shows: a handful of small reads, each by an index, however large the records are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, defer, joinedload

from care_records.console.marks import LONGEST_CALL
from care_records.console.today.board import BoardState, state_of
from care_records.models import Call, CallTurn, CheckIn, Escalation, EscalationStep, HelpRequest, Pause, Person
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus, Urgency

AT_MOST: Final = 50
"""How many rows of a kind are shown; whoever has more of them needs the list."""
LAST_TURNS: Final = 3
_UNDONE: Final = (RequestStatus.OPEN, RequestStatus.TAKEN)


@dataclass(frozen=True)
class Alarm:
    """A red or orange case that is not resolved."""

    request: HelpRequest
    ringing: str | None
    """Who is being rung for it right now."""
    rings_again_at: datetime | None
    """When it rings again because it was taken and not resolved; None: nobody has it."""

    @property
    def taken(self) -> bool:
        return self.request.status is RequestStatus.TAKEN


@dataclass(frozen=True)
class Overdue:
    """Help requests whose time is up, the longest overdue first, and how many there are of each kind in all."""

    requests: Sequence[HelpRequest]
    count: int
    follow_ups: int
    """Follow-up calls (回访) that are due."""


@dataclass(frozen=True)
class Entry:
    """Somebody on the board. `check_in` is None for whoever is paused and was not planned at all."""

    person_id: int
    name: str
    check_in: CheckIn | None = None
    until: date | None = None
    """The last day of the pause."""


@dataclass(frozen=True)
class Board:
    """The day's check-ins by state."""

    entries: Mapping[BoardState, Sequence[Entry]]

    @property
    def total(self) -> int:
        return sum(len(entries) for entries in self.entries.values())


@dataclass(frozen=True)
class GoingOn:
    """A call that is going on, with the last things that were said in it."""

    call: Call
    turns: Sequence[CallTurn] = field(default_factory=tuple)


def alarms(session: Session) -> list[Alarm]:
    """Those that nobody has first, the red before the orange, the oldest before the newer."""
    now_rung = and_(
        EscalationStep.escalation_id == Escalation.id,
        EscalationStep.alarm == Escalation.alarm,
        EscalationStep.position == Escalation.position,
        Escalation.state == EscalationState.RINGING,
    )
    order = (
        case((HelpRequest.status == RequestStatus.OPEN, 0), else_=1),
        case((HelpRequest.urgency == Urgency.RED, 0), else_=1),
        HelpRequest.created_at,
        HelpRequest.id,
    )
    query = (
        select(HelpRequest, Escalation, EscalationStep.name)
        .outerjoin(Escalation, Escalation.request_id == HelpRequest.id)
        .outerjoin(EscalationStep, now_rung)
        .where(HelpRequest.status.in_(_UNDONE), HelpRequest.urgency.in_((Urgency.RED, Urgency.ORANGE)))
        .options(joinedload(HelpRequest.person))
        .order_by(*order)
        .limit(AT_MOST)
    )
    return [_alarm(*row) for row in session.execute(query)]


def overdue(session: Session, now: datetime, today: date) -> Overdue:
    """Of those that are no alarms; alarms stand in their own list, from the first second."""
    late = (
        HelpRequest.status.in_(_UNDONE),
        HelpRequest.urgency.in_((Urgency.YELLOW, Urgency.NORMAL)),
        HelpRequest.due_at <= now,
    )
    owed = HelpRequest.status == RequestStatus.RESOLVED, HelpRequest.follow_up_due <= today
    found = select(HelpRequest).where(*late).options(joinedload(HelpRequest.person))
    return Overdue(
        requests=session.scalars(found.order_by(HelpRequest.due_at, HelpRequest.id).limit(AT_MOST)).all(),
        count=session.scalar(select(func.count(HelpRequest.id)).where(*late)) or 0,
        follow_ups=session.scalar(select(func.count(HelpRequest.id)).where(*owed)) or 0,
    )


def board(session: Session, day: date) -> Board:
    """The day's own check-ins, not those of extra rounds; whoever is paused stands there once."""
    entries: dict[BoardState, list[Entry]] = {state: [] for state in BoardState}
    paused = {entry.person_id: entry for entry in _paused(session, day)}
    planned = select(CheckIn, Person.name).join(Person).where(CheckIn.day == day, CheckIn.occasion == "daily")
    for check_in, name in session.execute(planned.order_by(CheckIn.due_at, CheckIn.id)):
        state = state_of(check_in)
        if state is BoardState.PAUSED and check_in.person_id in paused:
            continue
        entries[state].append(Entry(check_in.person_id, name, check_in))
    entries[BoardState.PAUSED] += paused.values()
    return Board(entries)


def going_on(session: Session, now: datetime) -> list[GoingOn]:
    """The calls that are going on, the newest first."""
    recent = Call.started_at >= now - LONGEST_CALL, Call.ended_at.is_(None)
    opaque = defer(Call.state), defer(Call.turn), defer(Call.context)
    query = select(Call).where(*recent).options(joinedload(Call.person), *opaque)
    calls = session.scalars(query.order_by(Call.started_at.desc(), Call.id.desc()).limit(AT_MOST)).all()
    turns: dict[int, list[CallTurn]] = defaultdict(list)
    said = select(CallTurn).where(CallTurn.call_id.in_([call.id for call in calls]))
    for turn in session.scalars(said.order_by(CallTurn.call_id, CallTurn.number)):
        turns[turn.call_id].append(turn)
    return [GoingOn(call, turns[call.id][-LAST_TURNS:]) for call in calls]


def _alarm(request: HelpRequest, escalation: Escalation | None, ringing: str | None) -> Alarm:
    taken = escalation is not None and escalation.state is EscalationState.TAKEN
    return Alarm(request, ringing, escalation.next_at if escalation and taken else None)


def _paused(session: Session, day: date) -> list[Entry]:
    then = Pause.first_day <= day, Pause.last_day >= day
    query = select(Person.id, Person.name, func.max(Pause.last_day)).join(Person).where(*then)
    found = session.execute(query.group_by(Person.id, Person.name).order_by(Person.name, Person.id))
    return [Entry(person_id, name, until=until) for person_id, name, until in found]
