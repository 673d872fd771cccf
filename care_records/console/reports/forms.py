"""The period that a report is asked for."""

from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator
from werkzeug.datastructures import MultiDict

from care_records.console.forms import Filled, Form, read
from care_records.console.languages import gettext, lazy_gettext
from care_records.services.periods import Period

YEARS: Final = range(2000, 2100)
_FAR_OFF: Final = lazy_gettext("年份不对。")


def _near(day: date) -> date:
    if day.year not in YEARS:
        raise ValueError(_FAR_OFF)
    return day


class Asked(Form):
    """From the first day to the last; one that is left out is that of this month."""

    first: Annotated[date, AfterValidator(_near)] | None = None
    last: Annotated[date, AfterValidator(_near)] | None = None


def asked_period(args: MultiDict[str, str], today: date) -> tuple[Period, Filled[Asked]]:
    """What is asked for. What makes no sense says so in the form, and gives this month."""
    month = Period.month_of(today)
    form = read(Asked, args)
    if form.value is None:
        return month, form
    first, last = form.value.first or month.first, form.value.last or month.last
    typed = {"first": first.isoformat(), "last": last.isoformat()}
    try:
        return Period(first, last), Filled(form.value, typed)
    except ValueError:
        return month, Filled[Asked](None, typed).wrong("last", gettext("结束要在开始之后，最长十年。"))
