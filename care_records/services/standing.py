"""How things stand, in numbers: what is late, and how many are there to help. For watchdogs; names nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Escalation, OutboundCall
from care_records.models.check_ins import CheckInState, OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.services import duty

OVERDUE_AFTER: Final = timedelta(minutes=10)
"""A check-in that the line should have gone on with so long ago is overdue."""

_LINES_OWN: Final = (CheckInState.PLANNED, CheckInState.CALLING, CheckInState.WAITING)


@dataclass(frozen=True)
class Standing:
    check_ins_overdue: int
    """Check-ins that the line should have gone on with."""
    check_ins_to_follow_up: int
    """Check-ins that wait for a person to take them."""
    escalations_open: int
    """Cases for which somebody is still looked for."""
    escalations_stalled: int
    """Those of them, and of the taken ones, that should have gone on."""
    calls_put_off: int
    """Calls for which the provider has had no room so far."""
    officers: int
    """Officers on duty now who have a telephone."""


def at(session: Session, now: datetime, *, stalled_after: timedelta) -> Standing:
    """Asks for nothing but counts."""
    overdue = CheckIn.state.in_(_LINES_OWN) & (CheckIn.next_at <= now - OVERDUE_AFTER)
    looking = Escalation.state.in_((EscalationState.WAITING, EscalationState.RINGING))
    stalled = (Escalation.state != EscalationState.RESOLVED) & (Escalation.next_at <= now - stalled_after)
    put_off = (OutboundCall.state == OutboundCallState.READY) & (OutboundCall.put_off > 0)

    def number(query: Select[Any]) -> int:
        return session.scalar(query) or 0

    return Standing(
        check_ins_overdue=number(select(func.count(CheckIn.id)).where(overdue)),
        check_ins_to_follow_up=number(select(func.count(CheckIn.id)).where(CheckIn.state == CheckInState.FOLLOW_UP)),
        escalations_open=number(select(func.count(Escalation.id)).where(looking)),
        escalations_stalled=number(select(func.count(Escalation.id)).where(stalled)),
        calls_put_off=number(select(func.count(OutboundCall.id)).where(put_off)),
        officers=len(duty.officers(session, now)),
    )
