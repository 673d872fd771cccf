"""The rows of the calls that the line has placed, as the provider's word and the conversation settle them."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import OutboundCall
from care_records.services import calls, outbound_calls
from ivr.calls.record import StatusRecord

log = structlog.get_logger()

RESULTS = {
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "canceled",
    "completed": "hung_up",
}
"""What a final status means where the conversation has come to nothing of its own: whoever picked up has left."""


def find(session: Session, sid: str) -> OutboundCall | None:
    """The row of the call with the provider's id `sid`, if the line has placed it."""
    return session.scalar(select(OutboundCall).where(OutboundCall.sid == sid))


def bind(session: Session, outbound_id: int | None, sid: str, at: datetime) -> OutboundCall | None:
    """The row of this call, which from now on has its SID; None for any other call, and for a row of another one."""
    row = outbound_calls.get(session, outbound_id) if outbound_id is not None else find(session, sid)
    if row is None or row.sid == sid:
        return row
    if outbound_calls.placed(session, row, sid, at):
        return row
    log.error("outbound_call_not_bound", outbound_call=row.id, sid=sid, state=row.state)
    return None


def settle(session: Session, record: StatusRecord) -> OutboundCall | None:
    """The row of the call that the status is about, ended if the status is a final one."""
    row = bind(session, record.outbound_id, record.sid, record.at)
    if row is not None and record.status in calls.FINAL_STATUSES:
        outbound_calls.ended(session, row, result=RESULTS[record.status], at=record.at)
    return row
