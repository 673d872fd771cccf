"""One check-in: try by try, why it ended, and what staff do about it."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.checkins import data, forms
from care_records.console.checkins.day import shared
from care_records.console.checkins.pages import pages
from care_records.console.context import line, me, note_use, now, reading, writing
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.requests.words import URGENCIES, urgency_kind
from care_records.models import CheckIn, Staff
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInState
from care_records.services import cases, check_ins

Ring = Callable[[int], bool]


@pages.get("/<int:check_in_id>")
@requires(Role.VIEWER)
def one(check_in_id: int) -> str:
    return _page(check_in_id, shown({"staff_id": me().staff_id}))


@pages.post("/<int:check_in_id>/seen")
@requires(Role.OFFICER)
def seen(check_in_id: int) -> Response:
    """Somebody has seen the person; no call is needed."""
    form = read(forms.Seen)
    if form.value is None:
        return make_response(_page(check_in_id, form), 422)
    with writing() as session:
        check_in = _found(session, check_in_id)
        if once.again(session) or _mark_seen(session, check_in, form.value):
            flash(_("已经记下：%(how)s。", how=form.value.how.rstrip("。")), "good")
        else:
            flash(_too_late(check_in), "look")
    return redirect(url_for(".one", check_in_id=check_in_id))


@pages.post("/<int:check_in_id>/call")
@requires(Role.OFFICER)
def call(check_in_id: int) -> Response:
    """The next try is made now. Asking twice makes no second one."""
    ring = ring_now() or abort(404)
    with writing() as session:
        check_in = _found(session, check_in_id)
        is_first = not once.again(session)
        waits = waiting(check_in)
        too_late = None if waits or not is_first else _too_late(check_in)
    if too_late:
        flash(too_late, "look")
    else:
        ring_and_tell(ring if is_first else None, check_in_id)
    return redirect(url_for(".one", check_in_id=check_in_id))


def ring_now() -> Ring | None:
    """Has the line ring for a check-in at once (its id); False: it cannot now. None: the line does not do that."""
    return line().call_now


def ring_and_tell(ring: Ring | None, check_in_id: int) -> None:
    """Says what came of it; without `ring` it has been done before."""
    if ring is None or ring(check_in_id):
        flash(_("马上就打。"), "good")
    else:
        flash(_("现在没法打：不在问候时间里，或者是午休时间。"), "look")


def waiting(check_in: CheckIn) -> bool:
    """A try can be made: it is the line's, nobody else's, and no call is under way."""
    return check_in.state in (CheckInState.PLANNED, CheckInState.WAITING)


def _mark_seen(session: Session, check_in: CheckIn, form: forms.Seen) -> bool:
    staff = session.get(Staff, form.staff_id)
    if staff is None or not staff.active:
        abort(422)
    note_use(session, "check_in.seen", ("check_in", check_in.id))
    return check_ins.mark_seen(session, check_in, staff, form.how, now())


def _too_late(check_in: CheckIn) -> str:
    """Why nothing was changed."""
    if check_in.state is CheckInState.CALLING:
        return _("正在打，请等这一次打完。")
    if check_in.state in cases.OPEN_CHECK_INS and check_in.request is not None:
        return _("已经成了工单 %(number)s，请在工单里接手。", number=check_in.request.number)
    return _("这次问候已经结束，没有改动。")


def _found(session: Session, check_in_id: int) -> CheckIn:
    return data.find(session, check_in_id) or abort(404)


def _page(check_in_id: int, form: Filled[Any]) -> str:
    with reading() as session:
        check_in = _found(session, check_in_id)
        return render_template(
            "checkins/one.html",
            check_in=check_in,
            tries=data.tries(session, check_in_id),
            inbound=data.calls_in_between(session, check_in),
            colleagues=data.colleagues(session),
            form=form,
            can_be_seen=check_in.state in check_ins.MACHINE and check_in.request_id is None,
            can_ring=ring_now() is not None and waiting(check_in),
            urgencies=URGENCIES,
            urgency_kind=urgency_kind,
            **shared(),
        )
