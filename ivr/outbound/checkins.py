"""A check-in on its way. What follows from its tries is done under the lock of its row, in one transaction."""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckIn, HelpRequest, OutboundCall, Person
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import check_ins, escalations, requests
from care_records.services.statements import compare_and_set
from care_records.services.urgency import RUNG_FOR, graver
from ivr.config import Settings
from ivr.outbound import words
from ivr.outbound.eligibility import nap, numbers_of, refusal, taken_back
from ivr.outbound.gate import Gate
from ivr.outbound.numbers import is_number
from ivr.outbound.protocol import BAD_NUMBER, FINDINGS, Case, Fine, HandOver, Next, Protocol, Ring, Try, Underway

log = structlog.get_logger()

CATEGORY: Final = "check_in"
"""Of a request that a check-in became without any conversation."""


class CheckIns:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings, gate: Gate) -> None:
        self._sessions = sessions
        self._zone = settings.zone
        self._gate = gate
        self._protocol = Protocol(settings)

    def advance(self, check_in_id: int, now: datetime) -> int | None:
        """Does what is due. The id of the call that is to be placed, if that is what follows.

        Nothing happens when it is not due, is not the machine's any more, or another worker is at it.
        """
        with self._sessions.begin() as session:
            check_in = _locked(session, check_in_id)
            if check_in is None or check_in.state not in check_ins.MACHINE:
                return None
            if check_in.next_at is None or check_in.next_at > now:
                return None
            return self._advance(session, check_in, now)

    def _advance(self, session: Session, check_in: CheckIn, now: datetime) -> int | None:
        self._report_bad_numbers(session, check_in, now)
        step = self._protocol.next(_case(check_in), now)
        if isinstance(step, HandOver | Ring):
            if step.at > now:
                check_ins.wait(session, check_in, step.at)
                return None
            if not _found(step) and _withdrawn(session, check_in, now):
                return None
        if isinstance(step, HandOver) and step.tries_go_on:
            self._hand_over(session, check_in, step, now)
            return self._advance(session, check_in, now)
        return self._take(session, check_in, step, now)

    def _take(self, session: Session, check_in: CheckIn, step: Next, now: datetime) -> int | None:
        """The step, which is due now."""
        match step:
            case Underway():
                compare_and_set(session, check_in, CheckIn.state == CheckInState.CALLING, {"next_at": None})
            case Fine():
                check_ins.close_fine(session, check_in, now)
            case HandOver():
                self._hand_over(session, check_in, step, now)
            case Ring():
                return self._ring(session, check_in, step.to_number, now)
        return None

    def _ring(self, session: Session, check_in: CheckIn, number: str, now: datetime) -> int | None:
        """A try, unless the person is not to be rung any more."""
        why = refusal(session, check_in)
        if why:
            refused = HandOver(now, CheckInOutcome.NOT_CALLED, Urgency.YELLOW, why)
            self._hand_over(session, check_in, refused, now)
            return None
        if check_in.state is CheckInState.CALLING:
            check_ins.wait(session, check_in, now)
        call = check_ins.begin_try(session, check_in, number, self._gate.slot(session, now))
        return call.id if call else None

    def _hand_over(self, session: Session, check_in: CheckIn, step: HandOver, now: datetime) -> None:
        """It becomes one case, or stays the one that it is already."""
        person = check_in.person
        reason = BAD_NUMBER if step.reason == "no_number" and (person.phone or person.phone2) else step.reason
        urgency = (graver(step.urgency, check_in.flag) or step.urgency) if reason in FINDINGS else step.urgency
        request = check_in.request
        if request is None:
            matter = words.MATTERS[reason]
            request = self._open(session, person, urgency=urgency, reason=reason, matter=matter, at=now)
        else:
            requests.update_request(session, request, at=now, zone=self._zone, urgency=urgency)
            requests.note(session, request, f"{words.MATTERS[reason]}。", at=now)
        go_on = step.tries_go_on
        check_ins.hand_over(
            session, check_in, outcome=step.outcome, flag=urgency, request=request, at=now, tries_go_on=go_on
        )
        if urgency in RUNG_FOR:
            escalations.open_for(session, request, begins_at=now, at=now)
        log.info(
            "check_in_handed_over", check_in=check_in.id, reason=reason, urgency=urgency.value, tries=check_in.tries
        )

    def _report_bad_numbers(self, session: Session, check_in: CheckIn, now: datetime) -> None:
        """A number that cannot be rung is a task for staff, also while another one can; one task until it is done."""
        person = check_in.person
        written = [number for number in (person.phone, person.phone2) if number]
        bad = {call.to_number for call in check_in.tried if call.result == BAD_NUMBER} & set(written)
        bad |= {number for number in written if not is_number(number)}
        if not bad or bad == set(written) or _has_task(session, person):
            return
        self._open(session, person, urgency=Urgency.YELLOW, reason=BAD_NUMBER, matter=words.A_BAD_NUMBER, at=now)

    def _open(  # noqa: PLR0913 - columns are given by name
        self, session: Session, person: Person, *, urgency: Urgency, reason: str, matter: str, at: datetime
    ) -> HelpRequest:
        return requests.open_request(
            session,
            call=None,
            ref=None,
            person_id=person.id,
            phone=person.phone,
            category=BAD_NUMBER if reason == BAD_NUMBER else CATEGORY,
            urgency=urgency.value,
            reason=reason,
            matter=matter,
            at=at,
            zone=self._zone,
        )


