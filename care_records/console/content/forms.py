"""The forms of the pages of bulletins and activities."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, NaiveDatetime

from care_records.console.content.plain import plain
from care_records.console.forms import Form
from care_records.console.languages import lazy_gettext

LONGEST: Final = 3000
"""Characters, about 20 minutes: the line reads out no more of a text."""
YEARS: Final = range(2000, 2100)
_FAR_OFF: Final = lazy_gettext("年份不对。")
_UNSAID: Final = lazy_gettext("请写些能读出来的字。")


def _near(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(_FAR_OFF)
    return moment


def _has_words(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError(_UNSAID)
    return text


LocalTime = Annotated[NaiveDatetime, AfterValidator(_near)]
"""As the office's clock shows it."""
Title = Annotated[str, Field(max_length=100), BeforeValidator(plain), AfterValidator(_has_words)]
Text = Annotated[str, Field(max_length=LONGEST), BeforeValidator(plain), AfterValidator(_has_words)]


class BulletinWords(Form):
    title: Title
    text: Text


class Broadcast(Form):
    """From when until when callers hear it; without a beginning from now on, without an end until it is withdrawn."""

    begins: LocalTime | None = None
    ends: LocalTime | None = None


class ActivityWords(Form):
    """`community` None: for everybody."""

    title: Title
    place: Annotated[str, Field(max_length=100), BeforeValidator(plain)] = ""
    text: Text
    starts: LocalTime
    community: int | None = None
