"""Extra rounds: heat, cold, a festival. Started, watched, stopped."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console import once
from care_records.console.checkins import data, forms, rounds_data
from care_records.console.checkins.day import shared
from care_records.console.checkins.history import hours
from care_records.console.checkins.pages import pages
from care_records.console.checkins.rounds_data import Reach
from care_records.console.context import local_now, my_staff, note_use, now, reading, settings, writing
from care_records.console.forms import Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.paging import START, asked_page
from care_records.models.accounts import Role
from care_records.services import rounds
from care_records.services.rounds import Group

SOON: Final = timedelta(minutes=30)
"""Somebody who takes a while to fill in the form still starts it now."""
FURTHEST: Final = timedelta(days=92)


@pages.get("/rounds/")
@requires(Role.VIEWER)
def round_list() -> str:
    with reading() as session:
        page = rounds_data.listed(session, asked_page())
        return render_template("checkins/rounds.html", page=page, **shared())


@pages.get("/rounds/new")
@requires(Role.MANAGER)
def new_round() -> str:
    at = local_now()
    return _new_page(shown({"day": at.date().isoformat(), "at": f"{at:%H:%M}"}), None)


@pages.post("/rounds/")
@requires(Role.MANAGER)
def start_round() -> Response:
    """Shows how many people it will be first, and starts it once whoever asks has agreed to that number."""
    form = _checked(read(forms.Round))
    wanted = form.value
    if wanted is None:
        return make_response(_new_page(form, None), 422)
    group = _group(wanted)
    with reading() as session:
        reach = rounds_data.reach(session, group, wanted.day)
    if reach.callable == 0:
        return make_response(_new_page(form.wrong("", _("这一组里没有可以打的人。")), reach), 422)
    if reach.callable != wanted.count:
        return make_response(_new_page(form, reach))
    with writing() as session:
        place = once.page_of(
            session,
            url_for(".round_list"),
            lambda: url_for(".one_round", round_id=_start(session, wanted, group)),
        )
    flash(_("这一轮已经安排好了。"), "good")
    return redirect(place)


@pages.get("/rounds/<int:round_id>")
@requires(Role.VIEWER)
def one_round(round_id: int) -> str:
    return render_template("checkins/round.html", **_watched(round_id))


@pages.get("/rounds/<int:round_id>/progress")
@requires(Role.VIEWER)
def round_progress(round_id: int) -> str:
    """How far it has got by itself, for the page that shows it."""
    return render_template("checkins/_round.html", **_watched(round_id))


@pages.post("/rounds/<int:round_id>/stop")
@requires(Role.MANAGER)
def stop_round(round_id: int) -> Response:
    with writing() as session:
        found = rounds_data.find(session, round_id) or abort(404)
        if rounds.stop(session, found, my_staff(session), now()):
            note_use(session, "round.stopped", ("round", round_id))
            flash(_("已经停止，不再打新的电话。"), "good")
        else:
            flash(_("这一轮早已停止，没有改动。"), "look")
    return redirect(url_for(".one_round", round_id=round_id))


# --- How


def _checked(form: Filled[forms.Round]) -> Filled[forms.Round]:
    wanted = form.value
    if wanted is None:
        return form
    if wanted.min_age is not None and wanted.max_age is not None and wanted.max_age < wanted.min_age:
        return form.wrong("max_age", _("最大年龄不能小于最小年龄。"))
    if _starts_at(wanted) < now() - SOON:
        return form.wrong("at", _("这个时刻已经过去了。"))
    if wanted.day > local_now().date() + FURTHEST:
        return form.wrong("day", _("最多提前三个月安排。"))
    return form


def _starts_at(wanted: forms.Round) -> datetime:
    return datetime.combine(wanted.day, wanted.at.replace(tzinfo=None), settings().zone).astimezone(UTC)


def _group(wanted: forms.Round) -> Group:
    return Group(
        min_age=wanted.min_age,
        max_age=wanted.max_age,
        community_id=wanted.community_id,
        lives_alone=True if wanted.lives_alone else None,
        category=wanted.category,
    )


def _start(session: Session, wanted: forms.Round, group: Group) -> int:
    started = rounds.start(
        session,
        name=wanted.name,
        opening=wanted.opening,
        group=group,
        starts_at=_starts_at(wanted),
        staff=my_staff(session),
        at=now(),
    )
    note_use(session, "round.started", ("round", started.id))
    return started.id


def _new_page(form: Filled[Any], reach: Reach | None) -> str:
    with reading() as session:
        communities = data.communities(session)
    return render_template(
        "checkins/round_new.html", form=form, reach=reach, communities=communities, hours=hours(), **shared()
    )


def _watched(round_id: int) -> dict[str, object]:
    chosen, place = read(forms.OfDay, request.args).value or forms.OfDay(), asked_page()
    with reading() as session:
        return {
            "watched": rounds_data.one(session, round_id) or abort(404),
            "page": data.of_round(session, round_id, chosen.state, place),
            "counts": data.counts(session, round_id=round_id),
            "state": chosen.state,
            "at_start": place == START,
            **shared(),
        }
