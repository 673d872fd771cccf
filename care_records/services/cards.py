"""Changing what is known of a person: each change is in their history, and of two at once neither is lost unseen."""

# ruff: noqa: PLR0913, PLR0917 - columns are given by name

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care_records.models import Contact, Person, PersonEvent, Staff, Volunteer, VolunteerPairing
from care_records.models.people import ContactKind
from care_records.pinyin import search_text, spelling
from care_records.services.text import storable

FIELDS: Final = (
    *("name", "address_as", "sex", "birth_date", "category", "phone", "phone2", "address", "community_id"),
    *("lives_alone", "frail", "illnesses", "hearing", "dialect", "slow_speech", "nap_start", "nap_end"),
    *("liaison_officer_id", "check_in_plan", "check_in_slot", "consent_calls", "consent_recording", "notes"),
)
"""What a card says of the person, in its order."""
REMEMBERED: Final = 300
"""Characters of a text that its line in the history keeps."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a card; both values as texts."""

    field: str
    before: str
    after: str


class ChangedMeanwhile(Exception):  # noqa: N818 - nothing has gone wrong: two people have worked on one card
    """Somebody else has changed the same; nothing was saved. `by` is their name, if it is known."""

    def __init__(self, changes: Sequence[Change], by: str | None) -> None:
        super().__init__(f"{len(changes)} changes")
        self.changes = tuple(changes)
        self.by = by


def card(person: Person) -> dict[str, str]:
    """What the card says, as texts: what a page that changes it gives back as `seen`."""
    return {field: as_text(getattr(person, field)) for field in FIELDS}


def as_text(value: object) -> str:
    """A value of a column; nothing is an empty text, and so is no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def add(session: Session, values: Mapping[str, Any], *, staff: Staff, at: datetime) -> Person:
    """A new person with these columns."""
    person = Person(**_storable(values), created_at=at)
    session.add(person)
    session.flush()
    remember(session, person.id, "added", [], staff_id=staff.id, at=at)
    return person


def change(
    session: Session, person_id: int, values: Mapping[str, Any], *, seen: Mapping[str, str], staff: Staff, at: datetime
) -> Sequence[Change]:
    """Saves what is different from what was `seen`, and nothing else; says what others have changed since then.

    Raises ChangedMeanwhile when they have changed one of the same fields to something else, and NoResultFound.
    """
    person = _locked(session, person_id)
    now, given = card(person), _storable(values)
    mine = [field for field in given if as_text(given[field]) != seen.get(field, now[field])]
    theirs = [Change(field, seen[field], now[field]) for field in FIELDS if now[field] != seen.get(field, now[field])]
    both = [one for one in theirs if one.field in mine and as_text(given[one.field]) != one.after]
    if both:
        raise ChangedMeanwhile(both, _last_changed_by(session, person_id))
    changes = [
        Change(field, now[field], as_text(given[field])) for field in mine if as_text(given[field]) != now[field]
    ]
    for one in changes:
        setattr(person, one.field, given[one.field])
    if {"name", "phone", "phone2"} & {one.field for one in changes}:
        person.pinyin = spelling(person.name)
        person.search = search_text(person.name, person.phone, person.phone2)
    if changes:
        remember(session, person_id, "changed", changes, staff_id=staff.id, at=at)
    return theirs


def remember(
    session: Session, person_id: int, kind: str, changes: Sequence[Change], *, staff_id: int | None, at: datetime
) -> None:
    """A line of the person's history."""
    session.add(PersonEvent(person_id=person_id, at=at, kind=kind, staff_id=staff_id, changes=remembered(changes)))


def remembered(changes: Sequence[Change]) -> list[dict[str, str]]:
    """As the history keeps them."""
    return [{"field": one.field, "before": one.before[:REMEMBERED], "after": one.after[:REMEMBERED]} for one in changes]


# --- Those around them


