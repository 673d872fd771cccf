"""What a conversation means for check-ins and cases, written down with everything else that its step asks for."""

from collections.abc import Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Call, CheckIn, Escalation, EscalationStep, HelpRequest, Staff
from care_records.models.check_ins import CheckInOutcome
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import check_ins, escalations, outbound_calls, requests
from ivr.calls import placed
from ivr.calls.record import StepRecord
from ivr.calls.terms import Terms
from ivr.dialog.model import CaseResolved, CaseTaken, CheckInAnswered, CheckInEnded, CheckInResult, Dial, Utterance

log = structlog.get_logger()

ALARMING = (Urgency.RED, Urgency.ORANGE)

OUTCOMES: Mapping[CheckInResult, CheckInOutcome] = {
    "relative_fine": CheckInOutcome.RELATIVE,
    "concern": CheckInOutcome.CONCERN,
    "silent": CheckInOutcome.SILENT,
    "unclear": CheckInOutcome.UNCLEAR,
    "refused": CheckInOutcome.REFUSED,
}
"""The results that need a person. `fine` needs nobody; after any other the line rings again."""

URGENCIES: Mapping[CheckInResult, Urgency] = {"silent": Urgency.RED, "unclear": Urgency.ORANGE}
"""How urgent a result is that raised no flag; the others are for the same day."""

RESOLVED_BY_PHONE = "电话办结。"


def alarm(session: Session, record: StepRecord, request: HelpRequest, terms: Terms) -> None:
    """A red or orange request is escalated, and the check-in of whoever is on the line becomes part of it.

    In this order: a case that the check-in has been already goes on as this one, whoever is being rung for it.
    """
    if request.urgency not in ALARMING or request.status not in (RequestStatus.OPEN, RequestStatus.TAKEN):
        return
    check_in = _check_in(session, record)
    if check_in is not None:
        _hand_over(session, record, check_in, outcome=_outcome(record), request=request)
    begins_at = record.at + terms.grace if _officers_are_rung(record) else record.at
    escalations.open_for(session, request, begins_at=begins_at, at=record.at)


def effect(
    session: Session,
    call: Call,
    record: StepRecord,
    wanted: CheckInAnswered | CheckInEnded | CaseTaken | CaseResolved,
    terms: Terms,
) -> None:
    """Carries out one effect of a step."""
    match wanted:
        case CheckInAnswered():
            _answered(session, call, record, wanted)
        case CheckInEnded():
            _ended(session, call, record, wanted, terms)
        case CaseTaken():
            _taken(session, record, wanted, terms)
        case CaseResolved():
            _resolved(session, record, wanted, terms)


def _answered(session: Session, call: Call, record: StepRecord, effect: CheckInAnswered) -> None:
    """An answer to one of the check-in's questions."""
    check_in = _check_in(session, record)
    if check_in is None:
        return
    spoken = record.event if isinstance(record.event, Utterance) else Utterance()
    check_ins.answered(
        session,
        check_in,
        call,
        question=effect.question,
        answer=effect.answer,
        by=effect.by,
        key=record.key,
        heard=spoken.text,
        confidence=spoken.confidence,
        flag=Urgency(effect.flag) if effect.flag else None,
        at=record.at,
    )


def _ended(session: Session, call: Call, record: StepRecord, effect: CheckInEnded, terms: Terms) -> None:
    """What the conversation found: the person is fine, or somebody must look after them, or the line rings again."""
    row = placed.find(session, record.sid)
    if row is not None:
        outbound_calls.conversed(session, row, effect.result)
    check_in = _check_in(session, record)
    if check_in is None:
        return
    outcome = OUTCOMES.get(effect.result)
    if effect.result == "fine":
        check_ins.close_fine(session, check_in, record.at)
    elif outcome is not None:
        request = _request(session, call, record, effect, terms)
        flag = Urgency(effect.flag) if effect.flag else None
        _hand_over(session, record, check_in, outcome=outcome, request=request, flag=flag)


