"""Callers' recordings on their way from the provider to the data folder: none is silently dropped."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import Call, Recording
from care_records.models.calls import RecordingState
from care_records.services.text import storable

RETRY_AFTER_S: Final = (5, 15, 60, 300, 1800, 7200, 21600)
"""How long after each failure the next try is; after the last of them the recording is missing."""


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
