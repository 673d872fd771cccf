"""Recordings written down after the call, and what follows when a danger is heard in one that nobody has noticed.

It is told to the officers by SMS (ivr.outbound.alerts), and they are rung until somebody takes it.
"""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, CallTurn, HelpRequest, Recording
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import alerts, calls, duty, escalations, recordings, requests
from care_records.services.urgency import RUNG_FOR, gravity
from ivr.calls.meaning import heard_as
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.dialog.answers import SURE
from ivr.dialog.model import Utterance
from ivr.dialog.state import Danger
from ivr.dialog.urgent import danger_in
from ivr.listening import Caught
from ivr.understanding import load_understanding
from prompts import load_catalogue

log = structlog.get_logger()

LONGEST_S = 10.0
"""After so long no further recording is begun in one sweep: other work is due as well."""

_UNRESOLVED = (RequestStatus.OPEN, RequestStatus.TAKEN)
REASON = "heard_in_recording"


class Writer(Protocol):
    """As ivr.listening.MessageWriter."""

    @property
    def on(self) -> bool: ...

    def write(self, audio: bytes) -> Caught | None: ...


@dataclass(frozen=True)
class Waiting:
    """A recording to write down, outside of any session. `path` is relative to the data folder."""

    row_id: int
    sid: str
    path: str


class Transcriber:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings, writer: Writer) -> None:
        self._sessions = sessions
        self._data_dir = settings.data_dir
        self._zone = settings.zone
        self._writer = writer
        self._understand = load_understanding(settings.language).understand
        self._catalogue = load_catalogue(settings.language)

    def write_down(self, now: datetime) -> int:
        """Writes down what is stored, until LONGEST_S have gone. Returns how many; raises what the database raises."""
        waiting = self._waiting()
        if not waiting or not self._writer.on:
            return 0
        began, done = monotonic(), 0
        for recording in waiting:
            if monotonic() - began > LONGEST_S:
                break
            done += self._try(recording, now)
        return done

    def _waiting(self) -> list[Waiting]:
        with reading(self._sessions) as session:
            found = recordings.to_transcribe(session)
            return [Waiting(row.id, row.sid, row.path or "") for row in found]

    def _try(self, waiting: Waiting, now: datetime) -> bool:
        """No session is open while the model listens."""
        caught = self._listen(waiting)
        with self._sessions.begin() as session:
            row = session.get_one(Recording, waiting.row_id)
            if caught is None:
                recordings.not_transcribed(session, row, now)
                return False
            recordings.transcribed(session, row, caught.text, confidence=caught.confidence, at=now)
            if caught.text:
                self._enter(session, row, caught.text, now)
        log.info("recording_transcribed", recording_sid=waiting.sid, heard=bool(caught.text), cost_ms=caught.cost_ms)
        return True

    def _listen(self, waiting: Waiting) -> Caught | None:
        try:
            audio = (self._data_dir / waiting.path).read_bytes()
        except OSError as error:
            log.error("recording_unreadable", recording_sid=waiting.sid, errno=error.errno)
            return None
        caught = self._writer.write(audio)
        if caught is None:
            log.error("recording_not_transcribed", recording_sid=waiting.sid)
        return caught

    # --- What was heard goes where it belongs

    def _enter(self, session: Session, recording: Recording, text: str, now: datetime) -> None:
        """Into the turn and the request, where the line itself had heard nothing; then a danger is looked for."""
        turn = session.scalar(select(CallTurn).where(CallTurn.recording_sid == recording.sid))
        noticed = self._danger(turn, turn.heard, turn.confidence) if turn and turn.heard else None
        if turn and not turn.heard:
            turn.heard, turn.confidence = text, recording.transcript_confidence
        request = _request_of(session, recording)
        if request and not request.transcript:
            requests.update_request(
                session,
                request,
                at=now,
                zone=self._zone,
                transcript=text,
                transcript_confidence=recording.transcript_confidence,
            )
        danger = self._danger(turn, text, recording.transcript_confidence)
        if danger and _graver(danger.urgency, noticed.urgency if noticed else None):
            self._escalate(session, recording, danger, now)

    def _danger(self, turn: CallTurn | None, text: str, confidence: float | None) -> Danger | None:
        """What the conversation would have seen in it."""
        asked = turn.asked if turn else None
        meaning = self._understand(text, asked)
        utterance = Utterance(text=text, confidence=confidence, meaning=heard_as(meaning))
        return danger_in(utterance, "menu" if asked == "menu" else "message")

    # --- A danger that nobody has noticed

    def _escalate(self, session: Session, recording: Recording, danger: Danger, now: datetime) -> None:
        """As on the line, a doubt that nobody can be asked about counts. What was barely heard is for today."""
        sure = (recording.transcript_confidence or 0) >= SURE
        urgency = Urgency(danger.urgency) if sure else Urgency.YELLOW
        calls.flag_risk(session, recording.call, danger.urgency)
        known = _gravest(session, recording.call)
        request = _request_of(session, recording) or (self._open(session, recording, danger, now) if sure else None)
        if request is None:
            return
        doubt = "" if sure and danger.certain else "（拿不准，请听录音）"
        requests.note(session, request, f"录音里听到：{recording.transcript}{doubt}", at=now)
        if request.status not in _UNRESOLVED or not _graver(urgency, known):
            return
        requests.update_request(session, request, at=now, zone=self._zone, urgency=urgency)
        if urgency in RUNG_FOR:
            escalations.open_for(session, request, begins_at=now, at=now)
            _alert(session, request, recording, certain=danger.certain, at=now)

    def _open(self, session: Session, recording: Recording, danger: Danger, now: datetime) -> HelpRequest:
        """For a call that asked for nothing, as far as the line had understood it."""
        call = recording.call
        return requests.open_request(
            session,
            call=call,
            ref=f"recording-{recording.id}",
            person_id=call.person_id,
            phone=call.context.get("number"),
            category=danger.category,
            urgency=Urgency.NORMAL,
            reason=REASON,
            matter=self._catalogue.text(f"matter.{danger.category}"),
            at=now,
            zone=self._zone,
        )


