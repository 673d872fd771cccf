"""The auditor: finds what does not move by itself although somebody waits for it, says so, and sets it going again.

It should never find anything. What it finds is a mistake in the code, dead workers, or a provider that is away.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from care_records.models import CheckIn, Escalation, EscalationStep, HelpRequest, OutboundCall
from care_records.models.base import UtcDateTime
from care_records.models.check_ins import CheckInState, OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus
from care_records.services import check_ins, escalations
from care_records.services.urgency import RUNG_FOR
from ivr.config import Settings
from ivr.outbound.placing import LASTING

log = structlog.get_logger()


@dataclass(frozen=True)
class Audit:
    """How many there are of each kind. The first three have been set going again."""

    stalled_escalations: int = 0
    stalled_check_ins: int = 0
    without_escalation: int = 0
    """Red and orange requests that nobody has taken and for which nobody was going to be rung."""
    overdue: int = 0
    """Check-ins, escalations and calls that have been due for long: workers are missing."""
    put_off: int = 0
    """Calls that the provider has had no room for, for long."""
    without_anybody: int = 0
    """Escalations that have nobody to ring: nobody is on duty, and nobody else has a telephone."""


class Auditor:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._late = timedelta(minutes=settings.stalled_min)

    def audit(self, now: datetime) -> Audit:
        """Looks at everything that is open. Raises what the database raises."""
        with self._sessions.begin() as session:
            overdue = self._overdue(session, now)
            found = Audit(
                stalled_escalations=_set_escalations_going(session, now),
                stalled_check_ins=_set_check_ins_going(session, now),
                without_escalation=self._escalate(session, now),
                overdue=overdue,
                put_off=_put_off(session),
                without_anybody=_without_anybody(session),
            )
        if found != Audit():
            log.critical("audit_found", **{name: count for name, count in asdict(found).items() if count})
        return found

    def _escalate(self, session: Session, now: datetime) -> int:
        """The line opens an escalation together with its request: what has none by now has been forgotten."""
        forgotten = select(HelpRequest).where(
            HelpRequest.status == RequestStatus.OPEN,
            HelpRequest.urgency.in_(RUNG_FOR),
            HelpRequest.created_at < now - self._late,
            ~exists().where(Escalation.request_id == HelpRequest.id),
        )
        opened = [
            escalations.open_for(session, request, begins_at=now, at=now)
            for request in session.scalars(forgotten).all()
        ]
        return len(opened)

    def _overdue(self, session: Session, now: datetime) -> int:
        """Counts what workers should have done."""
        since = now - self._late
        return (
            _count(session, CheckIn.id, CheckIn.state.in_(check_ins.MACHINE), CheckIn.next_at < since)
            + _count(session, Escalation.id, Escalation.state != EscalationState.RESOLVED, Escalation.next_at < since)
            + _count(
                session, OutboundCall.id, OutboundCall.state == OutboundCallState.READY, OutboundCall.due_at < since
            )
        )


def _set_escalations_going(session: Session, now: datetime) -> int:
    """One that rings nobody and waits for nothing goes on from where its last ring ended."""
    rung = OutboundCall.escalation_id == Escalation.id, OutboundCall.number == Escalation.rings
    last_ended = select(OutboundCall.ended_at).where(*rung).scalar_subquery()
    ringing = exists().where(OutboundCall.escalation_id == Escalation.id, OutboundCall.state != OutboundCallState.ENDED)
    stalled = and_(
        Escalation.next_at.is_(None),
        or_(
            Escalation.state.in_((EscalationState.WAITING, EscalationState.TAKEN)),
            and_(Escalation.state == EscalationState.RINGING, ~ringing),
        ),
    )
    values = {"next_at": func.coalesce(last_ended, literal(now, UtcDateTime()))}
    statement = update(Escalation).where(stalled).values(values).returning(Escalation.id)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())


def _set_check_ins_going(session: Session, now: datetime) -> int:
    """One that the machine has, without a call under way and without a time at which it goes on, goes on now."""
    live = exists().where(OutboundCall.check_in_id == CheckIn.id, OutboundCall.state != OutboundCallState.ENDED)
    stalled = and_(
        CheckIn.next_at.is_(None),
        or_(
            CheckIn.state.in_((CheckInState.PLANNED, CheckInState.WAITING)),
            and_(CheckIn.state == CheckInState.CALLING, ~live),
        ),
    )
    statement = update(CheckIn).where(stalled).values(next_at=now).returning(CheckIn.id)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())


def _put_off(session: Session) -> int:
    ready = OutboundCall.state == OutboundCallState.READY
    return _count(session, OutboundCall.id, ready, OutboundCall.put_off >= LASTING)


def _without_anybody(session: Session) -> int:
    chain = exists().where(EscalationStep.escalation_id == Escalation.id, EscalationStep.alarm == Escalation.alarm)
    return _count(session, Escalation.id, Escalation.state == EscalationState.RINGING, ~chain)


def _count(session: Session, id_: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(id_)).where(*conditions)) or 0
