"""The day: everybody's check-ins, by state."""

from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from care_records.console.checkins import data, forms, words
from care_records.console.checkins.pages import pages
from care_records.console.context import local_now, reading
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.paging import START, asked_page
from care_records.console.today.board import state_of
from care_records.console.today.words import STATES
from care_records.models.accounts import Role


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str | Response:
    form = read(forms.OfDay, request.args)
    if form.value is not None and form.value.person is not None:
        return redirect(url_for(".person", person_id=form.value.person))
    listed = _listed(form)
    return render_template("checkins/index.html", form=form if form.errors else shown(listed), **listed)


@pages.get("/rows")
@requires(Role.VIEWER)
def rows() -> str:
    """The list by itself, for the page that shows its beginning."""
    return render_template("checkins/_day.html", **_listed(read(forms.OfDay, request.args)))


def _listed(form: Filled[forms.OfDay]) -> dict[str, object]:
    """What `_day.html` shows. A filter that makes no sense shows today, and says what is wrong with it."""
    chosen, place, today = form.value or forms.OfDay(), asked_page(), local_now().date()
    day = chosen.day or today
    with reading() as session:
        return {
            "day": day,
            "today": today,
            "state": chosen.state,
            "page": data.of_day(session, day, chosen.state, place),
            "counts": data.counts(session, day=day),
            "paused": data.paused_on(session, day),
            "at_start": place == START,
            **_neighbours(day),
            **shared(),
        }


def _neighbours(day: date) -> dict[str, date | None]:
    return {
        "before": day - timedelta(days=1) if day > forms.FIRST else None,
        "after": day + timedelta(days=1) if day < forms.LAST else None,
    }


def shared() -> dict[str, object]:
    """What every template of the subject uses."""
    return {"words": words, "states": STATES, "state_of": state_of}
