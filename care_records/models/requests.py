"""Help requests (工单), the columns of the ledger (台账), and their history."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.models.calls import Call
from care_records.models.people import Person, Staff, text_enum


class Urgency(StrEnum):
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    NORMAL = "normal"


class RequestStatus(StrEnum):
    """OPEN has no owner yet; TAKEN has; RESOLVED is done and waits for the follow-up call; CLOSED is followed up, or
    has joined another request."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    CLOSED = "closed"


class HelpRequest(Base):
    __tablename__ = "help_requests"
    __table_args__ = (
        UniqueConstraint("call_id", "ref"),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_1_to_5"),
        Index("ix_help_requests_status_urgency_due_at", "status", "urgency", "due_at"),
        Index("ix_help_requests_created_at", "created_at"),
        # The lists of the staff's pages: what is due next, and what came last, with each filter.
        Index("ix_help_requests_status_due_at_id", "status", "due_at", "id"),
        Index("ix_help_requests_status_created_at_id", "status", "created_at", "id"),
        Index("ix_help_requests_category_created_at_id", "category", "created_at", "id"),
        Index("ix_help_requests_urgency_created_at_id", "urgency", "created_at", "id"),
        Index("ix_help_requests_assignee_id_created_at_id", "assignee_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """编号, as people say it: year, month, day and a count within the day: 20261123-007."""
    ref: Mapped[str | None] = mapped_column(String(20))
    """Names the request within its call, so that one step applied twice opens one request."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    category: Mapped[str] = mapped_column(String(30))
    urgency: Mapped[Urgency] = mapped_column(text_enum(Urgency))
    reason: Mapped[str] = mapped_column(String(50))
    matter: Mapped[str] = mapped_column(Text, default="")
    """事项: what it is about, in words."""
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    """The caller heard it read back and said yes."""
    recording_sid: Mapped[str | None] = mapped_column(String(64))
    transcript: Mapped[str | None] = mapped_column(Text)
    transcript_confidence: Mapped[float | None]
    """How sure the machine is that wrote it down, 0 to 1; None where that is not known."""
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    status: Mapped[RequestStatus] = mapped_column(text_enum(RequestStatus), default=RequestStatus.OPEN)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_by: Mapped[str | None] = mapped_column(String(100))
    """The name of who has it in hand: the assignee's, or that of a contact, a volunteer or a community office."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """时限: 15 minutes for red and orange, the same day for yellow, three working days otherwise."""
    resolved_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(Text)
    follow_up_due: Mapped[date | None]
    followed_up_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None]
    """满意度, 1 to 5, from the follow-up call."""

    person: Mapped[Person | None] = relationship()
    call: Mapped[Call | None] = relationship()
    assignee: Mapped[Staff | None] = relationship()
    history: Mapped[list["HelpRequestEvent"]] = relationship(
        back_populates="request", order_by="HelpRequestEvent.id", cascade="all, delete-orphan"
    )


class AlertState(StrEnum):
    """WAITING is still to be sent, or sent again; FAILED was refused, or tried until the retries ran out."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Alert(Base):
    """A message to somebody's telephone that a request is urgent; nobody gets two for one `reason`."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("reason", "to_number"),
        Index("ix_alerts_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(50))
    """What it is about: `recording-5`, in which a danger was heard, or `escalation-3-1`, an alarm of an escalation."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    to_number: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[AlertState] = mapped_column(text_enum(AlertState))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(300))
    message_sid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]

    request: Mapped[HelpRequest] = relationship()


class RequestDay(Base):
    """How many requests a local day has had. Counting in a row of its own gives every request the next number."""

    __tablename__ = "request_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class HelpRequestEvent(Base):
    """One line of a request's history; never changed afterwards."""

    __tablename__ = "help_request_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    """opened, changed, confirmed, message, transfer, taken, assigned, note, resolved, followed_up, reopened, joined."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    request: Mapped[HelpRequest] = relationship(back_populates="history")
    staff: Mapped[Staff | None] = relationship()
