"""Escalation: people are rung one after another until somebody takes a case, and again when it is not resolved."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.models.people import Staff, text_enum
from care_records.models.requests import HelpRequest


class EscalationState(StrEnum):
    """WAITING has not begun (the caller may still be talking to an officer); RINGING looks for somebody; TAKEN has
    somebody, and alarms again when it is not resolved in time; RESOLVED is over."""

    WAITING = "waiting"
    RINGING = "ringing"
    TAKEN = "taken"
    RESOLVED = "resolved"


class StepKind(StrEnum):
    """Who is rung, in the order in which they are."""

    OFFICER = "officer"
    FAMILY = "family"
    KEYHOLDER = "keyholder"
    NEIGHBOUR = "neighbour"
    VOLUNTEER = "volunteer"
    COMMUNITY = "community"


class Escalation(Base):
    """One for each request that is red or orange. `next_at` is when the machine has something to do."""

    __tablename__ = "escalations"
    __table_args__ = (Index("ix_escalations_state_next_at", "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_requests.id", ondelete="CASCADE"), unique=True)
    state: Mapped[EscalationState] = mapped_column(text_enum(EscalationState), default=EscalationState.WAITING)
    next_at: Mapped[datetime | None]
    alarm: Mapped[int] = mapped_column(default=1)
    """Which alarm this is: 2 and more are because it was taken and not resolved in time."""
    lap: Mapped[int] = mapped_column(default=1)
    """How often the chain of this alarm has been gone through, from 1."""
    position: Mapped[int] = mapped_column(default=0)
    """The step of the chain that is rung, or is rung next."""
    rings: Mapped[int] = mapped_column(default=0)
    """Rings begun so far; a ring's number counts from 1."""
    taken_by: Mapped[str | None] = mapped_column(String(100))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    request: Mapped[HelpRequest] = relationship()
    chain: Mapped[list["EscalationStep"]] = relationship(
        back_populates="escalation", order_by="EscalationStep.position", cascade="all, delete-orphan"
    )


class EscalationStep(Base):
    """Somebody in the chain, as they were when the alarm began: what staff change afterwards does not reach it."""

    __tablename__ = "escalation_steps"
    __table_args__ = (UniqueConstraint("escalation_id", "alarm", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    alarm: Mapped[int]
    position: Mapped[int]
    kind: Mapped[StepKind] = mapped_column(text_enum(StepKind))
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    escalation: Mapped[Escalation] = relationship(back_populates="chain")


class Shift(Base):
    """Somebody is on duty from `starts_at` until `ends_at`. Outside of all shifts the standing order of staff holds."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_ends_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship()
