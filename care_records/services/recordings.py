"""Callers' recordings on their way from the provider to the data folder: none is silently dropped."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import Call, Recording
from care_records.models.calls import RecordingState
from care_records.services import words
from care_records.services.text import storable, storable_or_none

RETRY_AFTER_S: Final = (5, 15, 60, 300, 1800, 7200, 21600)
"""How long after each failure the next try is; after the last of them the recording is missing."""

TRANSCRIPTIONS: Final = 3
"""How often it is tried to write one recording down."""


def register(session: Session, *, call: Call, sid: str, url: str, at: datetime) -> Recording:
    """A recording to be fetched, from now on; when it is known already, the row as it is."""
    recording = Recording(
        call_id=call.id, sid=sid, url=url, state=RecordingState.PENDING, attempts=0, due_at=at, created_at=at
    )
    try:
        with session.begin_nested():
            session.add(recording)
    except IntegrityError:
        known = session.scalar(select(Recording).where(Recording.sid == sid))
        if known is None:
            raise
        return known
    return recording


def due(session: Session, now: datetime, limit: int = 20) -> list[Recording]:
    """What is to be fetched now, the longest due first. Fetching one twice does no harm."""
    waiting = select(Recording).where(Recording.state == RecordingState.PENDING, Recording.due_at <= now)
    return list(session.scalars(waiting.order_by(Recording.due_at, Recording.id).limit(limit)))


def stored(session: Session, recording: Recording, *, path: str, sha256: str, seconds: float | None) -> None:
    """It is in the data folder at `path` (relative to it), with that SHA-256 in hexadecimal."""
    recording.state = RecordingState.STORED
    recording.path = path
    recording.sha256 = sha256
    recording.seconds = seconds
    recording.error = None
    session.flush()


def failed(session: Session, recording: Recording, error: str, at: datetime) -> None:
    """A try at `at` failed: sets the next one, or, when there are no more, marks the recording missing."""
    if recording.state is not RecordingState.PENDING:
        return
    recording.attempts += 1
    recording.error = storable(error, 300)
    if recording.attempts > len(RETRY_AFTER_S):
        recording.state = RecordingState.MISSING
    else:
        recording.due_at = at + timedelta(seconds=RETRY_AFTER_S[recording.attempts - 1])
    session.flush()


def to_transcribe(session: Session, limit: int = 20) -> list[Recording]:
    """What is stored and has not been written down, the newest first: it may tell of a danger."""
    waiting = select(Recording).where(Recording.state == RecordingState.STORED, Recording.transcribed_at.is_(None))
    return list(session.scalars(waiting.order_by(Recording.created_at.desc(), Recording.id.desc()).limit(limit)))


def transcribed(
    session: Session, recording: Recording, text: str | None, *, confidence: float | None, at: datetime
) -> None:
    """A machine has written it down; `text` is None when it heard nothing in it."""
    recording.transcribed_at = at
    recording.transcript = storable_or_none(text)
    recording.transcript_confidence = confidence if text else None
    words.refresh(session, recording.call_id)


def not_transcribed(session: Session, recording: Recording, at: datetime) -> None:
    """It could not be written down this time; the last time it counts as one in which nothing was heard."""
    recording.transcription_attempts += 1
    if recording.transcription_attempts >= TRANSCRIPTIONS:
        recording.transcribed_at = at
    session.flush()


def correct(session: Session, recording: Recording, text: str) -> None:
    """What a member of staff heard in it; empty when nothing is said."""
    recording.corrected = storable(text)
    words.refresh(session, recording.call_id)
