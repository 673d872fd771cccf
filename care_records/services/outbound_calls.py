"""Calls that the line makes, on their way through the provider: sent at most once, whatever dies when."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import CallGate, CheckIn, Escalation, OutboundCall
from care_records.models.check_ins import CheckInState, OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.services import check_ins
from care_records.services.statements import compare_and_set, insert_unless_there
from care_records.services.text import storable, storable_or_none

FINDINGS: Final = ("fine", "relative_fine", "concern", "silent", "unclear", "refused", "later")
"""Results of a conversation that tell more than that it ended; nothing that comes later replaces one."""
NOT_WANTED: Final = "canceled"
"""The result of a call that was not made, because meanwhile nobody needed it."""

_UNSETTLED: Final = (OutboundCallState.SENDING, OutboundCallState.PLACED, OutboundCallState.UNCERTAIN)
_GATE: Final = 1


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The ids of those that are to be sent by now, the longest due first."""
    ready = select(OutboundCall.id).where(OutboundCall.state == OutboundCallState.READY, OutboundCall.due_at <= now)
    return list(session.scalars(ready.order_by(OutboundCall.due_at, OutboundCall.id).limit(limit)))


def get(session: Session, id: int) -> OutboundCall | None:  # noqa: A002 - it is what the provider's URLs carry
    """The row with that id."""
    return session.get(OutboundCall, id)


def claim(session: Session, row: OutboundCall, now: datetime) -> bool:
    """Whether it is the caller's to send, once, after this is committed.

    A call that nobody needs any more (the check-in was closed, the case taken) is not sent: it ends as `canceled`.
    """
    values = {"state": OutboundCallState.SENDING, "sent_at": now}
    ready = OutboundCall.state == OutboundCallState.READY
    if compare_and_set(session, row, and_(ready, _wanted()), values):
        return True
    unwanted = {"state": OutboundCallState.ENDED, "result": NOT_WANTED, "ended_at": now}
    compare_and_set(session, row, and_(ready, ~_wanted()), unwanted)
    return False


def placed(session: Session, row: OutboundCall, sid: str, at: datetime) -> bool:
    """The provider has it, as `sid`: told by its answer, its callbacks or its list, in any order and more than once.

    One that was given up as lost keeps its end, and learns its `sid`. False, and nothing is changed, when the row has
    another sid, or another row has this one.
    """
    if row.sid == sid:
        return True
    early = OutboundCall.state.in_((OutboundCallState.READY, OutboundCallState.SENDING, OutboundCallState.UNCERTAIN))
    values: dict[str, Any] = {
        "state": OutboundCallState.PLACED,
        "sid": storable(sid, 64),
        "sent_at": func.coalesce(OutboundCall.sent_at, literal(at, OutboundCall.sent_at.type)),
    }
    ended = {"sid": values["sid"]}
    unnamed = OutboundCall.sid.is_(None)
    try:
        with session.begin_nested():
            bound = compare_and_set(session, row, and_(early, unnamed), values) or compare_and_set(
                session, row, and_(OutboundCall.state == OutboundCallState.ENDED, unnamed), ended
            )
    except IntegrityError:
        session.refresh(row)
        return False
    return bound or row.sid == sid


def put_off(session: Session, row: OutboundCall, until: datetime) -> None:
    """The provider had no room, and certainly did not take it: sent again from `until`, which is not another try."""
    values = {
        "state": OutboundCallState.READY,
        "due_at": until,
        "sent_at": None,
        "put_off": OutboundCall.put_off + 1,
    }
    compare_and_set(session, row, OutboundCall.state == OutboundCallState.SENDING, values)


def uncertain(session: Session, row: OutboundCall, error: str) -> None:
    """Nobody knows whether the provider took it; a callback may have told meanwhile."""
    values = {"state": OutboundCallState.UNCERTAIN, "error": storable(error, 300)}
    compare_and_set(session, row, OutboundCall.state == OutboundCallState.SENDING, values)


def conversed(session: Session, row: OutboundCall, result: str) -> None:
    """What the conversation came to. It stands when the call ends.

    Told after the end, it replaces what was no finding, and what follows is decided anew.
    """
    no_finding = or_(OutboundCall.result.is_(None), OutboundCall.result.not_in(FINDINGS))
    if not compare_and_set(session, row, no_finding, {"result": storable(result, 30)}):
        return
    if row.state is OutboundCallState.ENDED and row.check_in is not None and row.ended_at is not None:
        check_ins.decide_again(session, row.check_in, row.number, row.ended_at)


def ended(session: Session, row: OutboundCall, *, result: str, at: datetime, error: str | None = None) -> bool:
    """The call is over. The first result stays, a conversation's above all; what follows is decided from `at`.

    False when it had ended before.
    """
    values = {
        "state": OutboundCallState.ENDED,
        "result": func.coalesce(OutboundCall.result, storable(result, 30)),
        "ended_at": at,
        "error": func.coalesce(storable_or_none(error, 300), OutboundCall.error),
    }
    if not compare_and_set(session, row, OutboundCall.state != OutboundCallState.ENDED, values):
        return False
    if row.check_in is not None:
        check_ins.try_ended(session, row.check_in, at)
    elif row.escalation is not None:
        ringing = Escalation.state == EscalationState.RINGING
        under_way = and_(Escalation.rings == row.number, Escalation.next_at.is_(None))
        compare_and_set(session, row.escalation, and_(ringing, under_way), {"next_at": at})
    return True


def unsettled(session: Session, *, sent_before: datetime, limit: int) -> list[int]:
    """The ids of those that were sent before then and have not ended, the longest sent first."""
    open_ = OutboundCall.state.in_(_UNSETTLED), OutboundCall.sent_at < sent_before
    return list(session.scalars(select(OutboundCall.id).where(*open_).order_by(OutboundCall.sent_at).limit(limit)))


def reserve_slot(session: Session, now: datetime, calls_per_second: float, count: int = 1) -> datetime:
    """From when the next `count` calls may be sent, one every 1/`calls_per_second` s; nobody else gets those moments.

    Others wait until this transaction ends: keep it short.
    """
    session.execute(insert_unless_there(session, CallGate).values(id=_GATE, next_at=now))
    gate = session.get_one(CallGate, _GATE, with_for_update=True, populate_existing=True)
    slot = max(gate.next_at, now)
    gate.next_at = slot + timedelta(seconds=count / calls_per_second)
    session.flush()
    return slot


def _wanted() -> ColumnElement[bool]:
    """It is the try that its check-in, or the ring that its escalation, is at."""
    calling = (
        CheckIn.id == OutboundCall.check_in_id,
        CheckIn.state == CheckInState.CALLING,
        CheckIn.tries == OutboundCall.number,
    )
    ringing = (
        Escalation.id == OutboundCall.escalation_id,
        Escalation.state == EscalationState.RINGING,
        Escalation.rings == OutboundCall.number,
    )
    return or_(exists().where(*calling), exists().where(*ringing))
