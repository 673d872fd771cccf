"""Wellbeing calls: planned, tried, answered, ended. Each step is a compare-and-set: of two at once one wins."""

# ruff: noqa: PLR0913, PLR0917 - columns are given by name

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from care_records.models import Call, CheckIn, CheckInAnswer, HelpRequest, OutboundCall, Pause, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import Urgency
from care_records.services import cases, requests
from care_records.services.statements import compare_and_set, insert_many_unless_there, insert_unless_there, set_where
from care_records.services.text import storable, storable_or_none
from care_records.services.urgency import graver, less_grave_than

MACHINE: Final = (CheckInState.PLANNED, CheckInState.CALLING, CheckInState.WAITING)
"""The line has something to do."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A check-in to be. `occasion` is `daily`, or `round-7` for an extra round; `weekly` asks the weekly questions."""

    person_id: int
    day: date
    due_at: datetime
    weekly: bool
    occasion: str = "daily"
    round_id: int | None = None


def plan(session: Session, rows: Sequence[Planned], at: datetime) -> int:
    """Adds those that are not there yet (a person has one for each day and occasion); says how many that were."""
    return insert_many_unless_there(session, CheckIn, [_columns(row, at) for row in rows])


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The ids of those with which the line has something to do by now, the longest due first."""
    waiting = select(CheckIn.id).where(CheckIn.state.in_(MACHINE), CheckIn.next_at <= now)
    return list(session.scalars(waiting.order_by(CheckIn.next_at, CheckIn.id).limit(limit)))


def pending(session: Session, person_id: int, day: date) -> CheckIn | None:
    """What a call from that person may close or join: not ended, and taken by nobody. The day's own one first."""
    of_person = CheckIn.person_id == person_id, CheckIn.day == day, CheckIn.state.in_(cases.OPEN_CHECK_INS)
    first = CheckIn.round_id.is_not(None), CheckIn.due_at, CheckIn.id
    return session.scalar(select(CheckIn).where(*of_person).order_by(*first).limit(1))


# --- Tries


def begin_try(session: Session, check_in: CheckIn, to_number: str, at: datetime) -> OutboundCall | None:
    """The next try of one that is planned or waits, to be placed from `at`. None when somebody was quicker."""
    expected = and_(CheckIn.state.in_((CheckInState.PLANNED, CheckInState.WAITING)), CheckIn.tries == check_in.tries)
    values = {"state": CheckInState.CALLING, "tries": check_in.tries + 1, "next_at": None}
    if not compare_and_set(session, check_in, expected, values):
        return None
    call = OutboundCall(
        check_in_id=check_in.id,
        number=check_in.tries,
        to_number=to_number,
        state=OutboundCallState.READY,
        due_at=at,
    )
    session.add(call)
    session.flush()
    return call


def try_ended(session: Session, check_in: CheckIn, at: datetime) -> None:
    """Its call is over: what follows is to be decided from `at`. Nothing happens unless it was being called."""
    compare_and_set(session, check_in, CheckIn.state == CheckInState.CALLING, {"next_at": at})


def decide_again(session: Session, check_in: CheckIn, number: int, at: datetime) -> None:
    """More is known of its last try, `number`, than when it ended: what follows is decided again from `at`."""
    undone = CheckIn.state.in_((CheckInState.CALLING, CheckInState.WAITING)), CheckIn.tries == number
    compare_and_set(session, check_in, and_(*undone), {"next_at": at})


def wait(session: Session, check_in: CheckIn, next_at: datetime) -> bool:
    """The next step is at `next_at`; one that has not been tried stays planned. False if it has moved on meanwhile."""
    expected = and_(CheckIn.state == check_in.state, CheckIn.tries == check_in.tries, CheckIn.state.in_(MACHINE))
    state = CheckInState.PLANNED if check_in.state is CheckInState.PLANNED else CheckInState.WAITING
    return compare_and_set(session, check_in, expected, {"state": state, "next_at": next_at})


# --- What was said


def answered(
    session: Session,
    check_in: CheckIn,
    call: Call,
    *,
    question: str,
    answer: str,
    by: str,
    key: str | None,
    heard: str | None,
    confidence: float | None,
    flag: str | None,
    at: datetime,
) -> None:
    """Writes down an answer, and raises the check-in's flag to its own. A question has one answer a call: the first."""
    values = {
        "check_in_id": check_in.id,
        "call_id": call.id,
        "question": question,
        "answer": answer,
        "by": by,
        "key": key,
        "heard": storable_or_none(heard),
        "confidence": confidence,
        "flag": Urgency(flag) if flag else None,
        "at": at,
    }
    session.flush()
    if not session.scalars(insert_unless_there(session, CheckInAnswer).returning(CheckInAnswer.id), [values]).all():
        return
    session.expire(check_in, ["answers"])
    if flag:
        lower = or_(CheckIn.flag.is_(None), CheckIn.flag.in_(less_grave_than(Urgency(flag))))
        compare_and_set(session, check_in, lower, {"flag": Urgency(flag)})


# --- Ends


