"""Callers' recordings with what is said in them, for measuring and adapting a speech model.

Nobody who has refused to be recorded is among them, and no name or number: a speaker is told from the next by a serial.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from care_records.models import Call, CallTurn, Recording
from care_records.models.calls import RecordingState

_ROWS_AT_ONCE = 500
STRANGER = "unknown"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A recording in the data folder, at `path`, and what is said in it."""

    sid: str
    path: str
    sha256: str | None
    text: str | None
    """Empty when nothing is said; None when nobody and nothing has made out what is."""
    labelled_by: Literal["staff", "line"] | None
    """A text of the line's own proves nothing about the model that heard it."""
    confidence: float | None
    question: str | None
    """What had been asked."""
    speaker: str


def recordings(session: Session, since: datetime | None = None) -> Iterator[Labelled]:
    """Every stored recording of those who may be recorded, made at `since` or later, the oldest first."""
    stored = select(Recording).where(Recording.state == RecordingState.STORED, Recording.path.is_not(None))
    if since is not None:
        stored = stored.where(Recording.created_at >= since)
    related = joinedload(Recording.call).load_only(Call.person_id).joinedload(Call.person)
    for recording in session.scalars(stored.order_by(Recording.id).options(related)).yield_per(_ROWS_AT_ONCE):
        person = recording.call.person
        if person is None or person.consent_recording is not False:
            yield _labelled(session, recording)


def _labelled(session: Session, recording: Recording) -> Labelled:
    turn = session.scalar(select(CallTurn).where(CallTurn.recording_sid == recording.sid).limit(1))
    text, confidence = recording.transcript, recording.transcript_confidence
    if turn is not None and turn.heard:
        text, confidence = turn.heard, turn.confidence
    by_staff = recording.corrected is not None
    assert recording.path is not None, "only those with a path were asked for"
    return Labelled(
        sid=recording.sid,
        path=recording.path,
        sha256=recording.sha256,
        text=recording.corrected if by_staff else text,
        labelled_by="staff" if by_staff else "line" if text else None,
        confidence=None if by_staff else confidence,
        question=turn.asked if turn else None,
        speaker=f"person-{recording.call.person_id}" if recording.call.person_id else STRANGER,
    )
