"""What a person may ask for: all that is kept of them, and that it be deleted."""

from tempfile import TemporaryFile
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, send_file, url_for
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from care_records.console.context import note_use, now, reading, settings, writing
from care_records.console.forms import EMPTY, Filled, read
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.people import forms
from care_records.console.people.card import found
from care_records.console.people.pages import pages
from care_records.models import Person
from care_records.models.accounts import Role
from care_records.services import disclosure, erasure


@pages.post("/<int:person_id>/export")
@requires(Role.MANAGER)
def hand_over(person_id: int) -> Response:
    """One ZIP with everything about the person, and their recordings."""
    found(person_id)
    with writing() as session:
        note_use(session, "person.exported", ("person", person_id))
    out = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    with reading() as session:
        disclosure.write(session, session.get_one(Person, person_id), settings().data_dir, out, settings().zone)
    out.seek(0)
    return send_file(out, mimetype="application/zip", as_attachment=True, download_name=f"person-{person_id}.zip")


@pages.get("/<int:person_id>/erase")
@requires(Role.ADMIN)
def confirm_erasure(person_id: int) -> str:
    return _page(person_id, EMPTY)


@pages.post("/<int:person_id>/erase")
@requires(Role.ADMIN)
def erase(person_id: int) -> Response:
    form = read(forms.Erasure)
    card = found(person_id)
    if form.value is not None and form.value.name != card.person.name:
        form = form.wrong("name", _("姓名不一样，没有删除。"))
    if form.value is None:
        return make_response(_page(person_id, form), 422)
    try:
        with writing() as session:
            erasure.erase(session, person_id, settings().data_dir, now())
            note_use(session, "person.erased", ("person", person_id))
    except erasure.StillNeeded:
        form = form.wrong("", _("还有没办结的工单、没问完的问候，或者正在通话。请先办好，再删除。"))
        return make_response(_page(person_id, form), 409)
    except NoResultFound:
        abort(404)
    flash(_("个人资料已经删除，录音也删了。"), "good")
    return redirect(url_for(".index"))


def _page(person_id: int, form: Filled[Any]) -> str:
    return render_template("people/erase.html", card=found(person_id), form=form)
