"""Pages of the subject 工单."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records import phones
from care_records.console import once
from care_records.console.calls.data import people_called
from care_records.console.context import line, me, my_staff, now, reading, settings, writing
from care_records.console.forms import EMPTY, Filled, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.paging import START, asked_page
from care_records.console.requests import data, forms
from care_records.console.requests import words as labels
from care_records.models import HelpRequest, Person, Staff
from care_records.models.accounts import Role
from care_records.services import assignment, escalations, requests

pages = Blueprint("requests", __name__)
once.register(pages)

Step = Callable[[Session, HelpRequest, Staff], None]
RANG: Final = "从网页回电。"
NOT_PLACED: Final = "回电没有拨出去。"


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    form = read(forms.Filter, request.args)
    return render_template("requests/index.html", form=form, labels=labels, **_listed(form))


@pages.get("/rows")
@requires(Role.VIEWER)
def rows() -> str:
    """The list by itself, for the page that shows its beginning."""
    return render_template("requests/_rows.html", labels=labels, **_listed(read(forms.Filter, request.args)))


@pages.get("/new")
@requires(Role.OFFICER)
def new() -> str:
    chosen = read(forms.Person, request.args)
    return _new_page(shown({"person": chosen.typed.get("person"), "mine": True}), chosen)


@pages.post("/")
@requires(Role.OFFICER)
def open_new() -> Response:
    """Somebody has walked in, or rung the office: what they want is written down by hand."""
    form = read(forms.New)
    phone = _phone(form)
    if form.value is not None and form.value.phone and phone is None:
        form = form.wrong("phone", _("这不是一个电话号码。"))
    if form.value is None:
        return make_response(_new_page(form, read(forms.Person)), 422)
    value = form.value
    with writing() as session:
        place = once.page_of(
            session, url_for(".index"), lambda: url_for(".one", number=_open(session, value, phone).number)
        )
    flash(_("工单已经登记。"), "good")
    return redirect(place)


@pages.get("/<number>")
@requires(Role.VIEWER)
def one(number: str) -> str:
    return _page(number)


@pages.get("/<number>/history")
@requires(Role.VIEWER)
def history(number: str) -> str:
    """The history by itself, for the page that shows it."""
    return render_template("requests/_history.html", case=_case(number), labels=labels)


@pages.post("/<number>/take")
@requires(Role.OFFICER)
def take(number: str) -> Response:
    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        requests.take(session, help_request, staff, now(), resolve_after=settings().resolve_after)

    return _do(number, step, _("您已经接手。"))


@pages.post("/<number>/assign")
@requires(Role.OFFICER)
def assign(number: str) -> Response:
    form = read(forms.Assignment)
    chosen = form.value
    if chosen is None:
        return _refused(number, form)

    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        to = session.get(Staff, chosen.staff_id)
        if to is None or not to.active:
            abort(422)
        assignment.assign(session, help_request, to, by=staff, seen_owner=chosen.owner, at=now())

    return _do(number, step, _("已经转交。"))


@pages.post("/<number>/note")
@requires(Role.OFFICER)
def note(number: str) -> Response:
    form = read(forms.Note)
    written = form.value
    if written is None:
        return _refused(number, form)

    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        requests.note(session, help_request, written.note, at=now(), staff=staff)

    return _do(number, step, _("备注已经保存。"))


@pages.post("/<number>/call-back")
@requires(Role.OFFICER)
def call_back(number: str) -> Response:
    """Rings whoever asks, then the person. What was noted before stands, whatever becomes of the call: never twice."""
    ring = line().call_back
    if ring is None:
        abort(404)
    with writing() as session:
        help_request = _found(session, number)
        is_first = not once.again(session)
        if is_first:
            requests.note(session, help_request, RANG, at=now(), staff=my_staff(session))
    if is_first and not ring(help_request.id, me().staff_id):
        with writing() as session:
            requests.note(session, _found(session, number), NOT_PLACED, at=now(), staff=my_staff(session))
        flash(_("没有拨出去。请直接拨打页面上的号码。"), "look")
    else:
        flash(_("正在拨您的电话，接起来就会接通对方。"), "good")
    return redirect(url_for(".one", number=number))


@pages.post("/<number>/resolve")
@requires(Role.OFFICER)
def resolve(number: str) -> Response:
    form = read(forms.Resolution)
    written = form.value
    if written is None:
        return _refused(number, form)

    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        zone = settings().zone
        requests.resolve(session, help_request, staff=staff, result=written.result, at=now(), zone=zone)

    return _do(number, step, _("已经办结，明天请回访。"))


@pages.post("/<number>/follow-up")
@requires(Role.OFFICER)
def follow_up(number: str) -> Response:
    form = read(forms.FollowUp)
    told = form.value
    if told is None:
        return _refused(number, form)

    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        satisfaction = told.satisfaction
        requests.follow_up(session, help_request, staff=staff, satisfaction=satisfaction, text=told.said, at=now())

    return _do(number, step, _("回访已经记下。"))


@pages.post("/<number>/reopen")
@requires(Role.OFFICER)
def reopen(number: str) -> Response:
    form = read(forms.Reopening)
    written = form.value
    if written is None:
        return _refused(number, form)

    def step(session: Session, help_request: HelpRequest, staff: Staff) -> None:
        requests.reopen(session, help_request, staff=staff, text=written.why, at=now(), zone=settings().zone)

    return _do(number, step, _("已经重新打开，等人接手。"))


# --- How


def _do(number: str, step: Step, words: str) -> Response:
    """Takes the step, once however often it is sent. Whoever comes too late is told so, and has changed nothing."""
    try:
        with writing() as session:
            help_request = _found(session, number)
            if not once.again(session):
                step(session, help_request, my_staff(session))
    except requests.AlreadyTaken as race:
        flash(_("%(name)s已经接手了，没有改动。", name=race.owner), "look")
    except requests.WrongStatus as race:
        status = labels.STATUSES[race.status]
        flash(_("这张工单现在是“%(status)s”，没有改动。", status=status), "look")
    except assignment.StillRinging:
        flash(_("还在打电话找人。请先接手，再转交。"), "look")
    else:
        flash(words, "good")
    return redirect(url_for(".one", number=number))


def _refused(number: str, form: Filled[Any]) -> Response:
    """The page again, with what was typed and what is wrong with it."""
    return make_response(_page(number, form), 422)


def _page(number: str, form: Filled[Any] = EMPTY) -> str:
    can_ring = line().call_back is not None
    return render_template("requests/one.html", case=_case(number), form=form, labels=labels, can_ring=can_ring)


def _case(number: str) -> data.Case:
    with reading() as session:
        found = data.case(session, number, folder=settings().data_dir, now=now(), zone=settings().zone)
    return found or abort(404)


def _found(session: Session, number: str) -> HelpRequest:
    return data.find(session, number) or abort(404)


def _listed(form: Filled[forms.Filter]) -> dict[str, object]:
    """What `_rows.html` shows. A filter that makes no sense shows what is open, and says what is wrong with it."""
    chosen, place = form.value or forms.Filter(), asked_page()
    with reading() as session:
        people = [chosen.person] if chosen.person else None
        if people is None and chosen.who:
            people = people_called(session, chosen.who)
        wanted = data.Wanted(
            status=None if chosen.state == "all" else chosen.state,
            people=people,
            category=chosen.category,
            urgency=chosen.urgency,
            assignee_id=me().staff_id if chosen.mine else None,
            overdue_at=now() if chosen.overdue else None,
        )
        page = data.listed(session, wanted, place)
    return {"page": page, "state": chosen.state, "at_start": place == START, "now": now()}


def _new_page(form: Filled[Any], chosen: Filled[forms.Person]) -> str:
    with reading() as session:
        person_id = chosen.value.person if chosen.value else None
        person = session.get(Person, person_id) if person_id else None
        who = chosen.value.who if chosen.value else None
        matching = data.people_matching(session, who) if who else []
    offered = [(category, labels.CATEGORIES[category]) for category in forms.BY_HAND]
    return render_template(
        "requests/new.html",
        form=form,
        chosen=chosen,
        person=person,
        matching=matching,
        who=who,
        categories=offered,
        labels=labels,
    )


def _phone(form: Filled[forms.New]) -> str | None:
    typed = form.value.phone if form.value else None
    return phones.normalise(typed, settings().region, settings().area_code) if typed else None


def _open(session: Session, new: forms.New, phone: str | None) -> HelpRequest:
    """Opens it; what is urgent is rung for, as if it had come by telephone, unless whoever writes takes it."""
    at = now()
    person = session.get(Person, new.person) if new.person else None
    opened = requests.open_request(
        session,
        call=None,
        ref=None,
        person_id=person.id if person else None,
        phone=phone or (person.phone if person else None),
        category=new.category,
        urgency=new.urgency,
        reason=labels.BY_HAND,
        matter=new.matter,
        at=at,
        zone=settings().zone,
    )
    if new.urgency in data.ALARMING:
        escalations.open_for(session, opened, begins_at=at, at=at)
    if new.mine:
        requests.take(session, opened, my_staff(session), at, resolve_after=settings().resolve_after)
    return opened