def _locked(session: Session, check_in_id: int) -> CheckIn | None:
    """The row, which is nobody else's until the transaction ends; None when it is gone, or somebody else's just now.

    Its request is locked before it: whoever takes a case does it in that order.
    """
    request_id = session.scalar(select(CheckIn.request_id).where(CheckIn.id == check_in_id))
    if request_id is not None:
        session.get(HelpRequest, request_id, with_for_update=True)
    return session.get(CheckIn, check_in_id, with_for_update={"skip_locked": True, "of": CheckIn})


def _found(step: HandOver | Ring) -> bool:
    """A conversation has come to it, and nobody takes that back."""
    return isinstance(step, HandOver) and step.reason in FINDINGS


def _case(check_in: CheckIn) -> Case:
    person = check_in.person
    return Case(
        day=check_in.day,
        due_at=check_in.due_at,
        tries=[_try(call) for call in check_in.tried if _may_have_rung(call)],
        numbers=numbers_of(person),
        nap=nap(person),
        frail_and_alone=person.frail and person.lives_alone,
        with_people=check_in.request_id is not None,
    )


def _may_have_rung(call: OutboundCall) -> bool:
    """Also one that is still to be sent: it is under way."""
    return call.sent_at is not None or call.state is not OutboundCallState.ENDED


def _try(call: OutboundCall) -> Try:
    result = call.result if call.state is OutboundCallState.ENDED or call.result in (*FINDINGS, "fine") else None
    return Try(call.to_number, call.sent_at or call.due_at, call.ended_at, result)


def _withdrawn(session: Session, check_in: CheckIn, now: datetime) -> bool:
    """Whether somebody named has taken it back meanwhile, and so ended it. Not once it is a case."""
    back = taken_back(session, check_in)
    if back is None or not check_ins.withdraw(session, check_in, back.staff, back.reason, now):
        return False
    log.info("check_in_withdrawn", check_in=check_in.id)
    return True


def _has_task(session: Session, person: Person) -> bool:
    to_do = HelpRequest.status.in_((RequestStatus.OPEN, RequestStatus.TAKEN)), HelpRequest.category == BAD_NUMBER
    return session.scalar(select(HelpRequest.id).where(HelpRequest.person_id == person.id, *to_do).limit(1)) is not None
