"""Wellbeing calls: what is due, how it went, what was answered, and who took it over."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.models.calls import Call
from care_records.models.escalations import Escalation, EscalationStep
from care_records.models.people import Person, text_enum
from care_records.models.requests import HelpRequest, Urgency


class CheckInState(StrEnum):
    """PLANNED, CALLING and WAITING (for the next try) are the machine's; FOLLOW_UP is with people; the others are ends.

    DONE is one of the two allowed ends: confirmed fine, or taken over by somebody named. WITHDRAWN was taken back by
    somebody named (a pause, seen in person, a round that was stopped).
    """

    PLANNED = "planned"
    CALLING = "calling"
    WAITING = "waiting"
    FOLLOW_UP = "follow_up"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class CheckInOutcome(StrEnum):
    """What was found. Everything but FINE needs a person."""

    FINE = "fine"
    """平安: the person confirmed it."""
    RELATIVE = "relative"
    """代答: a relative said that all is well."""
    CONCERN = "concern"
    """需跟进: something was said, or pressed, that is not fine."""
    SILENT = "silent"
    """静默: the telephone was answered and nobody spoke."""
    UNCLEAR = "unclear"
    """Somebody spoke and was not understood."""
    REFUSED = "refused"
    UNREACHED = "unreached"
    """未接: all tries ended without an answer."""
    NOT_CALLED = "not_called"
    """No try could be made: no telephone, a number that does not exist, no time left in the day's windows."""


def _given_index(name: str, column: str) -> Index:
    """Of those rows only that have a value: most have none, and planning a million of them is to be quick."""
    given = text(f"{column} IS NOT NULL")
    return Index(name, column, postgresql_where=given, sqlite_where=given)


class CheckIn(Base):
    """One person, one occasion. `next_at` is when the machine has something to do; None: nothing, people have."""

    __tablename__ = "check_ins"
    __table_args__ = (
        UniqueConstraint("person_id", "day", "occasion"),
        CheckConstraint(
            "state NOT IN ('done', 'withdrawn') OR outcome = 'fine' OR taken_by IS NOT NULL", name="ends_with_somebody"
        ),
        Index("ix_check_ins_state_next_at", "state", "next_at"),
        Index("ix_check_ins_day_state", "day", "state"),
        _given_index("ix_check_ins_request_id", "request_id"),
        _given_index("ix_check_ins_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    day: Mapped[date]
    """The local day."""
    occasion: Mapped[str] = mapped_column(String(20), default="daily")
    """`daily`, or `round-7` for an extra round."""
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    weekly: Mapped[bool] = mapped_column(default=False)
    """The weekly questions are asked as well."""
    due_at: Mapped[datetime]
    """T0, when the first try is due."""
    state: Mapped[CheckInState] = mapped_column(text_enum(CheckInState), default=CheckInState.PLANNED)
    outcome: Mapped[CheckInOutcome | None] = mapped_column(text_enum(CheckInOutcome))
    flag: Mapped[Urgency | None] = mapped_column(text_enum(Urgency))
    """The gravest flag that was raised."""
    next_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    """Tries begun so far; a try's number counts from 1."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("help_requests.id"))
    """The one case that it became, shared with an inbound call that came in between."""
    taken_by: Mapped[str | None] = mapped_column(String(100))
    """The name of who took it over, or took it back."""
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    """Why it was taken back."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    request: Mapped[HelpRequest | None] = relationship()
    answers: Mapped[list["CheckInAnswer"]] = relationship(
        back_populates="check_in", order_by="CheckInAnswer.id", cascade="all, delete-orphan"
    )
    tried: Mapped[list["OutboundCall"]] = relationship(back_populates="check_in", order_by="OutboundCall.number")


class CheckInAnswer(Base):
    """What was answered to one question, and the flag that it raised."""

    __tablename__ = "check_in_answers"
    __table_args__ = (UniqueConstraint("check_in_id", "call_id", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_ins.id", ondelete="CASCADE"))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(30))
    answer: Mapped[str] = mapped_column(String(20))
    """`fine` or `not_fine`."""
    by: Mapped[str] = mapped_column(String(20), default="person")
    """`person` or `relative`."""
    key: Mapped[str | None] = mapped_column(String(1))
    heard: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    flag: Mapped[Urgency | None] = mapped_column(text_enum(Urgency))
    at: Mapped[datetime]

    check_in: Mapped[CheckIn] = relationship(back_populates="answers")
    call: Mapped[Call] = relationship()


class Pause(Base):
    """Nobody is rung from `first_day` to `last_day`, both included; it ends by itself."""

    __tablename__ = "check_in_pauses"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        Index("ix_check_in_pauses_person_id_last_day", "person_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200), default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]


class Round(Base):
    """An extra round of calls to a group (heat, cold, a festival) with its own opening sentence."""

    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    opening: Mapped[str] = mapped_column(String(200))
    """Said after the greeting."""
    group: Mapped[dict[str, Any]]
    """Who is called; see care_records.services.rounds.Group."""
    starts_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class OutboundCallState(StrEnum):
    """READY has not been sent to the provider. SENDING may have been. PLACED has a SID. UNCERTAIN may be ringing:
    it is settled by callbacks or the provider's list, and never sent again. ENDED has a result."""

    READY = "ready"
    SENDING = "sending"
    PLACED = "placed"
    UNCERTAIN = "uncertain"
    ENDED = "ended"


class OutboundCall(Base):
    """A call that the line makes: one try of a check-in, or one ring of an escalation. Sent at most once."""

    __tablename__ = "outbound_calls"
    __table_args__ = (
        UniqueConstraint("check_in_id", "number"),
        UniqueConstraint("escalation_id", "number"),
        CheckConstraint("(check_in_id IS NULL) <> (escalation_id IS NULL)", name="has_one_purpose"),
        Index("ix_outbound_calls_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_ins.id", ondelete="CASCADE"))
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("escalation_steps.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Which try, or which ring of the escalation, from 1."""
    to_number: Mapped[str] = mapped_column(String(20))
    state: Mapped[OutboundCallState] = mapped_column(text_enum(OutboundCallState), default=OutboundCallState.READY)
    due_at: Mapped[datetime]
    """When it is sent; put off when the provider has no room, which is not a try."""
    sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(30))
    """no_answer, busy, failed, canceled, bad_number, machine, lost, or what the conversation came to."""
    error: Mapped[str | None] = mapped_column(String(300))
    put_off: Mapped[int] = mapped_column(default=0)
    """How often the provider had no room."""

    check_in: Mapped[CheckIn | None] = relationship(back_populates="tried")
    escalation: Mapped[Escalation | None] = relationship()
    step: Mapped[EscalationStep | None] = relationship()


class CallGate(Base):
    """One row: the earliest moment at which the next check-in call may be sent (the provider's calls a second)."""

    __tablename__ = "call_gate"

    id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
