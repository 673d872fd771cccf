"""Deleting all that is known of a person. What is counted stays: requests, calls and check-ins of nobody in particular.

The ledger keeps number, times, category, urgency, who worked on it and how satisfied they were; no word that was said
or written about the person, no name, no number. Files are deleted first: should the transaction fail, erasing again
does what is left.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from care_records.models import (
    Alert,
    Base,
    Call,
    CallTurn,
    CallWords,
    CheckIn,
    CheckInAnswer,
    Contact,
    Escalation,
    EscalationStep,
    HelpRequest,
    HelpRequestEvent,
    OutboundCall,
    Pause,
    Person,
    PersonEvent,
    Recording,
    VolunteerPairing,
)
from care_records.models.check_ins import OutboundCallState
from care_records.models.escalations import StepKind
from care_records.models.people import CheckInPlan
from care_records.models.requests import RequestStatus
from care_records.services import cases

GONE: Final = "（已删除）"
"""Stands where a name has to."""
_UNDER_WAY: Final = (OutboundCallState.SENDING, OutboundCallState.PLACED, OutboundCallState.UNCERTAIN)


class StillNeeded(Exception):  # noqa: N818 - nothing has gone wrong: something has to be ended first
    """Somebody still works for the person, or speaks with them; nothing has been deleted."""


def erase(session: Session, person_id: int, folder: Path, at: datetime) -> int:
    """Deletes all about the person, and their recordings' files in `folder`; says how many recordings there were.

    Raises StillNeeded while a request of theirs is not resolved, a check-in is with people, or a call goes on; and
    NoResultFound when there is no such person, or no longer.
    """
    mine = select(Person).where(Person.id == person_id, Person.erased_at.is_(None)).with_for_update(of=Person)
    person = session.scalars(mine).one()
    calls = list(session.scalars(select(Call.id).where(Call.person_id == person_id)))
    requests = list(session.scalars(select(HelpRequest.id).where(_about(person_id, calls))))
    _refuse_if_needed(session, person_id, requests)
    recordings = _erase_recordings(session, calls, folder)
    _erase_check_ins(session, person_id)
    _erase_calls(session, calls)
    _erase_requests(session, requests)
    _erase_card(session, person, at)
    return recordings


def _about(person_id: int, calls: Sequence[int]) -> ColumnElement[bool]:
    return or_(HelpRequest.person_id == person_id, HelpRequest.call_id.in_(calls))


def _refuse_if_needed(session: Session, person_id: int, requests: Sequence[int]) -> None:
    unresolved = HelpRequest.id.in_(requests), HelpRequest.status.in_((RequestStatus.OPEN, RequestStatus.TAKEN))
    going_on = Call.person_id == person_id, Call.ended_at.is_(None)
    with_people = CheckIn.person_id == person_id, CheckIn.state.in_(cases.OPEN_CHECK_INS), CheckIn.tries > 0
    ringing = CheckIn.person_id == person_id, OutboundCall.state.in_(_UNDER_WAY)
    for needed in (
        select(HelpRequest.id).where(*unresolved),
        select(Call.id).where(*going_on),
        select(CheckIn.id).where(*with_people),
        select(OutboundCall.id).join(CheckIn, OutboundCall.check_in_id == CheckIn.id).where(*ringing),
    ):
        if session.scalar(needed.limit(1)) is not None:
            raise StillNeeded


def _erase_recordings(session: Session, calls: Sequence[int], folder: Path) -> int:
    found = session.scalars(select(Recording).where(Recording.call_id.in_(calls))).all()
    root = folder.resolve()
    for recording in found:
        path = (root / recording.path).resolve() if recording.path else None
        if path and path.is_relative_to(root):
            path.unlink(missing_ok=True)
        session.delete(recording)
    session.flush()
    return len(found)


def _erase_calls(session: Session, calls: Sequence[int]) -> None:
    nobody: dict[str, Any] = {"person_id": None, "from_number": None, "to_number": None}
    _set(session, Call, Call.id.in_(calls), {**nobody, "state": {}, "turn": {}, "context": {}})
    silent: dict[str, Any] = {"said": [], "heard": None, "key": None, "confidence": None, "recording_sid": None}
    _set(session, CallTurn, CallTurn.call_id.in_(calls), silent)
    session.execute(delete(CallWords).where(CallWords.call_id.in_(calls)))


def _erase_requests(session: Session, requests: Sequence[int]) -> None:
    wordless = {"matter": "", "phone": None, "recording_sid": None, "transcript": None, "transcript_confidence": None}
    of_request = HelpRequest.id.in_(requests)
    _set(session, HelpRequest, of_request, {**wordless, "person_id": None})
    _set(session, HelpRequest, of_request & HelpRequest.result.is_not(None), {"result": GONE})
    by_others = HelpRequest.taken_by.is_not(None) & HelpRequest.assignee_id.is_(None)
    _set(session, HelpRequest, of_request & by_others, {"taken_by": GONE})
    _set(session, HelpRequestEvent, HelpRequestEvent.request_id.in_(requests), {"note": ""})
    _set(session, Alert, Alert.request_id.in_(requests), {"body": ""})
    _erase_escalations(session, requests)


def _erase_escalations(session: Session, requests: Sequence[int]) -> None:
    """Officers did their work; who else was rung says whose relative, neighbour or volunteer they are."""
    escalations = select(Escalation.id).where(Escalation.request_id.in_(requests))
    by_others = Escalation.taken_by.is_not(None) & Escalation.taken_by_id.is_(None)
    _set(session, Escalation, Escalation.request_id.in_(requests) & by_others, {"taken_by": GONE})
    private = EscalationStep.escalation_id.in_(escalations) & (EscalationStep.kind != StepKind.OFFICER)
    steps = select(EscalationStep.id).where(private)
    _set(session, OutboundCall, OutboundCall.step_id.in_(steps), {"to_number": "", "error": None})
    _set(session, EscalationStep, private, {"name": GONE, "phone": ""})


def _erase_check_ins(session: Session, person_id: int) -> None:
    """What is still planned is not made; of the others stay day, outcome, flag and answers, without a word."""
    of_person = CheckIn.person_id == person_id
    untried = of_person & CheckIn.state.in_(cases.OPEN_CHECK_INS)
    session.execute(delete(CheckIn).where(untried).execution_options(synchronize_session=False))
    check_ins = select(CheckIn.id).where(of_person)
    _set(session, CheckInAnswer, CheckInAnswer.check_in_id.in_(check_ins), {"heard": None, "confidence": None})
    _set(session, OutboundCall, OutboundCall.check_in_id.in_(check_ins), {"to_number": "", "error": None})
    _set(session, CheckIn, of_person & CheckIn.reason.is_not(None), {"reason": None})
    by_others = CheckIn.taken_by.is_not(None) & CheckIn.taken_by_id.is_(None)
    _set(session, CheckIn, of_person & by_others, {"taken_by": GONE})
    _set(session, Pause, Pause.person_id == person_id, {"reason": ""})


def _erase_card(session: Session, person: Person, at: datetime) -> None:
    for table in (Contact, VolunteerPairing, PersonEvent):
        session.execute(delete(table).where(table.person_id == person.id).execution_options(synchronize_session=False))
    _set(session, Person, Person.id == person.id, _blank(at))
    session.expire(person)


def _blank(at: datetime) -> dict[str, Any]:
    """A card on which nothing stands. Born today, nobody is ever rung by the rule of their age."""
    nothing = ("sex", "category", "phone", "phone2", "community_id", "nap_start", "nap_end", "liaison_officer_id")
    empty = ("address", "hearing", "dialect", "illnesses", "notes", "pinyin", "search")
    no = ("consent_calls", "consent_recording", "lives_alone", "frail", "slow_speech")
    born: date = at.date()
    return {
        **dict.fromkeys(nothing, None),
        **dict.fromkeys(empty, ""),
        **dict.fromkeys(no, False),
        "name": GONE,
        "address_as": GONE,
        "birth_date": born,
        "check_in_plan": CheckInPlan.NONE,
        "check_in_slot": None,
        "erased_at": at,
    }


def _set(session: Session, table: type[Base], which: ColumnElement[bool], values: dict[str, Any]) -> None:
    session.execute(update(table).where(which).values(values).execution_options(synchronize_session=False))
