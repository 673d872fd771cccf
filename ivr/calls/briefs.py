"""What a conversation needs to know of a check-in or of a case, read from the records once, when the call begins."""

from datetime import date, datetime, timedelta
from typing import Literal

from lunardate import LunarDate  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Escalation, EscalationStep, OutboundCall, Round
from care_records.services.people import age_on
from ivr.dialog.cases import trouble
from ivr.dialog.model import CaseBrief, CheckInBrief

NOBODY_KNOWN = "一位没有登记的来电人"


def of_check_in(session: Session, check_in: CheckIn) -> CheckInBrief:
    """The check-in as the person hears it. A greeting rides on the day's own one, an opening on an extra round."""
    extra = session.get(Round, check_in.round_id) if check_in.round_id is not None else None
    return CheckInBrief(
        check_in_id=check_in.id,
        address_as=check_in.person.address_as,
        weekly=check_in.weekly,
        opening=extra.opening if extra else None,
        greeting=None if extra else greeting_on(check_in.day, check_in.person.birth_date),
    )


def of_ring(session: Session, row: OutboundCall, now: datetime) -> CaseBrief | None:
    """The case that a helper is rung about, and whether they have taken it before. None if it is gone."""
    escalation = session.get(Escalation, row.escalation_id)
    step = session.get(EscalationStep, row.step_id) if row.step_id is not None else None
    return of_case(escalation, now, taken=_has_taken(escalation, step)) if escalation else None


def of_case(escalation: Escalation, now: datetime, *, taken: bool) -> CaseBrief:
    """The case as a helper hears it. `taken`: it is theirs already, and the question is whether it is resolved."""
    request, person = escalation.request, escalation.request.person
    return CaseBrief(
        escalation_id=escalation.id,
        person=person.name if person else NOBODY_KNOWN,
        address_as=person.address_as if person else "",
        matter=trouble(request.category, request.matter),
        urgency=request.urgency.value,
        minutes=max(0, int((now - request.created_at).total_seconds() // 60)),
        phone=request.phone or (person.phone if person else None),
        address=person.address if person else "",
        taken=taken,
    )


def greeting_on(day: date, born: date) -> Literal["birthday", "double_ninth"] | None:
    """What there is to wish on `day` to somebody born on `born`; their own day goes before everybody's."""
    if age_on(born, day) > age_on(born, day - timedelta(days=1)):
        return "birthday"
    return "double_ninth" if day == LunarDate(day.year, 9, 9).to_solar_date() else None


def _has_taken(escalation: Escalation, step: EscalationStep | None) -> bool:
    if step is None or escalation.taken_by is None:
        return False
    if escalation.taken_by_id is not None:
        return step.staff_id == escalation.taken_by_id
    return step.staff_id is None and step.name == escalation.taken_by