def close_fine(session: Session, check_in: CheckIn, at: datetime) -> bool:
    """The person confirmed that they are fine: the one end that needs nobody else.

    One that has become a case is not closed, only noted there: no further try is made, and people have it until
    somebody takes it. False then, and when it has ended already.
    """
    fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE, "next_at": None, "ended_at": at}
    nobodys = CheckIn.state.in_(cases.OPEN_CHECK_INS) & CheckIn.request_id.is_(None)
    if compare_and_set(session, check_in, nobodys, fine):
        return True
    if check_in.request is not None:
        cases.lock(session, check_in.request)
        peoples = {"state": CheckInState.FOLLOW_UP, "next_at": None}
        if compare_and_set(session, check_in, CheckIn.state.in_(cases.OPEN_CHECK_INS), peoples):
            requests.note(session, check_in.request, "本人在电话里说平安。", at=at)
    return False


def hand_over(
    session: Session,
    check_in: CheckIn,
    *,
    outcome: CheckInOutcome,
    flag: Urgency | None,
    request: HelpRequest,
    at: datetime,
    tries_go_on: bool = False,
) -> bool:
    """It is somebody's work now, as `request`. Has somebody taken that already, it has ended with them.

    `tries_go_on` (frail and alone): people look for them while the line goes on trying. If it is another case already,
    that one joins `request` (see `requests.join`). False when it has ended, or is with people as `request` already.
    """
    already = check_in.request
    joined = already is not None and already.id != request.id and requests.join(session, already, request, at=at)
    cases.lock(session, request)
    values: dict[str, Any] = {"outcome": outcome, "flag": graver(check_in.flag, flag), "request_id": request.id}
    if request.taken_by is not None:
        values |= _ended(CheckInState.DONE, request.taken_by, request.assignee_id, at)
    elif not tries_go_on:
        values |= {"state": CheckInState.FOLLOW_UP, "next_at": None}
    before = (
        CheckIn.request_id.is_(None) if tries_go_on else CheckIn.request_id.is_not_distinct_from(check_in.request_id)
    )
    expected = and_(CheckIn.state.in_(cases.OPEN_CHECK_INS if joined else MACHINE), before)
    return compare_and_set(session, check_in, expected, values)


def mark_seen(session: Session, check_in: CheckIn, staff: Staff, how: str, at: datetime) -> bool:
    """`staff` has seen the person, and says `how`: no call is needed. False when it has ended, or is a case."""
    values = _ended(CheckInState.WITHDRAWN, staff.name, staff.id, at) | {"reason": storable(how, 200)}
    return compare_and_set(session, check_in, CheckIn.state.in_(MACHINE) & CheckIn.request_id.is_(None), values)


def withdraw(session: Session, check_in: CheckIn, staff: Staff, reason: str, at: datetime) -> bool:
    """`staff` takes it back. False when people have it, when it has ended, and as long as its call goes on."""
    values = _ended(CheckInState.WITHDRAWN, staff.name, staff.id, at) | {"reason": storable(reason, 200)}
    return compare_and_set(session, check_in, between_calls(), values)


def between_calls() -> ColumnElement[bool]:
    """The machine has it, nobody else, and no call is under way."""
    quiet = or_(
        CheckIn.state.in_((CheckInState.PLANNED, CheckInState.WAITING)),
        and_(CheckIn.state == CheckInState.CALLING, CheckIn.next_at.is_not(None)),
    )
    return and_(quiet, CheckIn.request_id.is_(None))


# --- Pauses


def pause(
    session: Session, person_id: int, first_day: date, last_day: date, reason: str, staff: Staff, at: datetime
) -> Pause:
    """Nobody rings the person from `first_day` to `last_day`. Takes back what was planned for then and has not begun.

    Raises ValueError when the last day is before the first.
    """
    if last_day < first_day:
        raise ValueError("a pause ends after it begins")
    pause = Pause(
        person_id=person_id,
        first_day=first_day,
        last_day=last_day,
        reason=storable(reason, 200),
        staff_id=staff.id,
        created_at=at,
    )
    session.add(pause)
    session.flush()
    planned = and_(
        CheckIn.person_id == person_id,
        CheckIn.day.between(first_day, last_day),
        CheckIn.state == CheckInState.PLANNED,
    )
    values = _ended(CheckInState.WITHDRAWN, staff.name, staff.id, at) | {"reason": pause.reason}
    set_where(session, CheckIn, planned, values)
    return pause


def paused(session: Session, person_ids: Collection[int], day: date) -> set[int]:
    """Those among them who are not rung on `day`; at most as many ids as a statement takes (10,000 always fit)."""
    then = Pause.first_day <= day, Pause.last_day >= day
    return set(session.scalars(select(Pause.person_id).where(Pause.person_id.in_(person_ids), *then)))


def _columns(row: Planned, at: datetime) -> dict[str, Any]:
    return {
        "person_id": row.person_id,
        "day": row.day,
        "occasion": row.occasion,
        "round_id": row.round_id,
        "weekly": row.weekly,
        "due_at": row.due_at,
        "state": CheckInState.PLANNED,
        "next_at": row.due_at,
        "tries": 0,
        "created_at": at,
    }


def _ended(state: CheckInState, taken_by: str, taken_by_id: int | None, at: datetime) -> dict[str, Any]:
    return {"state": state, "taken_by": taken_by, "taken_by_id": taken_by_id, "next_at": None, "ended_at": at}
