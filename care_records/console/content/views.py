"""Pages of the subject 彩虹桥: bulletins, and activities."""

from datetime import datetime
from typing import Final

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from care_records.console import once
from care_records.console.content import data, forms
from care_records.console.content import words as labels
from care_records.console.context import line, note_use, now, reading, settings, writing
from care_records.console.forms import EMPTY, Filled, Form, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.paging import asked_page
from care_records.models import Activity, Bulletin
from care_records.models.accounts import Role
from care_records.services import publishing

pages = Blueprint("content", __name__)
once.register(pages)

TYPED: Final = "%Y-%m-%dT%H:%M"
"""As a field for a date and a time holds it."""


# --- Bulletins


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    with reading() as session:
        page = data.bulletins(session, asked_page(), now())
    return render_template("content/index.html", page=page, labels=labels)


@pages.get("/bulletins/new")
@requires(Role.MANAGER)
def new() -> str:
    return render_template("content/new.html", form=EMPTY, longest=forms.LONGEST)


@pages.post("/bulletins")
@requires(Role.MANAGER)
def save_new() -> AnyResponse:
    """A draft: it is listened to before anybody hears it."""
    form = read(forms.BulletinWords)
    if form.value is None:
        return make_response(render_template("content/new.html", form=form, longest=forms.LONGEST), 422)
    value = form.value
    with writing() as session:

        def save() -> str:
            return url_for(".one", number=publishing.write(session, None, title=value.title, text=value.text).id)

        place = once.page_of(session, url_for(".index"), save)
    flash(_("草稿已经保存。请先听一遍，再播出。"), "good")
    return redirect(place)


@pages.get("/bulletins/<int:number>")
@requires(Role.VIEWER)
def one(number: int) -> str:
    return _bulletin_page(number)


@pages.get("/bulletins/<int:number>/audio")
@requires(Role.VIEWER)
def listen(number: int) -> Response:
    """What callers will hear."""
    with reading() as session:
        found = session.get(Bulletin, number) or abort(404)
    return _spoken(f"{found.title}。{found.text}")


@pages.post("/bulletins/<int:number>/words")
@requires(Role.MANAGER)
def save(number: int) -> AnyResponse:
    form = read(forms.BulletinWords)
    if form.value is None:
        return make_response(_bulletin_page(number, words=form), 422)
    with writing() as session:
        found = session.get(Bulletin, number) or abort(404)
        publishing.write(session, found, title=form.value.title, text=form.value.text)
    return _back_to_bulletin(number, _("已经保存。请再听一遍。"))


@pages.post("/bulletins/<int:number>/publish")
@requires(Role.MANAGER)
def publish(number: int) -> AnyResponse:
    form = read(forms.Broadcast)
    if form.value is None:
        return make_response(_bulletin_page(number, broadcast=form), 422)
    begins, ends = _moment(form.value.begins) or now(), _moment(form.value.ends)
    with writing() as session:
        found = session.get(Bulletin, number) or abort(404)
        if ends is not None and ends <= begins:
            form = form.wrong("ends", _("结束要在开始之后。"))
            return make_response(_bulletin_page(number, broadcast=form), 422)
        publishing.publish(session, found, begins=begins, ends=ends)
        note_use(session, "bulletin.published", ("bulletin", number))
    on_air = begins <= now()
    return _back_to_bulletin(number, _("正在播出。") if on_air else _("到时候会自动播出。"))


@pages.post("/bulletins/<int:number>/withdraw")
@requires(Role.MANAGER)
def withdraw(number: int) -> AnyResponse:
    with writing() as session:
        publishing.withdraw(session, session.get(Bulletin, number) or abort(404))
        note_use(session, "bulletin.withdrawn", ("bulletin", number))
    return _back_to_bulletin(number, _("已经收回，现在没有人能听到。"))


@pages.post("/bulletins/<int:number>/discard")
@requires(Role.MANAGER)
def discard(number: int) -> AnyResponse:
    with writing() as session:
        discarded = publishing.discard(session, session.get(Bulletin, number) or abort(404))
    if not discarded:
        flash(_("播出过的不能删除，只能收回。"), "look")
        return redirect(url_for(".one", number=number))
    flash(_("草稿已经删除。"), "good")
    return redirect(url_for(".index"))


# --- Activities


