"""The forms of the pages of check-ins."""

from datetime import date, time
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from care_records.console.forms import Form
from care_records.console.languages import lazy_gettext
from care_records.console.today.board import BoardState
from care_records.models.people import Category, CheckInPlan

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Days before and after are typing errors."""
NOT_SPOKEN: Final = lazy_gettext("这句话要念出来，不能有“<”或“>”。")


def _thinkable(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise ValueError("日期或时间不对。")
    return day


def _first_of_month(month: object) -> object:
    return f"{month}-01"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _spoken(text: str) -> str:
    if set(text) & set("<>"):
        raise ValueError(str(NOT_SPOKEN))
    return text


Day = Annotated[date, AfterValidator(_thinkable)]
Month = Annotated[Day, BeforeValidator(_first_of_month)]
OneLine: Final = BeforeValidator(_one_line)
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class OfDay(Form):
    """Which day, and which of its check-ins; `person` asks for somebody's history instead."""

    day: Day | None = None
    state: BoardState | None = None
    person: Id | None = None


class OfPerson(Form):
    month: Month | None = None


class Seen(Form):
    """Who has seen the person, and how."""

    staff_id: Id
    how: Annotated[str, Field(min_length=2, max_length=200), OneLine]


class Pause(Form):
    first_day: Day
    last_day: Day
    reason: Annotated[str, Field(min_length=1, max_length=200), OneLine]


class Plan(Form):
    """`plan` is empty when the age decides, `slot` when the line chooses. `seen` is what the page showed."""

    plan: CheckInPlan | None = None
    slot: time | None = None
    seen: Annotated[str, Field(max_length=50)] = ""


class Round(Form):
    """`count` is how many people the page said it would be: whoever sends it agrees to that number."""

    name: Annotated[str, Field(min_length=1, max_length=100), OneLine]
    opening: Annotated[str, Field(min_length=2, max_length=60), OneLine, AfterValidator(_spoken)]
    day: Day
    at: time
    min_age: Annotated[int | None, Field(ge=0, le=130)] = None
    max_age: Annotated[int | None, Field(ge=0, le=130)] = None
    community_id: Id | None = None
    category: Category | None = None
    lives_alone: bool = False
    count: int | None = None
