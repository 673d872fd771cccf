"""An escalation on its way: people are rung one after another, round and round, until somebody takes the case."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, Escalation, EscalationStep, HelpRequest, OutboundCall, Staff, Transfer
from care_records.models.check_ins import OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.services import escalations
from care_records.services.statements import compare_and_set
from ivr.config import Settings
from ivr.outbound import words

log = structlog.get_logger()

TALKING_PUT_OFF: Final = timedelta(seconds=15)
"""How long an alarm waits for a caller who is talking to an officer, before it looks again."""
ANSWERED_BY: Final = timedelta(seconds=10)
"""A dial that has gone on for longer than its ringing and this has been answered."""


class Escalations:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._lap = timedelta(minutes=settings.lap_min)
        self._dialing = timedelta(seconds=settings.ring_s) + ANSWERED_BY

    def advance(self, escalation_id: int, now: datetime) -> int | None:
        """Does what is due. The id of the call that is to be placed, if that is what follows.

        Nothing happens when it is not due, is over, or another worker is at it.
        """
        with self._sessions.begin() as session:
            escalation = _locked(session, escalation_id)
            if escalation is None or escalation.next_at is None or escalation.next_at > now:
                return None
            match escalation.state:
                case EscalationState.WAITING:
                    return self._begin(session, escalation, now)
                case EscalationState.RINGING:
                    return self._go_on(session, escalation, now)
                case EscalationState.TAKEN:
                    return self._alarm_again(session, escalation, now)
                case EscalationState.RESOLVED:
                    return None

    def _begin(self, session: Session, escalation: Escalation, now: datetime) -> int | None:
        call = escalation.request.call
        if call is not None and self._talking(call, now):
            escalations.put_off(session, escalation, now + TALKING_PUT_OFF)
            return None
        return self._freeze(session, escalation, now)

    def _talking(self, call: Call, now: datetime) -> bool:
        """Whether the caller is still there and an officer has picked up."""
        dialing = call.ended_at is None and call.outcome is None and call.state.get("place") == "dialing"
        return dialing and call.updated_at + self._dialing < now

    def _freeze(self, session: Session, escalation: Escalation, now: datetime) -> int | None:
        """Whoever is to be rung is written down now; nobody is, when there is nobody, until the next lap."""
        steps = escalations.chain_for(session, escalation.request, _first(session, escalation), now)
        if not escalations.begin(session, escalation, steps, now):
            return None
        self._tell(session, escalation, len(steps), now)
        return self._ring(session, escalation, now)

    def _alarm_again(self, session: Session, escalation: Escalation, now: datetime) -> int | None:
        """Whoever has it is rung first: it is not resolved."""
        taker = session.get(Staff, escalation.taken_by_id) if escalation.taken_by_id is not None else None
        steps = escalations.chain_for(session, escalation.request, taker, now)
        if not escalations.alarm_again(session, escalation, steps, now):
            return None
        self._tell(session, escalation, len(steps), now)
        return self._ring(session, escalation, now)

    def _tell(self, session: Session, escalation: Escalation, steps: int, now: datetime) -> None:
        """Those who are rung get a message too. That there is nobody to be rung is an alarm of its own."""
        fields = {"escalation": escalation.id, "alarm": escalation.alarm, "lap": escalation.lap}
        if not steps:
            log.critical("escalation_without_anybody", **fields)
            return
        log.warning("escalation_begins", steps=steps, **fields)
        request = escalation.request
        person = request.person.name if request.person else None
        body = words.alarm(request.number, request.urgency, person, request.matter, again=escalation.alarm > 1)
        escalations.alert_officers(session, escalation, body=body, at=now)

    def _go_on(self, session: Session, escalation: Escalation, now: datetime) -> int | None:
        """The ring has ended without anybody taking it, or the next one is due."""
        step = escalations.current_step(session, escalation)
        if step is None:
            return self._freeze(session, escalation, now)
        last = _last_ring(session, escalation)
        if last is not None and last.state is not OutboundCallState.ENDED:
            ringing = (Escalation.state == EscalationState.RINGING) & (Escalation.rings == last.number)
            compare_and_set(session, escalation, ringing, {"next_at": None})
            return None
        if last is not None and last.ended_at is not None and self._was_rung(escalation, step, last):
            escalations.next_step(session, escalation, at=last.ended_at, lap_after=self._lap)
        return self._ring(session, escalation, now)

    def _was_rung(self, escalation: Escalation, step: EscalationStep, last: OutboundCall) -> bool:
        """Whether the last ring was this step's, in this lap: a new lap begins a whole pause after a ring has ended."""
        if last.step_id != step.id or last.ended_at is None or escalation.next_at is None:
            return False
        return escalation.next_at < last.ended_at + self._lap

    def _ring(self, session: Session, escalation: Escalation, now: datetime) -> int | None:
        """Rings the current step, unless the lap is over: the next one begins when it is due."""
        if escalations.current_step(session, escalation) is None:
            escalations.next_step(session, escalation, at=now, lap_after=self._lap)
            return None
        if escalation.next_at is None or escalation.next_at > now:
            return None
        call = escalations.begin_ring(session, escalation, now)
        return call.id if call else None


def _locked(session: Session, escalation_id: int) -> Escalation | None:
    """The row, which is nobody else's until the transaction ends; None when it is gone, or somebody else's just now.

    Its request is locked before it: whoever takes a case does it in that order.
    """
    request_id = session.scalar(select(Escalation.request_id).where(Escalation.id == escalation_id))
    if request_id is None:
        return None
    session.get(HelpRequest, request_id, with_for_update={"of": HelpRequest})
    return session.get(Escalation, escalation_id, with_for_update={"skip_locked": True, "of": Escalation})


def _first(session: Session, escalation: Escalation) -> Staff | None:
    """The officer who has talked to the caller already."""
    answered = Transfer.call_id == escalation.request.call_id, Transfer.outcome == "answered"
    talked = select(Staff).join(Transfer).where(*answered).order_by(Transfer.id.desc()).limit(1)
    return session.scalar(talked)


def _last_ring(session: Session, escalation: Escalation) -> OutboundCall | None:
    last = OutboundCall.escalation_id == escalation.id, OutboundCall.number == escalation.rings
    return session.scalar(select(OutboundCall).where(*last))
