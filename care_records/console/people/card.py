"""The list of people, a card, and the line of time of one person."""

from flask import abort, render_template, request

from care_records.console.calls import words as call_labels
from care_records.console.context import local_now, note_use, reading, settings, writing
from care_records.console.forms import EMPTY, read
from care_records.console.guards import requires
from care_records.console.paging import asked_page
from care_records.console.people import data, forms, timeline
from care_records.console.people import words as labels
from care_records.console.people.pages import pages
from care_records.console.requests import words as request_labels
from care_records.models.accounts import Role
from care_records.services.people import age_on

LATEST = 12
"""What a card shows of the line of time."""


def home() -> forms.Home:
    return forms.Home(settings().region, settings().area_code)


def found(person_id: int) -> data.Card:
    with reading() as session:
        card = data.card(session, person_id, local_now().date())
    return card or abort(404)


@pages.context_processor
def _words() -> dict[str, object]:
    names = {"labels": labels, "call_labels": call_labels, "request_labels": request_labels}
    return {**names, "home": home(), "age_on": age_on}


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    form = read(forms.Filter, request.args)
    chosen = form.value or forms.Filter()
    with reading() as session:
        page = data.listed(session, chosen.text, chosen.community, asked_page())
        communities = data.communities(session)
    today = local_now().date()
    return render_template("people/index.html", form=form, page=page, communities=communities, today=today)


@pages.get("/<int:person_id>")
@requires(Role.VIEWER)
def one(person_id: int) -> str:
    """The card. Whoever opens it stands in the trail."""
    card = found(person_id)
    with reading() as session:
        happened = timeline.happened(session, person_id, asked_page(), size=LATEST)
        names = data.names(session)
    with writing() as session:
        note_use(session, "person.opened", ("person", person_id))
    return render_template("people/one.html", card=card, happened=happened, names=names, form=EMPTY)


@pages.get("/<int:person_id>/timeline")
@requires(Role.VIEWER)
def everything(person_id: int) -> str:
    """All that ever happened, a page at a time, or all of one kind."""
    card, only = found(person_id), request.args.get("only")
    with reading() as session:
        happened = timeline.happened(session, person_id, asked_page(), only)
        names = data.names(session)
    with writing() as session:
        note_use(session, "person.opened", ("person", person_id))
    return render_template("people/timeline.html", card=card, happened=happened, names=names, only=only)
