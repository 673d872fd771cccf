"""Whether a person may still be rung: looked at again before every call, because much changes after the planning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Pause, Person, Round, Staff
from care_records.models.people import CheckInPlan
from ivr.config import Settings
from ivr.outbound.hours import Nap, is_open, nap_of, open_hours
from ivr.outbound.numbers import usable

Refusal = Literal["not_wanted", "paused"]


@dataclass(frozen=True)
class TakenBack:
    """Somebody named has taken a check-in back since it was planned."""

    staff: Staff
    reason: str


def taken_back(session: Session, check_in: CheckIn) -> TakenBack | None:
    """Whether the person is paused on that day, or the round has been stopped; and who did it."""
    pause = _pause(session, check_in)
    if pause is not None and pause.staff_id is not None:
        return TakenBack(session.get_one(Staff, pause.staff_id), pause.reason)
    stopped = _stopped(session, check_in)
    if stopped is not None and stopped.stopped_by_id is not None:
        return TakenBack(session.get_one(Staff, stopped.stopped_by_id), "这一轮问候已停止")
    return None


def refusal(session: Session, check_in: CheckIn) -> Refusal | None:
    """Why the person is not to be rung any more; None: they may be."""
    person = check_in.person
    if not person.consent_calls or person.check_in_plan is CheckInPlan.NONE or _stopped(session, check_in):
        return "not_wanted"
    return "paused" if _pause(session, check_in) is not None else None


def may_be_rung(session: Session, check_in: CheckIn, number: str, settings: Settings, now: datetime) -> bool:
    """Whether this very call may be made now: to that number, at this hour."""
    person = check_in.person
    if number not in numbers_of(person) or refusal(session, check_in):
        return False
    return is_open(open_hours(check_in.day, settings.windows, nap(person), settings.zone), now)


def numbers_of(person: Person) -> tuple[str, ...]:
    return usable(person.phone, person.phone2)


def nap(person: Person) -> Nap | None:
    return nap_of(person.nap_start, person.nap_end)


def _pause(session: Session, check_in: CheckIn) -> Pause | None:
    then = Pause.person_id == check_in.person_id, Pause.first_day <= check_in.day, Pause.last_day >= check_in.day
    return session.scalar(select(Pause).where(*then).order_by(Pause.staff_id.is_(None), Pause.id).limit(1))


def _stopped(session: Session, check_in: CheckIn) -> Round | None:
    round_ = session.get(Round, check_in.round_id) if check_in.round_id is not None else None
    return round_ if round_ is not None and round_.stopped_at is not None else None