@pages.get("/activities")
@requires(Role.VIEWER)
def activities() -> str:
    over = request.args.get("over") == "1"
    with reading() as session:
        page = data.activities(session, asked_page(), now(), over=over)
    return render_template("content/activities.html", page=page, over=over)


@pages.get("/activities/new")
@requires(Role.MANAGER)
def new_activity() -> str:
    return _activity_page(None, EMPTY)


@pages.post("/activities")
@requires(Role.MANAGER)
def save_new_activity() -> AnyResponse:
    return _arrange(None)


@pages.get("/activities/<int:number>")
@requires(Role.VIEWER)
def activity(number: int) -> str:
    return _activity_page(number)


@pages.get("/activities/<int:number>/audio")
@requires(Role.VIEWER)
def listen_to_activity(number: int) -> Response:
    """What callers will hear of it; the day and the hour are said as well, on the telephone."""
    with reading() as session:
        found = session.get(Activity, number) or abort(404)
    return _spoken("。".join(part for part in (found.title, found.place, found.text) if part))


@pages.post("/activities/<int:number>")
@requires(Role.MANAGER)
def save_activity(number: int) -> AnyResponse:
    return _arrange(number)


@pages.post("/activities/<int:number>/cancel")
@requires(Role.MANAGER)
def cancel(number: int) -> AnyResponse:
    with writing() as session:
        cancelled = publishing.cancel(session, session.get(Activity, number) or abort(404))
    if not cancelled:
        flash(_("已经有人报名，不能取消。请先打电话告诉他们。"), "look")
        return redirect(url_for(".activity", number=number))
    flash(_("活动已经取消。"), "good")
    return redirect(url_for(".activities"))


def _bulletin_page(
    number: int, words: Filled[forms.BulletinWords] | None = None, broadcast: Filled[forms.Broadcast] | None = None
) -> str:
    with reading() as session:
        found = data.bulletin(session, number, now()) or abort(404)
    said = found.bulletin
    times = {"begins": _typed(said.published_at), "ends": _typed(said.expires_at)}
    return render_template(
        "content/one.html",
        found=found,
        labels=labels,
        longest=forms.LONGEST,
        words=words or shown({"title": said.title, "text": said.text}),
        broadcast=broadcast or shown(times),
        audible=line().speak is not None,
        takes=labels.read_out(said.title + said.text),
    )


def _back_to_bulletin(number: int, message: str) -> AnyResponse:
    flash(message, "good")
    return redirect(url_for(".one", number=number))


def _activity_page(number: int | None, form: Filled[forms.ActivityWords] | Filled[Form] | None = None) -> str:
    with reading() as session:
        plan = (data.activity(session, number) or abort(404)) if number is not None else None
        communities = data.communities(session)
    if form is None and plan is not None:
        form = shown(
            vars(plan.activity) | {"starts": _typed(plan.activity.starts_at), "community": plan.activity.community_id}
        )
    return render_template(
        "content/activity.html",
        plan=plan,
        form=form,
        choices=[("", _("所有人")), *communities],
        longest=forms.LONGEST,
        audible=line().speak is not None,
    )


def _arrange(number: int | None) -> AnyResponse:
    """Saves an activity, a new one when there is no number."""
    form = read(forms.ActivityWords)
    with writing() as session:
        found = None if number is None else session.get(Activity, number) or abort(404)
        known = {identity for identity, _name in data.communities(session)}
        if form.value is not None and form.value.community not in {None, *known}:
            form = form.wrong("community", _("请从列出的里面选。"))
        if form.value is None:
            return make_response(_activity_page(number, form), 422)
        if number is None and once.again(session):
            return redirect(once.place(session) or url_for(".activities"))
        value = form.value
        arranged = publishing.arrange(
            session,
            found,
            title=value.title,
            place=value.place,
            text=value.text,
            starts_at=value.starts.replace(tzinfo=settings().zone),
            community_id=value.community,
        )
        place = url_for(".activity", number=arranged.id)
        if number is None:
            once.led_to(session, place)
    flash(_("活动已经保存。"), "good")
    return redirect(place)


def _spoken(text: str) -> Response:
    speak = line().speak
    if speak is None:
        abort(404)
    return Response(speak(text), mimetype="audio/wav")


def _moment(typed: datetime | None) -> datetime | None:
    return None if typed is None else typed.replace(tzinfo=settings().zone)


def _typed(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(settings().zone).strftime(TYPED)
