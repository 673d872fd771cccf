"""Calls, what was said and heard in each turn, recordings and transfers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.models.people import Person, Staff, text_enum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class RecordingState(StrEnum):
    """PENDING is still being fetched from the provider; MISSING was tried until the retries ran out."""

    PENDING = "pending"
    STORED = "stored"
    MISSING = "missing"


class Call(Base):
    """One call. `state`, `turn` and `context` are the conversation's own values, opaque to the records."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_started_at_id", "started_at", "id"),
        Index("ix_calls_outcome_updated_at", "outcome", "updated_at"),
        # The lists of the staff's pages, newest first, with each filter that more than a few calls fit.
        Index("ix_calls_person_id_started_at_id", "person_id", "started_at", "id"),
        Index("ix_calls_purpose_started_at_id", "purpose", "started_at", "id"),
        Index("ix_calls_outcome_started_at_id", "outcome", "started_at", "id"),
        Index("ix_calls_purpose_outcome_started_at_id", "purpose", "outcome", "started_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    purpose: Mapped[str] = mapped_column(String(20), default="inbound")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    from_number: Mapped[str | None] = mapped_column(String(64))
    to_number: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20))
    """The provider's own word: queued, ringing, in-progress, completed, busy, failed, no-answer, canceled."""
    outcome: Mapped[str | None] = mapped_column(String(50))
    risk: Mapped[str | None] = mapped_column(String(10))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    duration_s: Mapped[int | None]
    updated_at: Mapped[datetime]
    turn_number: Mapped[int] = mapped_column(default=0)
    state: Mapped[dict[str, Any]]
    turn: Mapped[dict[str, Any]]
    context: Mapped[dict[str, Any]]

    person: Mapped[Person | None] = relationship()
    turns: Mapped[list["CallTurn"]] = relationship(back_populates="call", order_by="CallTurn.number")
    recordings: Mapped[list["Recording"]] = relationship(back_populates="call", order_by="Recording.id")
    transfers: Mapped[list["Transfer"]] = relationship(back_populates="call", order_by="Transfer.id")


class CallTurn(Base):
    """One exchange: what the line said, then what came back. Written once, when the answer is in; only what was not
    understood then is added when its recording has been written down."""

    __tablename__ = "call_turns"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    number: Mapped[int]
    said: Mapped[list[Any]]
    """Prompts in order: [{"key": …, "text": …}]."""
    asked: Mapped[str | None] = mapped_column(String(50))
    answer: Mapped[str] = mapped_column(String(20))
    """The kind of event that ended the turn: key, utterance, silence, transfer_result, hangup."""
    heard: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(1))
    confidence: Mapped[float | None]
    recording_sid: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    took_ms: Mapped[int]
    """From the moment the turn was sent to the moment its answer was in, prompts included."""

    call: Mapped[Call] = relationship(back_populates="turns")


_KEPT = text("path IS NOT NULL")


class Recording(Base):
    """A caller's voice. `path` is relative to the data folder; `sha256` is of the file as stored."""

    __tablename__ = "recordings"
    __table_args__ = (
        Index("ix_recordings_state_due_at", "state", "due_at"),
        Index("ix_recordings_state_transcribed_at", "state", "transcribed_at"),
        # Those whose file is kept, by age.
        Index("ix_recordings_created_at", "created_at", postgresql_where=_KEPT, sqlite_where=_KEPT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    state: Mapped[RecordingState] = mapped_column(text_enum(RecordingState))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(300))
    path: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))
    seconds: Mapped[float | None]
    created_at: Mapped[datetime]
    transcribed_at: Mapped[datetime | None]
    """When it was written down, whatever came of it; None: it waits for that."""
    transcript: Mapped[str | None] = mapped_column(Text)
    """What a machine heard in it; None: nothing."""
    transcript_confidence: Mapped[float | None]
    transcription_attempts: Mapped[int] = mapped_column(default=0)
    """How often writing it down has failed."""
    corrected: Mapped[str | None] = mapped_column(Text)
    """What a member of staff heard in it: the truth, wherever the two differ."""

    call: Mapped[Call] = relationship(back_populates="recordings")


class Transfer(Base):
    """A caller put through, or not, to an officer."""

    __tablename__ = "transfers"
    __table_args__ = (UniqueConstraint("call_id", "turn_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    turn_number: Mapped[int]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    to_number: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    seconds: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]

    call: Mapped[Call] = relationship(back_populates="transfers")
    staff: Mapped[Staff | None] = relationship()
