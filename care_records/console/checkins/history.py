"""A person: the calendar, the answers over time, pauses, the plan, and calling now."""

from calendar import Calendar
from datetime import date, time, timedelta
from typing import Any, Final

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.checkins import changes, chart, data, forms, words
from care_records.console.checkins.day import shared
from care_records.console.checkins.one import ring_and_tell, ring_now, waiting
from care_records.console.checkins.pages import pages
from care_records.console.context import local_now, my_staff, note_use, now, reading, settings, writing
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models import CheckIn, Person
from care_records.models.accounts import Role
from care_records.models.people import CheckInPlan
from care_records.services import check_ins
from care_records.services.check_ins import Planned
from care_records.services.people import age_on

LONGEST_PAUSE: Final = timedelta(days=366)


@pages.get("/people/<int:person_id>")
@requires(Role.VIEWER)
def person(person_id: int) -> str:
    with writing() as session:
        _found(session, person_id)
        note_use(session, "check_ins.read", ("person", person_id))
    return _page(person_id)


@pages.post("/people/<int:person_id>/pauses")
@requires(Role.OFFICER)
def pause(person_id: int) -> Response:
    """Nobody rings the person for some days, the last of which is known."""
    form = _checked_pause(read(forms.Pause))
    given = form.value
    if given is None:
        return make_response(_page(person_id, pause_form=form), 422)
    with writing() as session:
        _found(session, person_id)
        if not once.again(session):
            days = given.first_day, given.last_day
            check_ins.pause(session, person_id, *days, given.reason, my_staff(session), now())
    flash(_("已经暂停，%(day)s以后照常打电话。", day=given.last_day.isoformat()), "good")
    return _back(person_id)


@pages.post("/people/<int:person_id>/pauses/<int:pause_id>/end")
@requires(Role.OFFICER)
def end_pause(person_id: int, pause_id: int) -> Response:
    with writing() as session:
        _found(session, person_id)
        if changes.end_pause(session, pause_id, person_id, local_now().date()):
            note_use(session, "check_ins.pause_ended", ("person", person_id))
            flash(_("暂停已经结束，明天起照常打电话。"), "good")
        else:
            flash(_("这次暂停早已结束，没有改动。"), "look")
    return _back(person_id)


@pages.post("/people/<int:person_id>/plan")
@requires(Role.MANAGER)
def plan(person_id: int) -> Response:
    form = _checked_plan(read(forms.Plan))
    wanted = form.value
    if wanted is None:
        return make_response(_page(person_id, plan_form=form), 422)
    with writing() as session:
        someone = _found(session, person_id)
        chosen = wanted.plan, wanted.slot
        unchanged = _shown_plan(someone) == wanted.seen
        changed = unchanged and changes.set_plan(session, person_id, chosen, seen=_plan_of(someone))
        if changed:
            note_use(session, "check_ins.plan_changed", ("person", person_id))
        done = changed or chosen == _plan_of(someone)
    if done:
        flash(_("安排已经改好，明天起照新的打。"), "good")
    else:
        flash(_("刚才有人改过安排，没有改动。请看一看再改。"), "look")
    return _back(person_id)


@pages.post("/people/<int:person_id>/call")
@requires(Role.OFFICER)
def call_person(person_id: int) -> Response:
    """Rings now for today's check-in; whoever has none today gets one."""
    ring = ring_now() or abort(404)
    with writing() as session:
        someone = _found(session, person_id)
        is_first = not once.again(session)
        check_in = _todays(session, someone) if is_first else None
        rung = check_in.id if check_in is not None and waiting(check_in) else None
    if rung is None and is_first:
        flash(_("今天不能再打：没有同意接电话、已经问候过，或者正在打。"), "look")
    else:
        ring_and_tell(ring if rung is not None else None, rung or 0)
    return _back(person_id)


# --- How


def _back(person_id: int) -> Response:
    return redirect(url_for(".person", person_id=person_id))


def _found(session: Session, person_id: int) -> Person:
    return data.find_person(session, person_id) or abort(404)


def _todays(session: Session, someone: Person) -> CheckIn | None:
    """Today's check-in, planned for this moment if there was none and the person has agreed to calls."""
    today = local_now().date()
    if someone.consent_calls:
        check_ins.plan(session, [Planned(someone.id, today, now(), weekly=False)], now())
    return data.todays(session, someone.id, today)


def _checked_pause(form: Filled[forms.Pause]) -> Filled[forms.Pause]:
    given = form.value
    if given is None:
        return form
    if given.last_day < given.first_day:
        return form.wrong("last_day", _("最后一天不能早于第一天。"))
    if given.last_day < local_now().date():
        return form.wrong("last_day", _("这些日子已经过去了。"))
    if given.last_day - given.first_day > LONGEST_PAUSE:
        return form.wrong("last_day", _("一次最多暂停一年。"))
    return form


def _checked_plan(form: Filled[forms.Plan]) -> Filled[forms.Plan]:
    slot = form.value.slot if form.value else None
    if slot is not None and not any(begin <= slot < end for begin, end in settings().windows):
        return form.wrong("slot", _("请填问候时间里的时刻：%(hours)s。", hours=hours()))
    return form


def hours() -> str:
    """When people may be rung, as it is said on the pages."""
    return _("、").join(f"{begin:%H:%M}–{end:%H:%M}" for begin, end in settings().windows)


def _plan_of(someone: Person) -> tuple[CheckInPlan | None, time | None]:
    return someone.check_in_plan, someone.check_in_slot


def _shown_plan(someone: Person) -> str:
    """The plan as a form carries it, to tell whether somebody else has changed it meanwhile."""
    return f"{someone.check_in_plan or ''}/{someone.check_in_slot or ''}"


def _page(person_id: int, **filled: Filled[Any]) -> str:
    asked = read(forms.OfPerson, request.args).value
    today = local_now().date()
    month = (asked.month if asked else None) or today.replace(day=1)
    last = min(_next(month) - timedelta(days=1), max(today, month))
    with reading() as session:
        someone = _found(session, person_id)
        first = min(month, chart.begin(last))
        found = data.history(session, someone, first, _next(month) - timedelta(days=1))
        return render_template(
            "checkins/person.html",
            person=someone,
            history=found,
            check_in=data.todays(session, person_id, today),
            chart=chart.draw(found.answers, last),
            not_fine=[one for one in reversed(found.answers) if one.answer != "fine"],
            month=month,
            weeks=Calendar().monthdatescalendar(month.year, month.month),
            before=(month - timedelta(days=1)).replace(day=1) if month > forms.FIRST else None,
            after=_next(month) if _next(month) <= forms.LAST else None,
            today=today,
            age=age_on(someone.birth_date, today),
            rule_age=settings().check_in_age,
            seen_plan=_shown_plan(someone),
            hours=hours(),
            can_ring=ring_now() is not None and bool(someone.consent_calls),
            **_as_filled(someone, today, filled),
            **shared(),
        )


def _as_filled(someone: Person, today: date, filled: dict[str, Filled[Any]]) -> dict[str, object]:
    slot = f"{someone.check_in_slot:%H:%M}" if someone.check_in_slot else ""
    empty = {
        "pause_form": shown({"first_day": today.isoformat()}),
        "plan_form": shown({"plan": someone.check_in_plan or "", "slot": slot}),
    }
    plans = [("", _("按年龄：满%(age)s岁每天打", age=settings().check_in_age)), *words.PLANS.items()]
    return {**empty, **filled, "plans": plans}


def _next(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)
