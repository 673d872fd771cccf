"""Those around a person: contacts in the order of ringing, and the paired volunteer."""

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.context import local_now, my_staff, note_use, now, reading, writing
from care_records.console.forms import EMPTY, Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.people import data, forms
from care_records.console.people.card import found, home
from care_records.console.people.pages import pages
from care_records.models import Contact
from care_records.models.accounts import Role
from care_records.services import cards


@pages.get("/<int:person_id>/contacts/new")
@requires(Role.MANAGER)
def new_contact(person_id: int) -> str:
    return _contact_page(person_id, None, EMPTY)


@pages.post("/<int:person_id>/contacts")
@requires(Role.MANAGER)
def add_contact(person_id: int) -> Response:
    form = _checked(read(forms.Contact), None)
    filled = form.value
    if filled is None:
        return make_response(_contact_page(person_id, None, form), 422)
    found(person_id)
    with writing() as session:
        if not once.again(session):
            cards.add_contact(session, person_id, **_values(filled, None), staff=my_staff(session), at=now())
            note_use(session, "person.changed", ("person", person_id))
    flash(_("联系人已经保存。"), "good")
    return redirect(url_for(".one", person_id=person_id))


@pages.get("/<int:person_id>/contacts/<int:contact_id>")
@requires(Role.MANAGER)
def contact(person_id: int, contact_id: int) -> str:
    with reading() as session:
        one = _contact(session, person_id, contact_id)
    return _contact_page(person_id, one, shown({**vars(one), "phone": home().written(one.phone)}))


@pages.post("/<int:person_id>/contacts/<int:contact_id>")
@requires(Role.MANAGER)
def change_contact(person_id: int, contact_id: int) -> Response:
    with reading() as session:
        one = _contact(session, person_id, contact_id)
    form = _checked(read(forms.Contact), one.phone)
    if form.value is None:
        return make_response(_contact_page(person_id, one, form), 422)
    values, seen = _values(form.value, one.phone), request.form.get("seen", "")
    try:
        with writing() as session:
            if not once.again(session):
                present = _contact(session, person_id, contact_id)
                cards.change_contact(session, present, **values, seen=seen, staff=my_staff(session), at=now())
                note_use(session, "person.changed", ("person", person_id))
    except cards.ChangedMeanwhile as race:
        form = form.wrong("", _("您填的时候，别人改成了：%(now)s。没有保存，请再看一遍。", now=race.changes[0].after))
        return make_response(_contact_page(person_id, one, form), 409)
    flash(_("联系人已经保存。"), "good")
    return redirect(url_for(".one", person_id=person_id))


@pages.post("/<int:person_id>/contacts/<int:contact_id>/up")
@requires(Role.MANAGER)
def move_up(person_id: int, contact_id: int) -> Response:
    """Rung earlier than they were."""
    with writing() as session:
        if not once.again(session):
            cards.move_up(session, _contact(session, person_id, contact_id))
            note_use(session, "person.changed", ("person", person_id))
    return redirect(url_for(".one", person_id=person_id, _anchor="contacts"))


@pages.post("/<int:person_id>/contacts/<int:contact_id>/remove")
@requires(Role.MANAGER)
def remove_contact(person_id: int, contact_id: int) -> Response:
    with writing() as session:
        if not once.again(session):
            one = _contact(session, person_id, contact_id)
            cards.remove_contact(session, one, staff=my_staff(session), at=now())
            note_use(session, "person.changed", ("person", person_id))
    flash(_("联系人已经删去。"), "good")
    return redirect(url_for(".one", person_id=person_id))


@pages.get("/<int:person_id>/volunteers/new")
@requires(Role.MANAGER)
def new_pairing(person_id: int) -> str:
    return _pairing_page(person_id, shown({"since": local_now().date().isoformat()}))


@pages.post("/<int:person_id>/volunteers")
@requires(Role.MANAGER)
def pair(person_id: int) -> Response:
    form = _checked(read(forms.Pairing), None)
    filled = form.value
    if filled is None:
        return make_response(_pairing_page(person_id, form), 422)
    phone = home().number(filled.phone)
    try:
        with writing() as session:
            if not once.again(session):
                staff, name, since = my_staff(session), filled.name, filled.since
                cards.pair(session, person_id, name=name, phone=phone, since=since, staff=staff, at=now())
                note_use(session, "person.changed", ("person", person_id))
    except NoResultFound:
        abort(404)
    flash(_("志愿者已经结对。"), "good")
    return redirect(url_for(".one", person_id=person_id))


@pages.post("/<int:person_id>/volunteers/<int:pairing_id>/end")
@requires(Role.MANAGER)
def end_pairing(person_id: int, pairing_id: int) -> Response:
    with writing() as session:
        pairing = data.pairing(session, person_id, pairing_id) or abort(404)
        cards.part(session, pairing, until=local_now().date(), staff=my_staff(session), at=now())
        note_use(session, "person.changed", ("person", person_id))
    flash(_("结对已经结束。"), "good")
    return redirect(url_for(".one", person_id=person_id))


def _contact(session: Session, person_id: int, contact_id: int) -> Contact:
    return data.contact(session, person_id, contact_id) or abort(404)


def _checked(form: Filled[Any], stored: str | None) -> Filled[Any]:
    filled = form.value
    if filled is not None and filled.phone and home().number(filled.phone, stored) is None:
        return form.wrong("phone", _("这不是一个电话号码。"))
    return form


def _values(filled: forms.Contact, stored: str | None) -> dict[str, Any]:
    phone = home().number(filled.phone, stored)
    return {"kind": filled.kind, "name": filled.name, "relation": filled.relation, "phone": phone}


def _contact_page(person_id: int, contact: Contact | None, form: Filled[Any]) -> str:
    card = found(person_id)
    here = next((one for one in card.contacts if contact and one.id == contact.id), None)
    seen = cards.described(here) if here else ""
    return render_template("people/contact.html", card=card, contact=contact, form=form, seen=seen)


def _pairing_page(person_id: int, form: Filled[Any]) -> str:
    with reading() as session:
        volunteers = data.volunteers(session)
    return render_template("people/volunteer.html", card=found(person_id), form=form, volunteers=volunteers)
