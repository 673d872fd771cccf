"""The forms of the pages of people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from care_records import phones
from care_records.console.forms import Filled, Form
from care_records.console.languages import gettext as _
from care_records.models.people import Category, CheckInPlan, ContactKind, Sex
from care_records.names import address_for
from care_records.services import cards

EARLIEST: Final = date(1900, 1, 1)
_ANSWERS: Final[Mapping[str | None, bool | None]] = {None: None, "yes": True, "no": False}
_PHONES: Final = ("phone", "phone2")


def _one_kind_of_line_end(text: str) -> str:
    """Browsers send two characters for the end of a line, and count one."""
    return text.replace("\r\n", "\n")


Long = Annotated[str, Field(max_length=10_000), BeforeValidator(_one_kind_of_line_end)]
Number = Annotated[str | None, Field(max_length=40)]
Answer = Literal["yes", "no"] | None


class Filter(Form):
    """What the list is narrowed down to."""

    text: Annotated[str | None, Field(max_length=50)] = None
    community: int | None = None


class Card(Form):
    """Everything that a card says of the person."""

    name: Annotated[str, Field(max_length=100)]
    address_as: Annotated[str, Field(max_length=50)] = ""
    sex: Sex | None = None
    birth_date: date
    category: Category | None = None
    phone: Number = None
    phone2: Number = None
    address: Annotated[str, Field(max_length=300)] = ""
    community_id: int | None = None
    lives_alone: bool = False
    frail: bool = False
    illnesses: Long = ""
    hearing: Annotated[str, Field(max_length=100)] = ""
    dialect: Annotated[str, Field(max_length=50)] = ""
    slow_speech: bool = False
    nap_start: time | None = None
    nap_end: time | None = None
    liaison_officer_id: int | None = None
    check_in_plan: CheckInPlan | None = None
    check_in_slot: time | None = None
    consent_calls: Answer = None
    consent_recording: Answer = None
    notes: Long = ""


class Contact(Form):
    kind: ContactKind = ContactKind.FAMILY
    name: Annotated[str, Field(max_length=100)]
    relation: Annotated[str, Field(max_length=50)] = ""
    phone: Annotated[str, Field(max_length=40)]


class Pairing(Form):
    name: Annotated[str, Field(max_length=100)]
    phone: Number = None
    since: date


class Erasure(Form):
    """Whoever erases types the name, so that it is not done by a slip of the hand."""

    name: Annotated[str, Field(max_length=100)]


@dataclass(frozen=True)
class Home:
    """Where telephone numbers are at home."""

    region: str
    area_code: str

    def number(self, typed: str | None, stored: str | None = None) -> str | None:
        """What was typed, as it is stored; what was shown and not touched stays as it is. None: no number."""
        if not typed or typed == (stored and self.written(stored)):
            return stored if typed else None
        return phones.normalise(typed, self.region, self.area_code)

    def written(self, stored: str | None) -> str:
        return phones.written(stored, self.region, self.area_code) if stored else ""


def checked(form: Filled[Card], home: Home, today: date, stored: Mapping[str, str | None]) -> Filled[Card]:
    """The form, with what is wrong with it beyond single fields. `stored` are the numbers as they are."""
    filled = form.value
    if filled is None:
        return form
    if not any(character.isalpha() for character in filled.name):
        form = form.wrong("name", _("这不像姓名。"))
    if not EARLIEST <= filled.birth_date <= today:
        form = form.wrong("birth_date", _("出生日期要在1900年到今天之间。"))
    if (filled.nap_start is None) != (filled.nap_end is None):
        form = form.wrong("nap_end", _("午睡的开始和结束要一起填。"))
    elif filled.nap_start and filled.nap_end and filled.nap_start >= filled.nap_end:
        form = form.wrong("nap_end", _("午睡要在开始以后结束。"))
    for name in _PHONES:
        if getattr(filled, name) and home.number(getattr(filled, name), stored.get(name)) is None:
            form = form.wrong(name, _("这不是一个电话号码。"))
    return form


def columns(filled: Card, home: Home, stored: Mapping[str, str | None]) -> dict[str, Any]:
    """The values of a card that was found right, as the records have them."""
    values = {name: getattr(filled, name) for name in cards.FIELDS}
    numbers = {name: home.number(getattr(filled, name), stored.get(name)) for name in _PHONES}
    consents = {name: _ANSWERS[getattr(filled, name)] for name in ("consent_calls", "consent_recording")}
    return values | numbers | consents | {"address_as": filled.address_as or address_for(filled.name)}


def typed(card: Mapping[str, str], home: Home) -> dict[str, Any]:
    """A card as its form shows it."""
    ticks = {name: card[name] == "yes" for name in ("lives_alone", "frail", "slow_speech")}
    return {**card, **ticks, **{name: home.written(card[name]) for name in _PHONES}}


def sealed(card: Mapping[str, str]) -> str:
    """What the card said when its form was shown, for a hidden field of it."""
    return json.dumps(dict(card), ensure_ascii=False)


def unsealed(text: str) -> dict[str, str]:
    """As `sealed`; nothing is known to have been seen when it makes no sense."""
    try:
        seen = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(seen, dict):
        return {}
    return {str(name): value for name, value in seen.items() if isinstance(value, str)}
