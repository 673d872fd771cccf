"""The forms of the pages of help requests."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from care_records.console.forms import Form
from care_records.console.requests.words import CATEGORIES
from care_records.models.requests import RequestStatus, Urgency

LONGEST: Final = 10_000
BY_HAND: Final = (
    *("medicine", "transport", "repair", "cleaning", "meals", "company", "contribute", "activities", "callback"),
    *("unwell", "fell", "other"),
)
"""What a member of staff may choose as the category; the others are found by the line."""


def _one_kind_of_line_end(text: str) -> str:
    """Browsers send two characters for the end of a line, and count one."""
    return text.replace("\r\n", "\n")


def _known(category: str) -> str:
    if category not in CATEGORIES:
        raise ValueError("请从列出的里面选。")
    return category


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Text = Annotated[str, Field(max_length=LONGEST), BeforeValidator(_one_kind_of_line_end)]
Category = Annotated[str, AfterValidator(_known)]


class Filter(Form):
    """What a list is narrowed down to. `person` comes from links, `who` is typed."""

    state: RequestStatus | Literal["all"] = RequestStatus.OPEN
    person: Id | None = None
    who: Annotated[str | None, Field(max_length=50)] = None
    category: Category | None = None
    urgency: Urgency | None = None
    mine: bool = False
    overdue: bool = False


class Note(Form):
    note: Text


class Assignment(Form):
    """`owner` is whom the page showed as having it."""

    staff_id: Id
    owner: str | None = None


class Resolution(Form):
    result: Text


class FollowUp(Form):
    """`satisfaction` is empty when they would not say."""

    satisfaction: Annotated[int | None, Field(ge=1, le=5)] = None
    said: Text = ""


class Reopening(Form):
    why: Text


class Person(Form):
    """Whom a new request is about, before it is written down."""

    person: Id | None = None
    who: Annotated[str | None, Field(max_length=50)] = None


class New(Form):
    person: Id | None = None
    phone: Annotated[str | None, Field(max_length=30)] = None
    category: Category
    urgency: Urgency = Urgency.NORMAL
    matter: Text
    mine: bool = False
    """Whoever writes it down takes it."""
