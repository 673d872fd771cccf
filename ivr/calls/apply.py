"""The one way in which a record of a call gets into the database, online and on replay."""

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Activity, Call, CallTurn, HelpRequest, Person, Staff
from care_records.services import calls, content, people, recordings, requests
from ivr.calls import care, placed
from ivr.calls.record import Record, RecordingRecord, StatusRecord, StepRecord
from ivr.calls.terms import Terms
from ivr.calls.world import only_person, purpose_of
from ivr.dialog.model import (
    BulletinHeard,
    CaseResolved,
    CaseTaken,
    CheckInAnswered,
    CheckInEnded,
    Effect,
    EndCall,
    FlagRisk,
    OpenRequest,
    SetSpeechRate,
    TransferEnded,
    UpdateRequest,
    Utterance,
)

log = structlog.get_logger()

MESSAGES = ("help_message", "message")
"""The questions that are answered by a message for the staff."""

KEPT = (OpenRequest, UpdateRequest, FlagRisk, CheckInAnswered, CheckInEnded, CaseTaken, CaseResolved)
"""What holds whichever way the call has gone."""

TRANSFER_NOTES = {
    "answered": "已接通",
    "busy": "占线",
    "no_answer": "无人接听",
    "failed": "未接通",
    "caller_left": "来电人已挂机",
}


class UnknownCallError(LookupError):
    """A recording, or a late key, belongs to a call that the records have never heard of."""


def apply(session: Session, record: Record, terms: Terms) -> None:
    """Writes the record, once: one that is there already changes nothing. Does not commit.

    Raises StaleTurn when the turn that a step answers has been answered otherwise, and UnknownCallError.
    """
    match record:
        case StepRecord(late=True):
            salvage(session, record, terms)
        case StepRecord():
            _step(session, record, terms)
        case StatusRecord():
            _status(session, record)
        case RecordingRecord():
            _recording(session, record, terms)


def salvage(session: Session, record: StepRecord, terms: Terms) -> None:
    """What remains of a step that raised StaleTurn, or that came late: the call went another way, but what was asked
    for, and said, is not lost. Once or more often, it comes to the same. Raises UnknownCallError."""
    call = calls.find(session, record.sid)
    if call is None:
        raise UnknownCallError(record.sid)
    for effect in record.effects:
        if isinstance(effect, KEPT):
            _effect(session, call, record, effect, terms)
        if isinstance(effect, OpenRequest):
            # The hang-up may have opened it under the same name, for less.
            _update(session, call, record, UpdateRequest(ref=effect.ref, urgency=effect.urgency), terms)


def _step(session: Session, record: StepRecord, terms: Terms) -> None:
    call = calls.find(session, record.sid)
    if call is None:
        call = _start(session, record)
    elif call.turn_number < record.turn.number:
        _advance(session, call, record)
    elif _applied(session, call, record):
        return
    else:
        raise calls.StaleTurn(f"turn {record.turn.number} has been reached otherwise")
    _add_turn(session, call, record)
    for effect in record.effects:
        _effect(session, call, record, effect, terms)


def _start(session: Session, record: StepRecord) -> Call:
    """The call's row, also when its first records have been lost together with the database."""
    placed.bind(session, record.leg.outbound_id, record.sid, record.at)
    call = calls.start(
        session,
        sid=record.sid,
        direction=record.leg.direction,
        person_id=_person_id(session, record),
        from_number=record.leg.from_number,
        to_number=record.leg.to_number,
        at=record.context.started_at,
        state=record.stored_state,
        turn=record.turn.model_dump(mode="json"),
        context=record.context.model_dump(mode="json"),
        turn_number=record.turn.number,
    )
    call.purpose = purpose_of(record.context)
    return call


def _advance(session: Session, call: Call, record: StepRecord) -> None:
    calls.advance(
        session,
        call,
        expected_turn=call.turn_number,
        turn_number=record.turn.number,
        state=record.stored_state,
        turn=record.turn.model_dump(mode="json"),
        at=record.at,
    )


def _person_id(session: Session, record: StepRecord) -> int | None:
    """Whom the call is with. A helper is none of the roster, whoever else shares their telephone."""
    caller, context = record.context.caller, record.context
    if context.case is not None:
        return None
    person = session.get(Person, caller.person_id) if caller else only_person(session, context.number)
    return person.id if person else None


def _applied(session: Session, call: Call, record: StepRecord) -> bool:
    """Whether it was this record that answered its turn. A start answers none, and asks for nothing either."""
    if record.answered is None:
        return True
    same_turn = CallTurn.call_id == call.id, CallTurn.number == record.answered.number
    turn = session.scalar(select(CallTurn).where(*same_turn))
    return turn is not None and (turn.at, turn.answer, turn.key) == (record.at, record.event.type, record.key)