def add_contact(
    session: Session,
    person_id: int,
    *,
    kind: ContactKind,
    name: str,
    relation: str,
    phone: str,
    staff: Staff,
    at: datetime,
) -> Contact:
    """Somebody to ring about the person, after all others."""
    _locked(session, person_id)
    last = session.scalar(select(func.max(Contact.rank)).where(Contact.person_id == person_id)) or 0
    contact = Contact(person_id=person_id, rank=last + 1, kind=kind, name=name, relation=relation, phone=phone)
    session.add(contact)
    _remember_contact(session, person_id, "", described(contact), staff, at)
    return contact


def change_contact(
    session: Session,
    contact: Contact,
    *,
    kind: ContactKind,
    name: str,
    relation: str,
    phone: str,
    seen: str,
    staff: Staff,
    at: datetime,
) -> None:
    """`seen` is how the contact was described. Raises ChangedMeanwhile when that is no longer so."""
    _locked(session, contact.person_id)
    session.refresh(contact)
    before = described(contact)
    if before != seen:
        raise ChangedMeanwhile([Change("contact", seen, before)], _last_changed_by(session, contact.person_id))
    contact.kind, contact.name, contact.relation, contact.phone = kind, name, relation, phone
    _remember_contact(session, contact.person_id, before, described(contact), staff, at)


def remove_contact(session: Session, contact: Contact, *, staff: Staff, at: datetime) -> None:
    _locked(session, contact.person_id)
    _remember_contact(session, contact.person_id, described(contact), "", staff, at)
    session.delete(contact)


def move_up(session: Session, contact: Contact) -> None:
    """Rung before the one who was rung before them. Nothing happens to the first."""
    _locked(session, contact.person_id)
    ahead = Contact.person_id == contact.person_id, Contact.rank < contact.rank
    other = session.scalar(select(Contact).where(*ahead).order_by(Contact.rank.desc()).limit(1))
    if other is None:
        return
    own, theirs = contact.rank, other.rank
    # No two of a person may have one rank, not even for a moment.
    contact.rank = -contact.id
    session.flush()
    other.rank = own
    session.flush()
    contact.rank = theirs


def described(contact: Contact) -> str:
    """A contact in one line."""
    return " ".join(part for part in (contact.name, contact.relation, contact.phone) if part)


def pair(
    session: Session, person_id: int, *, name: str, phone: str | None, since: date, staff: Staff, at: datetime
) -> VolunteerPairing:
    """Pairs the person with the volunteer of that name and number, who is made if nobody has them."""
    _locked(session, person_id)
    known = select(Volunteer).where(Volunteer.name == name, Volunteer.phone.is_not_distinct_from(phone)).limit(1)
    volunteer = session.scalar(known) or Volunteer(name=name, phone=phone)
    pairing = VolunteerPairing(person_id=person_id, volunteer=volunteer, since=since)
    session.add(pairing)
    remember(session, person_id, "volunteer", [Change("volunteer", "", name)], staff_id=staff.id, at=at)
    return pairing


def part(session: Session, pairing: VolunteerPairing, *, until: date, staff: Staff, at: datetime) -> None:
    """The pairing is over; nothing happens to one that is over already."""
    if pairing.until is not None:
        return
    pairing.until = max(until, pairing.since)
    gone = Change("volunteer", pairing.volunteer.name, "")
    remember(session, pairing.person_id, "volunteer", [gone], staff_id=staff.id, at=at)


def _remember_contact(session: Session, person_id: int, before: str, after: str, staff: Staff, at: datetime) -> None:
    if before != after:
        remember(session, person_id, "contact", [Change("contact", before, after)], staff_id=staff.id, at=at)


def _locked(session: Session, person_id: int) -> Person:
    """The person, as the records have them now; others wait with their changes until this transaction has ended."""
    mine = select(Person).where(Person.id == person_id, Person.erased_at.is_(None)).with_for_update(of=Person)
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def _last_changed_by(session: Session, person_id: int) -> str | None:
    last = select(Staff.name).join(PersonEvent, PersonEvent.staff_id == Staff.id)
    return session.scalar(last.where(PersonEvent.person_id == person_id).order_by(PersonEvent.id.desc()).limit(1))


def _storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts without what a database refuses."""
    return {
        name: storable(value) if isinstance(value, str) and not isinstance(value, Enum) else value
        for name, value in values.items()
    }