def _taken(session: Session, record: StepRecord, effect: CaseTaken, terms: Terms) -> None:
    """Whoever is on the line has taken the case, unless somebody else was quicker."""
    escalation = session.get(Escalation, effect.escalation_id)
    if escalation is None:
        log.error("case_unknown", escalation=effect.escalation_id)
        return
    staff, step = _helper(session, record)
    try:
        if staff is not None:
            requests.take(session, escalation.request, staff, record.at, resolve_after=terms.resolve_after)
        elif step is not None:
            requests.take_over(
                session, escalation.request, step.name, step.kind, record.at, resolve_after=terms.resolve_after
            )
    except requests.AlreadyTaken:
        name = staff.name if staff else step.name if step else ""
        requests.note(session, escalation.request, f"{name}在电话里也接了手。", at=record.at, staff=staff)
    except requests.WrongStatus as error:
        log.info("case_not_taken", escalation=escalation.id, status=error.status)
    _converse(session, record, "taken")


def _resolved(session: Session, record: StepRecord, effect: CaseResolved, terms: Terms) -> None:
    """Whoever is on the line says that the case is done with."""
    escalation = session.get(Escalation, effect.escalation_id)
    if escalation is None:
        log.error("case_unknown", escalation=effect.escalation_id)
        return
    staff, _ = _helper(session, record)
    try:
        requests.resolve(
            session, escalation.request, staff=staff, result=RESOLVED_BY_PHONE, at=record.at, zone=terms.zone
        )
    except requests.WrongStatus as error:
        log.info("case_not_resolved", escalation=escalation.id, status=error.status)
    _converse(session, record, "resolved")


def _outcome(record: StepRecord) -> CheckInOutcome:
    """What an alarm makes of the check-in."""
    reported = (OUTCOMES.get(effect.result) for effect in record.effects if isinstance(effect, CheckInEnded))
    return next(reported, None) or CheckInOutcome.CONCERN


def _officers_are_rung(record: StepRecord) -> bool:
    """The conversation itself looks for somebody: in every call to the line, and wherever it dials."""
    return record.leg.direction == "inbound" or isinstance(record.turn.then, Dial)


def _check_in(session: Session, record: StepRecord) -> CheckIn | None:
    """What the line rang this person for, or what is still open when they ring the line."""
    brief = record.context.check_in or record.context.pending
    return session.get(CheckIn, brief.check_in_id) if brief else None


def _request(session: Session, call: Call, record: StepRecord, effect: CheckInEnded, terms: Terms) -> HelpRequest:
    """The request that the conversation has opened for it; one of its own where it has opened none."""
    known = requests.find(session, call, effect.ref) if effect.ref else None
    if known is not None:
        return known
    request = requests.open_request(
        session,
        call=call,
        ref=effect.ref or "check_in",
        person_id=call.person_id,
        phone=record.context.number,
        category="check_in",
        urgency=effect.flag or URGENCIES.get(effect.result, Urgency.YELLOW),
        reason=f"check_in_{effect.result}",
        matter=record.matters.get("check_in", ""),
        at=record.at,
        zone=terms.zone,
    )
    alarm(session, record, request, terms)
    return request


def _hand_over(  # noqa: PLR0913 - columns are given by name
    session: Session,
    record: StepRecord,
    check_in: CheckIn,
    *,
    outcome: CheckInOutcome,
    request: HelpRequest,
    flag: Urgency | None = None,
) -> None:
    flag = flag or request.urgency
    check_ins.hand_over(session, check_in, outcome=outcome, flag=flag, request=request, at=record.at)


def _helper(session: Session, record: StepRecord) -> tuple[Staff | None, EscalationStep | None]:
    """Who is on the line: a member of staff, or else whoever was rung at this step of a chain."""
    row = placed.find(session, record.sid)
    step = session.get(EscalationStep, row.step_id) if row is not None and row.step_id is not None else None
    if step is not None:
        return (session.get(Staff, step.staff_id) if step.staff_id is not None else None), step
    number = record.context.number
    return session.scalar(select(Staff).where(Staff.phone == number, Staff.active).limit(1)), None


def _converse(session: Session, record: StepRecord, result: str) -> None:
    row = placed.find(session, record.sid)
    if row is not None:
        outbound_calls.conversed(session, row, result)
