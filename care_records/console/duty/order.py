"""The standing order (值班顺序), and how each colleague is reached."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records import phones
from care_records.console.context import note_use, now, reading, settings, writing
from care_records.console.duty import changes, data, forms
from care_records.console.duty.pages import pages
from care_records.console.duty.week import Refused, change, nobody_left
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models import Staff
from care_records.models.accounts import Role
from care_records.services import duty


@pages.post("/order/<int:staff_id>")
@requires(Role.MANAGER)
def move(staff_id: int) -> Response:
    """Up or down in the standing order, into it or out of it."""
    wanted = read(forms.Move).value or abort(422)

    def step(session: Session) -> str:
        staff, order = _found(session, staff_id), data.standing(session)
        if seen(order) != wanted.seen:
            raise Refused(_("刚才有人改过值班顺序，没有改动。请看一看再改。"))
        after = _moved(order, staff, wanted.move)
        changes.set_order(session, after, [one for one in order if one not in after], now())
        note_use(session, "duty.order_changed", ("staff", staff_id))
        return _("值班顺序已经改好。")

    return change(step)


@pages.get("/staff/<int:staff_id>")
@requires(Role.MANAGER)
def colleague(staff_id: int) -> str:
    return _page(staff_id)


@pages.post("/staff/<int:staff_id>")
@requires(Role.MANAGER)
def change_colleague(staff_id: int) -> Response:
    """Their telephone, and whether they work here. Whoever cannot be rung leaves the standing order."""
    form = read(forms.Reached)
    typed = form.value.phone if form.value else None
    phone = phones.normalise(typed, settings().region, settings().area_code) if typed else None
    if typed and phone is None:
        form = form.wrong("phone", _("这不是一个电话号码。"))
    wanted = form.value
    if wanted is None:
        return make_response(_page(staff_id, form), 422)
    try:
        with writing() as session:
            changes.lock(session)
            staff = _found(session, staff_id)
            rank = staff.duty_rank if wanted.active and phone else None
            duty.set_duty(session, staff, now(), duty_rank=rank, active=wanted.active, phone=phone)
            note_use(session, "duty.staff_changed", ("staff", staff_id))
    except duty.EmptyDutyRoster as empty:
        return make_response(_page(staff_id, form.wrong("", nobody_left(empty))), 422)
    flash(_("已经改好。"), "good")
    return redirect(url_for(".index"))


@pages.context_processor
def _for_templates() -> dict[str, object]:
    return {"seen": seen}


def seen(order: Sequence[Staff]) -> str:
    """The standing order as a form carries it, to tell whether somebody else has changed it meanwhile."""
    return ",".join(str(staff.id) for staff in order)


def _moved(order: Sequence[Staff], staff: Staff, where: str) -> list[Staff]:
    """The order after that; nothing moves beyond its ends."""
    rest = [one for one in order if one is not staff]
    if where == "out":
        return rest
    if where == "in" or staff not in order:
        return [*rest, staff]
    place = max(0, order.index(staff) + (1 if where == "down" else -1))
    return [*rest[:place], staff, *rest[place:]]


def _found(session: Session, staff_id: int) -> Staff:
    return data.find_staff(session, staff_id) or abort(404)


def _page(staff_id: int, form: Filled[Any] | None = None) -> str:
    with reading() as session:
        staff = _found(session, staff_id)
        filled = form or shown({"phone": staff.phone or "", "active": staff.active})
        return render_template("duty/staff.html", staff=staff, form=filled)
