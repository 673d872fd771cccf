"""People of the roster, those around them, and the staff."""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, Text, UniqueConstraint, false, func
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.pinyin import search_text, spelling


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Category(StrEnum):
    """离休 cadres joined before October 1949; 退休 are retired leaders."""

    LIXIU = "lixiu"
    TUIXIU = "tuixiu"


class ContactKind(StrEnum):
    FAMILY = "family"
    KEYHOLDER = "keyholder"
    NEIGHBOUR = "neighbour"


class CheckInPlan(StrEnum):
    """How often a person is rung; None on the person means the rule by age decides."""

    DAILY = "daily"
    THRICE_WEEKLY = "3x"
    WEEKLY = "weekly"
    NONE = "none"


def text_enum(kind: type[StrEnum], length: int = 20) -> Enum:
    """An enum stored as its value in a plain text column with a check, the same on every database."""
    return Enum(
        kind, native_enum=False, length=length, create_constraint=True, values_callable=lambda e: [m.value for m in e]
    )


class Community(Base):
    __tablename__ = "communities"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    office_phone: Mapped[str | None] = mapped_column(String(20))


class Staff(Base):
    """Somebody of the bureau. `duty_rank` orders who is rung for a caller; None is never rung."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))
    duty_rank: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)


def _row_of(context: DefaultExecutionContext) -> Mapping[str, Any]:
    row: Mapping[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return row


def _spelling_of(context: DefaultExecutionContext) -> str:
    return spelling(_row_of(context)["name"])


def _search_text_of(context: DefaultExecutionContext) -> str:
    row = _row_of(context)
    return search_text(row["name"], row.get("phone"), row.get("phone2"))


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("birth_date >= '1900-01-01'", name="born_after_1900"),
        Index("ix_people_name_birth_date", "name", "birth_date"),
        # The list of the staff's pages: its search reads through the index alone.
        Index("ix_people_pinyin_id_community_id_search", "pinyin", "id", "community_id", "search"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    address_as: Mapped[str] = mapped_column(String(50))
    """How the line addresses them: 张老, 老领导, 老同志."""
    sex: Mapped[Sex | None] = mapped_column(text_enum(Sex))
    birth_date: Mapped[date] = mapped_column(index=True)
    category: Mapped[Category | None] = mapped_column(text_enum(Category))
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    phone2: Mapped[str | None] = mapped_column(String(20), index=True)
    address: Mapped[str] = mapped_column(String(300), default="")
    community_id: Mapped[int | None] = mapped_column(ForeignKey("communities.id"), index=True)
    hearing: Mapped[str] = mapped_column(String(100), default="")
    dialect: Mapped[str] = mapped_column(String(50), default="")
    slow_speech: Mapped[bool] = mapped_column(default=False)
    nap_start: Mapped[time | None]
    nap_end: Mapped[time | None]
    liaison_officer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    consent_recording: Mapped[bool | None]
    """None: never asked; the announcement at the start of each call still applies."""
    consent_calls: Mapped[bool | None]
    check_in_plan: Mapped[CheckInPlan | None] = mapped_column(text_enum(CheckInPlan))
    check_in_slot: Mapped[time | None]
    lives_alone: Mapped[bool] = mapped_column(default=False)
    frail: Mapped[bool] = mapped_column(default=False, server_default=false())
    """With `lives_alone`: people are called after the first try that nobody answers."""
    illnesses: Mapped[str] = mapped_column(Text, default="", server_default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    pinyin: Mapped[str] = mapped_column(String(200), default=_spelling_of, server_default="")
    """What they are sorted by; see `care_records.pinyin`. Whoever changes the name or a number sets both anew."""
    search: Mapped[str] = mapped_column(String(1200), default=_search_text_of, server_default="")
    """What they are found by; empty once they have been erased."""
    erased_at: Mapped[datetime | None]
    """Everything about them has been deleted; the row stays for what is counted."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    community: Mapped[Community | None] = relationship()
    liaison_officer: Mapped[Staff | None] = relationship()
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="person", order_by="Contact.rank", cascade="all, delete-orphan"
    )
    pairings: Mapped[list["VolunteerPairing"]] = relationship(back_populates="person", cascade="all, delete-orphan")


class Contact(Base):
    """Whom to ring about a person, in order of `rank` from 1."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    rank: Mapped[int]
    kind: Mapped[ContactKind] = mapped_column(text_enum(ContactKind))
    name: Mapped[str] = mapped_column(String(100))
    relation: Mapped[str] = mapped_column(String(50), default="")
    phone: Mapped[str] = mapped_column(String(20))

    person: Mapped[Person] = relationship(back_populates="contacts")


class Volunteer(Base):
    __tablename__ = "volunteers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))


class VolunteerPairing(Base):
    """志愿者双向结对: who is paired with whom, since when and, once it is over, until when."""

    __tablename__ = "volunteer_pairings"
    __table_args__ = (Index("ix_volunteer_pairings_person_id_until", "person_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    since: Mapped[date]
    until: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="pairings")
    volunteer: Mapped[Volunteer] = relationship()


class PersonEvent(Base):
    """Somebody changed a person's card; never changed afterwards."""

    __tablename__ = "person_events"
    __table_args__ = (Index("ix_person_events_person_id_at_id", "person_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    """added, changed, imported, contact, volunteer."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: it was done at the machine."""
    changes: Mapped[list[Any]]
    """What was changed, as `{"field": …, "before": …, "after": …}`; the texts are as they were shown."""

    staff: Mapped[Staff | None] = relationship()
