"""Calls as they go on: begun, one turn after another, settled by the provider's word, ended."""

# ruff: noqa: PLR0913 - columns are given by name

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import Call, CallTurn, Transfer
from care_records.models.base import UtcDateTime
from care_records.models.calls import Direction
from care_records.services import words
from care_records.services.statements import compare_and_set
from care_records.services.text import storable, storable_or_none

FINAL_STATUSES: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_RANKS: Final = {"queued": 0, "initiated": 0, "ringing": 1, "in-progress": 2, **dict.fromkeys(FINAL_STATUSES, 3)}
_RISKS: Final = ("yellow", "orange", "red")


class StaleTurn(Exception):  # noqa: N818 - it tells of a race, not of a mistake
    """The call is no longer at the turn that was to be answered: somebody else has answered it."""


def start(
    session: Session,
    *,
    sid: str,
    direction: str,
    person_id: int | None,
    from_number: str | None,
    to_number: str | None,
    at: datetime,
    state: dict[str, Any],
    turn: dict[str, Any],
    context: dict[str, Any],
    turn_number: int,
    status: str = "in-progress",
) -> Call:
    """The call with that sid: made now, or, when it has been started before, the row as it is (nothing is changed)."""
    call = Call(
        sid=sid,
        direction=Direction(direction),
        person_id=person_id,
        from_number=storable_or_none(from_number, 64),
        to_number=storable_or_none(to_number, 64),
        status=status,
        started_at=at,
        updated_at=at,
        state=state,
        turn=turn,
        context=context,
        turn_number=turn_number,
    )
    try:
        with session.begin_nested():
            session.add(call)
    except IntegrityError:
        known = find(session, sid)
        if known is None:
            raise
        return known
    return call


def find(session: Session, sid: str) -> Call | None:
    """The call with the provider's id `sid`."""
    return session.scalar(select(Call).where(Call.sid == sid))


def advance(
    session: Session,
    call: Call,
    *,
    expected_turn: int,
    turn_number: int,
    state: dict[str, Any],
    turn: dict[str, Any],
    at: datetime,
) -> None:
    """Moves the call from `expected_turn` to the next turn, in one atomic step. Raises StaleTurn if it is not there."""
    values = {"turn_number": turn_number, "state": state, "turn": turn, "updated_at": at}
    if not compare_and_set(session, call, Call.turn_number == expected_turn, values):
        raise StaleTurn(f"turn {expected_turn} has been answered")


def add_turn(
    session: Session,
    call: Call,
    *,
    number: int,
    said: list[Any],
    asked: str | None,
    answer: str,
    heard: str | None,
    key: str | None,
    confidence: float | None,
    recording_sid: str | None,
    at: datetime,
    took_ms: int,
) -> CallTurn:
    """Writes down one exchange. A number that the call already has raises IntegrityError."""
    exchange = CallTurn(
        call_id=call.id,
        number=number,
        said=said,
        asked=asked,
        answer=answer,
        heard=storable_or_none(heard),
        key=key,
        confidence=confidence,
        recording_sid=recording_sid,
        at=at,
        took_ms=took_ms,
    )
    session.add(exchange)
    session.flush()
    if heard:
        words.refresh(session, call.id)
    return exchange


def add_transfer(
    session: Session,
    call: Call,
    *,
    turn_number: int,
    staff_id: int | None,
    to_number: str,
    outcome: str,
    seconds: int,
    at: datetime,
) -> Transfer:
    """Writes down that an officer was rung for the caller, and how it ended."""
    transfer = Transfer(
        call_id=call.id,
        turn_number=turn_number,
        staff_id=staff_id,
        to_number=storable(to_number, 20),
        outcome=outcome,
        seconds=seconds,
        at=at,
    )
    session.add(transfer)
    session.flush()
    return transfer


def settle_status(session: Session, call: Call, *, status: str, duration_s: int | None, at: datetime) -> bool:
    """Takes the provider's word, which comes in any order and more than once; True if it changed the call.

    A status only ever moves on (queued, ringing, in-progress, then a final one) and a final one sticks. A word that
    is not in the provider's list changes nothing. A final status dates the end unless the conversation has done so.
    """
    rank = _RANKS.get(status)
    if rank is None:
        return False
    earlier = [known for known, known_rank in _RANKS.items() if known_rank < rank]
    values: dict[str, Any] = {"status": status, "updated_at": at}
    if status in FINAL_STATUSES:
        values |= {"duration_s": duration_s, "ended_at": _unless_ended(at)}
    return compare_and_set(session, call, Call.status.in_(earlier), values)


def end(session: Session, call: Call, *, outcome: str, at: datetime) -> None:
    """The conversation is over. The first outcome stays; the end is dated unless it has been."""
    values = {"outcome": storable(outcome, 50), "ended_at": _unless_ended(at), "updated_at": at}
    compare_and_set(session, call, Call.outcome.is_(None), values)


def flag_risk(session: Session, call: Call, risk: str) -> None:
    """Something dangerous was heard; the gravest of a call (red, then orange, then yellow) is kept."""
    graver_or_same = _RISKS[_RISKS.index(risk) :]
    if call.risk not in graver_or_same:
        call.risk = risk
        session.flush()


def unfinished(session: Session, *, untouched_since: datetime, limit: int) -> list[Call]:
    """Calls whose conversation has no outcome and in which nothing has happened since, the longest quiet first."""
    quiet = select(Call).where(Call.outcome.is_(None), Call.updated_at < untouched_since)
    return list(session.scalars(quiet.order_by(Call.updated_at, Call.id).limit(limit)))


def _unless_ended(at: datetime) -> ColumnElement[datetime]:
    return func.coalesce(Call.ended_at, literal(at, UtcDateTime()))
