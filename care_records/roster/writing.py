"""The roster as a file that can be taken in again: the same headings, a further row for each further contact."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from care_records.models import Contact, Person
from care_records.models.people import Category, CheckInPlan, Sex
from care_records.phones import written
from care_records.roster.columns import HEADINGS
from care_records.services import searching

FIELDS: Final = tuple(known[0] for known in HEADINGS.values())
"""The heading of each column, in the order of the columns."""
_ROWS_AT_ONCE: Final = 500
_SEXES: Final = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}
_CATEGORIES: Final = {Category.LIXIU: "离休", Category.TUIXIU: "退休", None: ""}
_CHOICES: Final = {True: "是", False: "否", None: ""}
_PLANS: Final = {
    CheckInPlan.DAILY: "每天",
    CheckInPlan.THRICE_WEEKLY: "每周三次",
    CheckInPlan.WEEKLY: "每周",
    CheckInPlan.NONE: "不打",
    None: "",
}


def rows(session: Session, region: str, area_code: str) -> Iterator[dict[str, Any]]:
    """Everybody in the order of the alphabet; numbers as people of that region write them."""
    related = joinedload(Person.community), selectinload(Person.contacts)
    everybody = select(Person).where(searching.listed()).options(*related).order_by(Person.pinyin, Person.id)
    for person in session.scalars(everybody.execution_options(yield_per=_ROWS_AT_ONCE)):
        contacts: Sequence[Contact | None] = person.contacts or [None]
        for contact in contacts:
            row = _own(person, region, area_code) | _contact(contact, region, area_code)
            yield {HEADINGS[field][0]: value for field, value in row.items()}


def _own(person: Person, region: str, area_code: str) -> dict[str, Any]:
    return {
        "name": person.name,
        "address_as": person.address_as,
        "sex": _SEXES[person.sex],
        "birth_date": person.birth_date.isoformat(),
        "category": _CATEGORIES[person.category],
        "phone": written(person.phone, region, area_code) if person.phone else "",
        "phone2": written(person.phone2, region, area_code) if person.phone2 else "",
        "address": person.address,
        "community": person.community.name if person.community else "",
        "hearing": person.hearing,
        "dialect": person.dialect,
        "consent_calls": _CHOICES[person.consent_calls],
        "consent_recording": _CHOICES[person.consent_recording],
        "check_in": _PLANS[person.check_in_plan],
        "slot": _clock(person.check_in_slot),
        "alone": _CHOICES[person.lives_alone],
        "frail": _CHOICES[person.frail],
        "illnesses": person.illnesses,
        "nap_start": _clock(person.nap_start),
        "nap_end": _clock(person.nap_end),
        "notes": person.notes,
    }


def _contact(contact: Contact | None, region: str, area_code: str) -> dict[str, Any]:
    return {
        "contact_name": contact.name if contact else "",
        "contact_phone": written(contact.phone, region, area_code) if contact else "",
        "contact_relation": contact.relation if contact else "",
    }


def _clock(at: time | None) -> str:
    return at.strftime("%H:%M") if at else ""
