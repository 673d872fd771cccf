"""Shifts: added, moved, taken off the roster. Dragging one sends the same forms."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import abort, make_response, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.context import note_use, now, reading, settings
from care_records.console.duty import changes, data, forms
from care_records.console.duty.data import OnDay
from care_records.console.duty.pages import pages
from care_records.console.duty.week import Refused, change, page
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models import Shift, Staff
from care_records.models.accounts import Role
from care_records.services import duty

DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=7)
Times = tuple[datetime, datetime]


@pages.post("/shifts")
@requires(Role.MANAGER)
def add_shift() -> Response:
    form = _checked(read(forms.Shift))
    wanted = form.value
    if wanted is None:
        return make_response(page(form), 422)

    def step(session: Session) -> str:
        if not once.again(session):
            staff = _staff(session, wanted.staff_id)
            begin, end = _times(wanted)
            for number in range(wanted.days):
                _add(session, staff, (begin + number * DAY, end + number * DAY))
        return _("已经排上。")

    return change(step, wanted.day)


@pages.get("/shifts/<int:shift_id>")
@requires(Role.MANAGER)
def one_shift(shift_id: int) -> str:
    return _page(shift_id)


@pages.post("/shifts/<int:shift_id>")
@requires(Role.MANAGER)
def change_shift(shift_id: int) -> Response:
    form = _checked(read(forms.Shift))
    wanted = form.value
    if wanted is None:
        return make_response(_page(shift_id, form), 422)

    def step(session: Session) -> str:
        if not once.again(session):
            shift, staff = _open(session, shift_id), _staff(session, wanted.staff_id)
            _refuse_overlap(session, staff, _times(wanted), besides=shift_id)
            moved = changes.replace_shift(session, shift, staff, _times(wanted), now())
            note_use(session, "duty.shift_changed", ("shift", moved.id))
        return _("已经改好。")

    return change(step, wanted.day)


@pages.post("/shifts/<int:shift_id>/remove")
@requires(Role.MANAGER)
def remove_shift(shift_id: int) -> Response:
    with reading() as session:
        shown_shift = _on_day(session, shift_id)

    def step(session: Session) -> str:
        shift = _open(session, shift_id)
        duty.remove_shift(session, shift, now())
        note_use(session, "duty.shift_removed", ("shift", shift_id))
        return _("已经取消这一班。")

    return change(step, shown_shift.begin.date() if shown_shift else None)


# --- How


def _checked(form: Filled[forms.Shift]) -> Filled[forms.Shift]:
    if form.value is None:
        return form
    begin, end = _times(form.value)
    if end <= begin:
        return form.wrong("end", _("结束要晚于开始。"))
    if end <= now():
        return form.wrong("day", _("这个时间已经过去了。"))
    if end - begin > LONGEST:
        return form.wrong("last_day", _("一班最长七天。"))
    return form


def _times(wanted: forms.Shift) -> Times:
    """From when until when, in UTC; without a last day, within a day."""
    overnight = wanted.last_day is None and wanted.end <= wanted.begin
    last_day = wanted.last_day or (wanted.day + DAY if overnight else wanted.day)
    zone = settings().zone
    begin = datetime.combine(wanted.day, wanted.begin.replace(tzinfo=None), zone)
    return begin.astimezone(UTC), datetime.combine(last_day, wanted.end.replace(tzinfo=None), zone).astimezone(UTC)


def _add(session: Session, staff: Staff, times: Times) -> None:
    _refuse_overlap(session, staff, times)
    added = duty.add_shift(session, staff, *times)
    note_use(session, "duty.shift_added", ("shift", added.id))


def _refuse_overlap(session: Session, staff: Staff, times: Times, besides: int = 0) -> None:
    if data.overlapping(session, staff.id, *times, besides=besides):
        raise Refused(_("%(name)s 这段时间已经排了班，没有改动。", name=staff.name))


def _staff(session: Session, staff_id: int) -> Staff:
    return data.find_staff(session, staff_id) or abort(422)


def _open(session: Session, shift_id: int) -> Shift:
    """A shift that is not over."""
    shift = data.find_shift(session, shift_id)
    if shift is None:
        raise Refused(_("这一班刚才已经被改过或者取消了，没有改动。"))
    if shift.ends_at <= now():
        raise Refused(_("已经过去的班不能改。"))
    return shift


def _on_day(session: Session, shift_id: int) -> OnDay | None:
    shift = data.find_shift(session, shift_id)
    return data.on_day(shift, settings().zone, now()) if shift else None


def _page(shift_id: int, form: Filled[Any] | None = None) -> str:
    with reading() as session:
        found = _on_day(session, shift_id) or abort(404)
        typed = {
            "staff_id": found.shift.staff_id,
            "day": found.begin.date().isoformat(),
            "begin": f"{found.begin:%H:%M}",
            "end": f"{found.end:%H:%M}",
            "last_day": found.end.date().isoformat(),
        }
        name, reachable = found.shift.staff.name, data.reachable(session)
    return render_template("duty/shift.html", found=found, name=name, form=form or shown(typed), reachable=reachable)
