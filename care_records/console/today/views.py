"""The first page: what needs somebody now. Each part is also a view of its own, so that it can be fetched anew."""

from flask import Blueprint, render_template

from care_records.console.context import line, local_now, now, reading
from care_records.console.guards import requires
from care_records.console.requests import words as requests_words
from care_records.console.today import data
from care_records.console.today.words import PARTS, STATES
from care_records.models.accounts import Role

pages = Blueprint("today", __name__)


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    with reading() as session:
        return render_template(
            "today/index.html",
            alarms=data.alarms(session),
            board=data.board(session, local_now().date()),
            overdue=data.overdue(session, now(), local_now().date()),
            calls=data.going_on(session, now()),
            tiles=line().health(),
            today=local_now().date(),
            **_words(),
        )


@pages.get("/today/alarms")
@requires(Role.VIEWER)
def alarms() -> str:
    with reading() as session:
        return render_template("today/_alarms.html", alarms=data.alarms(session), **_words())


@pages.get("/today/board")
@requires(Role.VIEWER)
def board() -> str:
    with reading() as session:
        return render_template("today/_board.html", board=data.board(session, local_now().date()), **_words())


@pages.get("/today/overdue")
@requires(Role.VIEWER)
def overdue() -> str:
    with reading() as session:
        found = data.overdue(session, now(), local_now().date())
        return render_template("today/_overdue.html", overdue=found, **_words())


@pages.get("/today/calls")
@requires(Role.VIEWER)
def calls() -> str:
    with reading() as session:
        return render_template("today/_calls.html", calls=data.going_on(session, now()), **_words())


@pages.get("/today/health")
@requires(Role.VIEWER)
def health() -> str:
    return render_template("today/_health.html", tiles=line().health(), **_words())


def _words() -> dict[str, object]:
    return {"labels": requests_words, "states": STATES, "parts": PARTS}
