"""Writing a card: a new one, or what has changed on one that is there."""

from collections.abc import Sequence
from typing import Any, Final

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.context import local_now, my_staff, note_use, now, reading, writing
from care_records.console.forms import EMPTY, Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.people import data, forms
from care_records.console.people import words as labels
from care_records.console.people.card import found, home
from care_records.console.people.pages import pages
from care_records.models.accounts import Role
from care_records.services import cards

NO_NUMBERS: Final[dict[str, str | None]] = {}


@pages.get("/new")
@requires(Role.MANAGER)
def new() -> str:
    return _page(EMPTY)


@pages.post("/")
@requires(Role.MANAGER)
def add() -> Response:
    form = forms.checked(read(forms.Card), home(), local_now().date(), NO_NUMBERS)
    if form.value is None:
        return make_response(_page(form), 422)
    values = forms.columns(form.value, home(), NO_NUMBERS)
    with writing() as session:

        def save() -> str:
            person = cards.add(session, values, staff=my_staff(session), at=now())
            note_use(session, "person.added", ("person", person.id))
            return url_for(".one", person_id=person.id)

        place = once.page_of(session, url_for(".index"), save)
    flash(_("资料已经建好。"), "good")
    return redirect(place)


@pages.get("/<int:person_id>/edit")
@requires(Role.MANAGER)
def edit(person_id: int) -> str:
    card = cards.card(found(person_id).person)
    return _page(shown(forms.typed(card, home())), person_id, forms.sealed(card))


@pages.post("/<int:person_id>/edit")
@requires(Role.MANAGER)
def save(person_id: int) -> Response:
    """Saves what was changed. Has somebody else changed the same meanwhile, nothing is, and the page says what."""
    seen = request.form.get("seen", "")
    person = found(person_id).person
    stored = {"phone": person.phone, "phone2": person.phone2}
    form = forms.checked(read(forms.Card), home(), local_now().date(), stored)
    if form.value is None:
        return make_response(_page(form, person_id, seen), 422)
    values = forms.columns(form.value, home(), stored)
    theirs: Sequence[cards.Change] = ()
    try:
        with writing() as session:
            if not once.again(session):
                staff = my_staff(session)
                theirs = cards.change(session, person_id, values, seen=forms.unsealed(seen), staff=staff, at=now())
                note_use(session, "person.changed", ("person", person_id))
    except cards.ChangedMeanwhile as race:
        return make_response(_page(form, person_id, forms.sealed(cards.card(found(person_id).person)), race), 409)
    except NoResultFound:
        abort(404)
    flash(_("资料已经保存。"), "good")
    if theirs:
        flash(_("您填的时候，别人也改了：%(fields)s。两边的改动都在。", fields=_named(theirs)), "look")
    return redirect(url_for(".one", person_id=person_id))


def _page(
    form: Filled[Any], person_id: int | None = None, seen: str = "", race: cards.ChangedMeanwhile | None = None
) -> str:
    with reading() as session:
        choices = {"communities": data.communities(session), "staff": data.staff(session)}
        names = data.names(session)
    page = "people/edit.html"
    return render_template(page, form=form, person_id=person_id, seen=seen, race=race, names=names, **choices)


def _named(changes: Sequence[cards.Change]) -> str:
    return _("、").join(str(labels.FIELDS[one.field]) for one in changes)