def _request_of(session: Session, recording: Recording) -> HelpRequest | None:
    """The request that names the recording, or else the newest one of its call."""
    of_call = select(HelpRequest).where(HelpRequest.call_id == recording.call_id).order_by(HelpRequest.id.desc())
    found = list(session.scalars(of_call))
    named = (request for request in found if request.recording_sid == recording.sid)
    return next(named, found[0] if found else None)


def _gravest(session: Session, call: Call) -> Urgency | None:
    """What the call has been taken for so far: for that, officers have been rung."""
    found = session.scalars(select(HelpRequest.urgency).where(HelpRequest.call_id == call.id))
    return max(found, key=gravity, default=None)


def _graver(one: str, other: str | None) -> bool:
    return gravity(Urgency(one)) > gravity(Urgency(other) if other else None)


def _alert(session: Session, request: HelpRequest, recording: Recording, *, certain: bool, at: datetime) -> None:
    what = "有紧急情况" if certain else "可能有紧急情况"
    call_back = f"，回电{request.phone}" if request.phone else ""
    body = f"【彩虹桥热线】{what}：工单{request.number}。请马上听录音{call_back}。"
    to = [alerts.Recipient(officer.phone, officer.id) for officer in duty.officers(session, at) if officer.phone]
    if alerts.raise_for(session, request, to, reason=f"recording-{recording.id}", body=body, at=at):
        log.warning("officers_alerted", request=request.number, recording_sid=recording.sid)
        return
    log.critical("nobody_to_alert", request=request.number, recording_sid=recording.sid)
    requests.note(session, request, "没有值班人员可以发短信通知。", at=at)
