"""The week: who has a shift when, when nobody has, and the standing order."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console.checkins.forms import FIRST, LAST
from care_records.console.context import local_now, now, reading, settings, writing
from care_records.console.duty import changes, data, forms, words
from care_records.console.duty.pages import pages
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.models.accounts import Role
from care_records.services import duty

Step = Callable[[Session], str]
"""Changes the roster, and says so."""


class Refused(Exception):  # noqa: N818 - it tells of a roster, not of a mistake
    """The change is not made; the message says why, in words for whoever asked."""


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    return page()


def page(form: Filled[Any] | None = None) -> str:
    """The week that is asked for, or the one of the shift that was typed, or this one."""
    asked = read(forms.Week, request.args).value or forms.Week()
    typed = form.value.day if form is not None and form.value is not None else None
    day = typed or asked.day or local_now().date()
    monday = day - timedelta(days=day.weekday())
    with reading() as session:
        return render_template(
            "duty/index.html",
            form=form or _empty(asked),
            week=data.week(session, monday, settings().zone, now()),
            gaps=duty.gaps(session, now(), now() + duty.AHEAD),
            on_duty=duty.officers(session, now()),
            standing=data.standing(session),
            others=data.others(session),
            reachable=data.reachable(session),
            before=monday - timedelta(days=7) if monday > FIRST else None,
            after=monday + timedelta(days=7) if monday < LAST - timedelta(days=7) else None,
            today=local_now().date(),
            ahead=duty.AHEAD.days,
            words=words,
        )


def change(step: Step, day: date | None = None) -> Response:
    """Takes the step while nobody else changes the roster; what would leave nobody on duty is refused, and said."""
    try:
        with writing() as session:
            changes.lock(session)
            told = step(session)
    except duty.EmptyDutyRoster as empty:
        flash(nobody_left(empty), "look")
    except duty.NotReachable:
        flash(_("这位同事没有电话或者已经停用，不能值班。没有改动。"), "look")
    except Refused as refused:
        flash(str(refused), "look")
    else:
        flash(told, "good")
    return redirect(url_for(".index", day=day))


def nobody_left(empty: duty.EmptyDutyRoster) -> str:
    """What would be without anybody, in words."""
    return _("这样一来，%(span)s 没有人值班。没有改动，请先排上别人。", span=words.span(empty.gaps[0]))


def _empty(asked: forms.Week) -> Filled[Any]:
    kind = words.KINDS[asked.kind or "day"]
    day = asked.day or local_now().date()
    return shown({"day": day.isoformat(), "begin": kind.begin, "end": kind.end, "days": 1})
