"""What becomes of a case's escalation and check-ins when its request is taken, resolved, reopened or joined to another.

Only `services.requests` calls this: a request and all that hangs on it change in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Escalation, HelpRequest
from care_records.models.check_ins import CheckInState
from care_records.models.escalations import EscalationState
from care_records.services.statements import set_where

OPEN_CHECK_INS = (CheckInState.PLANNED, CheckInState.CALLING, CheckInState.WAITING, CheckInState.FOLLOW_UP)
"""Not ended: the machine has something to do, or people have."""
LOOKING = (EscalationState.WAITING, EscalationState.RINGING)
"""Nobody has it, or nobody has it any more."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody named who has taken a case. `staff_id` is None for whoever is not of the bureau."""

    name: str
    staff_id: int | None


def lock(session: Session, request: HelpRequest) -> None:
    """Nobody else changes the request before this transaction ends; `request` then shows what is in the database.

    Whatever links something to a request, or follows from its status, is done under this lock, so that taking a case
    never misses a check-in that is just being handed over.
    """
    session.flush()
    session.refresh(request, with_for_update=True)


def taken(session: Session, request: HelpRequest, taker: Taker, at: datetime, next_at: datetime) -> bool:
    """The escalation has somebody, and alarms again at `next_at`. False if none was looking for anybody."""
    values = {
        "state": EscalationState.TAKEN,
        "taken_by": taker.name,
        "taken_by_id": taker.staff_id,
        "taken_at": at,
        "next_at": next_at,
    }
    looking = and_(Escalation.request_id == request.id, Escalation.state.in_(LOOKING))
    return bool(set_where(session, Escalation, looking, values))


def end_check_ins(session: Session, request: HelpRequest, taker: Taker, at: datetime) -> None:
    """Somebody named has them: one of the two ends that a check-in may have."""
    values = {
        "state": CheckInState.DONE,
        "taken_by": taker.name,
        "taken_by_id": taker.staff_id,
        "next_at": None,
        "ended_at": at,
    }
    linked = and_(CheckIn.request_id == request.id, CheckIn.state.in_(OPEN_CHECK_INS))
    set_where(session, CheckIn, linked, values)


def resolved(session: Session, request: HelpRequest, at: datetime) -> None:
    """The escalation is over."""
    unresolved = and_(Escalation.request_id == request.id, Escalation.state != EscalationState.RESOLVED)
    values = {"state": EscalationState.RESOLVED, "next_at": None, "resolved_at": at}
    set_where(session, Escalation, unresolved, values)


def reopened(session: Session, request: HelpRequest, at: datetime) -> None:
    """The escalation looks for somebody again, with a new alarm."""
    over = and_(Escalation.request_id == request.id, Escalation.state == EscalationState.RESOLVED)
    values = {
        "state": EscalationState.WAITING,
        "next_at": at,
        "alarm": Escalation.alarm + 1,
        "lap": 1,
        "position": 0,
        "taken_by": None,
        "taken_by_id": None,
        "taken_at": None,
        "resolved_at": None,
    }
    set_where(session, Escalation, over, values)


def joined(session: Session, request: HelpRequest, into: HelpRequest, at: datetime) -> None:
    """The check-ins of `request` are `into`'s, and so is its escalation, wherever that has got to: nobody who is
    being rung is rung for two cases. If `into` has one of its own, that one goes on."""
    set_where(session, CheckIn, CheckIn.request_id == request.id, {"request_id": into.id})
    if session.scalar(select(Escalation.id).where(Escalation.request_id == into.id)) is not None:
        resolved(session, request, at)
        return
    set_where(session, Escalation, Escalation.request_id == request.id, {"request_id": into.id})
