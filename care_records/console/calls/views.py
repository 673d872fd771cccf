"""Pages of the subject 通话."""

from datetime import date, timedelta
from typing import Annotated, Final

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response as AnyResponse

from care_records.console import once
from care_records.console.calls import data, waveform
from care_records.console.calls import words as labels
from care_records.console.context import me, note_use, now, reading, settings, writing
from care_records.console.forms import Filled, Form, read, shown
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.paging import START, asked_page
from care_records.models import Recording
from care_records.models.accounts import Role
from care_records.services import recordings
from care_records.services.text import storable

pages = Blueprint("calls", __name__)
once.register(pages)

SAME_LISTENING: Final = timedelta(minutes=10)
"""A player asks for a recording piece by piece: what one account asks for within this time is one line of the trail."""


LARGEST_ID: Final = 2**31 - 1
"""What a row can be numbered with; whatever is larger names none."""
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Filter(Form):
    """What the list is narrowed down to. `person` comes from links, `who` is typed."""

    person: Id | None = None
    who: Annotated[str | None, Field(max_length=50)] = None
    purpose: Annotated[str | None, Field(max_length=20)] = None
    outcome: Annotated[str | None, Field(max_length=50)] = None
    first: date | None = None
    last: date | None = None
    words: Annotated[str | None, Field(max_length=50)] = None


class Correction(Form):
    """What a member of staff heard; nothing, when nothing is said."""

    text: Annotated[str, Field(max_length=10_000), BeforeValidator(lambda text: text.replace("\r\n", "\n"))] = ""


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    form = read(Filter, request.args)
    return render_template("calls/index.html", form=form, labels=labels, going_on=data.GOING_ON, **_listed(form))


@pages.get("/rows")
@requires(Role.VIEWER)
def rows() -> str:
    """The list by itself, for the page that shows its beginning."""
    return render_template("calls/_rows.html", labels=labels, **_listed(read(Filter, request.args)))


@pages.get("/<int:call_id>")
@requires(Role.VIEWER)
def one(call_id: int) -> str:
    return render_template("calls/one.html", talk=_conversation(call_id), labels=labels)


@pages.get("/<int:call_id>/turns")
@requires(Role.VIEWER)
def turns(call_id: int) -> str:
    """The conversation by itself, for the page of a call that goes on."""
    return render_template("calls/_turns.html", talk=_conversation(call_id), labels=labels)


@pages.get("/recordings/<int:recording_id>/audio")
@requires(Role.VIEWER)
def audio(recording_id: int) -> AnyResponse:
    """The recording, or the part of it that the player asks for. Whoever fetches it stands in the trail."""
    path = data.file_of(_recording(recording_id), settings().data_dir)
    with reading() as session:
        noted = data.played_since(session, recording_id, me().account_id, now() - SAME_LISTENING)
    if path is None:
        abort(404)
    if not noted:
        with writing() as session:
            note_use(session, "recording.played", ("recording", recording_id))
    return send_file(path, mimetype="audio/wav", conditional=True)


@pages.get("/recordings/<int:recording_id>/waveform.svg")
@requires(Role.VIEWER)
def picture(recording_id: int) -> Response:
    path = data.file_of(_recording(recording_id), settings().data_dir)
    drawn = waveform.svg(path.read_bytes()) if path else None
    if drawn is None:
        abort(404)
    return Response(drawn, mimetype="image/svg+xml")


@pages.get("/recordings/<int:recording_id>/correct")
@requires(Role.OFFICER)
def correct(recording_id: int) -> str:
    voice, heard = _with_what_was_heard(recording_id)
    typed = heard if voice.recording.corrected is None else voice.recording.corrected
    return render_template("calls/correct.html", voice=voice, heard=heard, form=shown({"text": typed}))


@pages.post("/recordings/<int:recording_id>/correct")
@requires(Role.OFFICER)
def save_correction(recording_id: int) -> AnyResponse:
    """Keeps what was really said beside what was heard."""
    form = read(Correction)
    voice, heard = _with_what_was_heard(recording_id)
    if form.value is None:
        return make_response(render_template("calls/correct.html", voice=voice, heard=heard, form=form), 422)
    with writing() as session:
        if not once.again(session):
            recordings.correct(session, session.get_one(Recording, recording_id), storable(form.value.text))
            note_use(session, "recording.corrected", ("recording", recording_id))
    flash(_("更正已经保存。"), "good")
    return redirect(url_for(".one", call_id=voice.recording.call_id, _anchor=f"recording-{recording_id}"))


def _listed(form: Filled[Filter]) -> dict[str, object]:
    """What `_rows.html` shows. A filter that makes no sense shows everything, and says what is wrong with it."""
    chosen, place = form.value or Filter(), asked_page()
    begin, end = data.span(chosen.first, chosen.last, settings().zone)
    with reading() as session:
        people = [chosen.person] if chosen.person else None
        if people is None and chosen.who:
            people = data.people_called(session, chosen.who)
        wanted = data.Wanted(people, chosen.purpose, chosen.outcome, begin, end, chosen.words)
        return {
            "page": data.listed(session, wanted, place),
            "person_name": data.person_named(session, chosen.person) if chosen.person else None,
            "narrowed": wanted != data.Wanted(),
            "at_start": place == START,
        }


def _conversation(call_id: int) -> data.Conversation:
    if call_id > LARGEST_ID:
        abort(404)
    with reading() as session:
        talk = data.conversation(session, call_id, settings().data_dir)
    if talk is None:
        abort(404)
    return talk


def _recording(recording_id: int) -> Recording:
    return _with_what_was_heard(recording_id)[0].recording


def _with_what_was_heard(recording_id: int) -> tuple[data.Voice, str]:
    """A recording, and what the machine made of it, on the line or afterwards."""
    if recording_id > LARGEST_ID:
        abort(404)
    with reading() as session:
        voice = data.voice(session, recording_id, settings().data_dir)
        turn = data.turn_of(session, voice.recording) if voice else None
    if voice is None:
        abort(404)
    return voice, (turn.heard if turn else None) or voice.recording.transcript or ""
