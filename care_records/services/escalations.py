"""Escalations: who is rung about a case, one after another, until somebody takes it; and again when it is not resolved.

Taking and resolving are `services.requests`': a case is taken in one way only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import (
    Alert,
    Escalation,
    EscalationStep,
    HelpRequest,
    OutboundCall,
    Person,
    Staff,
    VolunteerPairing,
)
from care_records.models.check_ins import OutboundCallState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.people import ContactKind
from care_records.models.requests import RequestStatus
from care_records.services import alerts, duty
from care_records.services.statements import compare_and_set
from care_records.services.text import storable

_HELD = (EscalationState.TAKEN, EscalationState.RINGING)


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody to be rung. `staff_id` is None for whoever is not of the bureau."""

    kind: StepKind
    name: str
    phone: str
    staff_id: int | None


def open_for(session: Session, request: HelpRequest, *, begins_at: datetime, at: datetime) -> Escalation:
    """The request's escalation: opened now, to begin at `begins_at`, or, when it has one already, that one unchanged.

    One for a request that is over by now is over too.
    """
    known = _of(session, request)
    if known is not None:
        return known
    over = request.status in (RequestStatus.RESOLVED, RequestStatus.CLOSED)
    escalation = Escalation(
        request_id=request.id,
        state=EscalationState.RESOLVED if over else EscalationState.WAITING,
        next_at=None if over else begins_at,
        resolved_at=at if over else None,
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(escalation)
    except IntegrityError:
        known = _of(session, request)
        if known is None:
            raise
        return known
    return escalation


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The ids of those with which the line has something to do by now, the longest due first."""
    unresolved = Escalation.state != EscalationState.RESOLVED, Escalation.next_at <= now
    return list(session.scalars(select(Escalation.id).where(*unresolved).order_by(Escalation.next_at).limit(limit)))


def for_staff_phone(session: Session, e164: str) -> list[Escalation]:
    """What the officer with that telephone has taken and not resolved, the oldest first."""
    taken = select(Escalation).join(Staff, Escalation.taken_by_id == Staff.id)
    mine = Staff.phone == e164, Escalation.state.in_(_HELD)
    return list(session.scalars(taken.where(*mine).order_by(Escalation.taken_at, Escalation.id)))


# --- The chain


def chain_for(session: Session, request: HelpRequest, first: Staff | None, now: datetime) -> list[Step]:
    """Who is rung about the request, as things are now: `first`, whoever has taken it, officers on duty, then those
    around the person: family, who keeps a key, neighbours, the volunteer, the community's office.

    Everybody has a telephone, no telephone is there twice, and none is the person's own.
    """
    officers = [officer for officer in (first, request.assignee) if officer and officer.active]
    steps = [*map(_officer, (*officers, *duty.officers(session, now)))]
    if request.person is not None:
        steps += _around(session, request.person, now)
    if request.assignee is None and request.taken_by is not None:
        steps.sort(key=lambda step: step.name != request.taken_by)
    own = {request.person.phone, request.person.phone2} if request.person else set()
    by_phone: dict[str, Step] = {}
    for step in steps:
        if step.phone and step.phone not in own:
            by_phone.setdefault(step.phone, step)
    return list(by_phone.values())


def begin(session: Session, escalation: Escalation, steps: Sequence[Step], at: datetime) -> bool:
    """Freezes the chain of the current alarm; its first step is to be rung from `at`.

    For one that waits, or whose chain was empty. With no steps nobody is rung, and `next_step` starts another lap.
    False when somebody was quicker, or has taken the case.
    """
    has_chain = exists().where(EscalationStep.escalation_id == Escalation.id, EscalationStep.alarm == Escalation.alarm)
    ringing_nobody = and_(Escalation.state == EscalationState.RINGING, ~has_chain)
    expected = and_(
        or_(Escalation.state == EscalationState.WAITING, ringing_nobody),
        Escalation.alarm == escalation.alarm,
        Escalation.lap == escalation.lap,
    )
    values = {"state": EscalationState.RINGING, "position": 0, "next_at": at}
    return _freeze(session, escalation, steps) if compare_and_set(session, escalation, expected, values) else False


def alarm_again(session: Session, escalation: Escalation, steps: Sequence[Step], at: datetime) -> bool:
    """It was taken and has not been resolved in time: the next alarm rings `steps` from `at`.

    False when it was resolved, taken anew, or alarmed by somebody quicker.
    """
    expected = and_(
        Escalation.state == EscalationState.TAKEN, Escalation.alarm == escalation.alarm, Escalation.next_at <= at
    )
    values = {
        "state": EscalationState.RINGING,
        "alarm": escalation.alarm + 1,
        "lap": 1,
        "position": 0,
        "next_at": at,
    }
    return _freeze(session, escalation, steps) if compare_and_set(session, escalation, expected, values) else False


def put_off(session: Session, escalation: Escalation, until: datetime) -> bool:
    """One that waits begins later: the caller is talking to an officer. False when it has begun or is over."""
    return compare_and_set(session, escalation, Escalation.state == EscalationState.WAITING, {"next_at": until})


def current_step(session: Session, escalation: Escalation) -> EscalationStep | None:
    """Who is rung, or is rung next; None when the chain of the current alarm is empty."""
    return session.scalar(select(EscalationStep).where(*_at(escalation, escalation.position)))


def alert_officers(session: Session, escalation: Escalation, *, body: str, at: datetime) -> list[Alert]:
    """A message to each officer in the chain of the current alarm; nobody gets a second one for it."""
    of_alarm = EscalationStep.escalation_id == escalation.id, EscalationStep.alarm == escalation.alarm
    steps = session.scalars(select(EscalationStep).where(*of_alarm).order_by(EscalationStep.position))
    to = [alerts.Recipient(step.phone, step.staff_id) for step in steps if step.staff_id is not None]
    reason = f"escalation-{escalation.id}-{escalation.alarm}"
    return alerts.raise_for(session, escalation.request, to, reason=reason, body=body, at=at)


# --- Ringing


def begin_ring(session: Session, escalation: Escalation, at: datetime) -> OutboundCall | None:
    """A call to the step whose turn it is, to be placed from `at`. None when another ring is under way or there is
    nobody to ring."""
    step = current_step(session, escalation)
    if step is None:
        return None
    expected = and_(_unmoved(escalation), Escalation.next_at.is_not(None))
    if not compare_and_set(session, escalation, expected, {"rings": escalation.rings + 1, "next_at": None}):
        return None
    call = OutboundCall(
        escalation_id=escalation.id,
        step_id=step.id,
        number=escalation.rings,
        to_number=step.phone,
        state=OutboundCallState.READY,
        due_at=at,
    )
    session.add(call)
    session.flush()
    return call


def next_step(session: Session, escalation: Escalation, *, at: datetime, lap_after: timedelta) -> None:
    """Nobody took it: the next step is rung from `at`; after the last one the chain begins again `lap_after` later.

    Nothing happens when somebody has taken it, or was quicker.
    """
    there_is = select(EscalationStep.id).where(*_at(escalation, escalation.position + 1))
    values: dict[str, Any] = {"position": escalation.position + 1, "next_at": at}
    if session.scalar(there_is) is None:
        values = {"lap": escalation.lap + 1, "position": 0, "next_at": at + lap_after}
    compare_and_set(session, escalation, _unmoved(escalation), values)


def _of(session: Session, request: HelpRequest) -> Escalation | None:
    return session.scalar(select(Escalation).where(Escalation.request_id == request.id))


def _at(escalation: Escalation, position: int) -> tuple[Any, ...]:
    return (
        EscalationStep.escalation_id == escalation.id,
        EscalationStep.alarm == escalation.alarm,
        EscalationStep.position == position,
    )


def _unmoved(escalation: Escalation) -> Any:
    """It still rings, where it was when `escalation` was read."""
    return and_(
        Escalation.state == EscalationState.RINGING,
        Escalation.alarm == escalation.alarm,
        Escalation.lap == escalation.lap,
        Escalation.position == escalation.position,
        Escalation.rings == escalation.rings,
    )


def _freeze(session: Session, escalation: Escalation, steps: Iterable[Step]) -> bool:
    session.add_all(
        EscalationStep(
            escalation_id=escalation.id,
            alarm=escalation.alarm,
            position=position,
            kind=step.kind,
            name=storable(step.name, 100),
            phone=step.phone,
            staff_id=step.staff_id,
        )
        for position, step in enumerate(steps)
    )
    session.flush()
    session.expire(escalation, ["chain"])
    return True


def _officer(staff: Staff) -> Step:
    return Step(StepKind.OFFICER, staff.name, staff.phone or "", staff.id)


def _around(session: Session, person: Person, now: datetime) -> Iterator[Step]:
    for kind in (ContactKind.FAMILY, ContactKind.KEYHOLDER, ContactKind.NEIGHBOUR):
        for contact in person.contacts:
            if contact.kind is kind:
                yield Step(StepKind(kind.value), contact.name, contact.phone, None)
    current = (
        VolunteerPairing.person_id == person.id,
        or_(VolunteerPairing.until.is_(None), VolunteerPairing.until >= now.date()),
    )
    for pairing in session.scalars(select(VolunteerPairing).where(*current).order_by(VolunteerPairing.since)):
        yield Step(StepKind.VOLUNTEER, pairing.volunteer.name, pairing.volunteer.phone or "", None)
    if person.community is not None:
        yield Step(StepKind.COMMUNITY, person.community.name, person.community.office_phone or "", None)