def _add_turn(session: Session, call: Call, record: StepRecord) -> None:
    answered, event = record.answered, record.event
    if answered is None:
        return
    spoken = event if isinstance(event, Utterance) else Utterance()
    calls.add_turn(
        session,
        call,
        number=answered.number,
        said=[prompt.model_dump() for prompt in answered.said],
        asked=answered.asked,
        answer=event.type,
        heard=spoken.text,
        key=record.key,
        confidence=spoken.confidence,
        recording_sid=spoken.recording_sid,
        at=record.at,
        took_ms=max(0, round((record.at - answered.sent_at).total_seconds() * 1000)),
    )
    if spoken.recording_sid and record.recording_url:
        recordings.register(session, call=call, sid=spoken.recording_sid, url=record.recording_url, at=record.at)


def _effect(session: Session, call: Call, record: StepRecord, effect: Effect, terms: Terms) -> None:
    match effect:
        case OpenRequest():
            _open(session, call, record, effect, terms)
        case UpdateRequest():
            _update(session, call, record, effect, terms)
        case CheckInAnswered() | CheckInEnded() | CaseTaken() | CaseResolved():
            care.effect(session, call, record, effect, terms)
        case FlagRisk():
            calls.flag_risk(session, call, effect.risk)
        case SetSpeechRate():
            if call.person_id is not None:
                people.set_speech_rate(session, call.person_id, effect.slow)
        case BulletinHeard():
            content.heard(session, call, bulletin_id=effect.bulletin_id, completed=effect.completed, at=record.at)
        case TransferEnded():
            _transfer(session, call, record, effect)
        case EndCall():
            calls.end(session, call, outcome=effect.outcome, at=record.at)


def _open(session: Session, call: Call, record: StepRecord, effect: OpenRequest, terms: Terms) -> HelpRequest:
    request = requests.open_request(
        session,
        call=call,
        ref=effect.ref,
        person_id=call.person_id,
        phone=record.context.number,
        category=effect.category,
        urgency=effect.urgency,
        reason=effect.reason,
        matter=record.matters.get(effect.category, ""),
        at=record.at,
        zone=terms.zone,
    )
    care.alarm(session, record, request, terms)
    return request


def _update(session: Session, call: Call, record: StepRecord, effect: UpdateRequest, terms: Terms) -> None:
    """Updates the request; opens it where the step that did so was lost or rejected."""
    request = requests.find(session, call, effect.ref)
    if request is None:
        opened = OpenRequest(
            ref=effect.ref, category=effect.category or "other", urgency=effect.urgency or "normal", reason="recovered"
        )
        request = _open(session, call, record, opened, terms)
    requests.update_request(
        session,
        request,
        at=record.at,
        zone=terms.zone,
        category=effect.category,
        matter=record.matters.get(effect.category) if effect.category else None,
        urgency=effect.urgency,
        confirmed=effect.confirmed,
        recording_sid=effect.recording_sid,
        transcript=effect.transcript,
        activity_id=_still_there(session, Activity, effect.activity_id),
    )
    care.alarm(session, record, request, terms)


def _transfer(session: Session, call: Call, record: StepRecord, effect: TransferEnded) -> None:
    calls.add_transfer(
        session,
        call,
        turn_number=record.answered.number if record.answered else record.turn.number,
        staff_id=_still_there(session, Staff, effect.officer.staff_id),
        to_number=effect.officer.phone,
        outcome=effect.outcome,
        seconds=effect.seconds,
        at=record.at,
    )
    request = requests.find(session, call, effect.ref) if effect.ref else None
    if request:
        text = f"{effect.officer.name}：{TRANSFER_NOTES[effect.outcome]}"
        requests.note(session, request, text, at=record.at, kind="transfer")


def _still_there(session: Session, table: type[Staff | Activity], row_id: int | None) -> int | None:
    """A snapshot may name what has been deleted since; the record matters more than the reference."""
    found = session.get(table, row_id) if row_id is not None else None
    return row_id if found else None


def _status(session: Session, record: StatusRecord) -> None:
    """The row of the call, and that of one which the line has placed: all there is as long as nobody has answered."""
    call, row = calls.find(session, record.sid), placed.settle(session, record)
    if call is not None:
        calls.settle_status(session, call, status=record.status, duration_s=record.duration_s, at=record.at)
    elif row is None:
        log.warning("status_of_unknown_call", sid=record.sid, status=record.status)


def _recording(session: Session, record: RecordingRecord, terms: Terms) -> None:
    """Registers the recording; a message whose caller had already gone still reaches the request that it belongs to."""
    call = calls.find(session, record.sid)
    if call is None:
        raise UnknownCallError(record.sid)
    recordings.register(session, call=call, sid=record.recording_sid, url=record.url, at=record.at)
    turn = session.scalar(select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.number == record.turn_number))
    if turn is None or turn.asked not in MESSAGES or turn.recording_sid is not None:
        return
    turn.recording_sid = record.recording_sid
    without = HelpRequest.call_id == call.id, HelpRequest.recording_sid.is_(None)
    request = session.scalar(select(HelpRequest).where(*without).order_by(HelpRequest.id.desc()).limit(1))
    if request:
        requests.update_request(session, request, at=record.at, zone=terms.zone, recording_sid=record.recording_sid)
