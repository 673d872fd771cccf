"""Forms that are saved once, however often they are sent: a double click, or a try again after the connection broke.

{% call ui.form(…) %}{{ once() }} …                      # in the template; `register(pages)` gives it `once`

with writing() as session:
    if once.again(session): return …                     # it has been saved: show what came of it
    requests.note(session, …)

with writing() as session:                               # the same where something new is made, which has a page
    place = once.page_of(session, url_for(".index"), lambda: url_for(".one", number=_open(session).number))
"""

from collections.abc import Callable
from uuid import uuid4

from flask import Blueprint, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from care_records.console.context import now
from care_records.services import submissions

FIELD = "once"


def register(pages: Blueprint) -> None:
    """Gives the templates of these pages `once()`, which makes a form that is saved once."""
    pages.context_processor(lambda: {"once": _field})


def again(session: Session) -> bool:
    """Whether the form of this request has been saved before. If not, it has been once the transaction commits."""
    token = request.form.get(FIELD)
    return bool(token) and not submissions.first(session, str(token), now())


def page_of(session: Session, otherwise: str, save: Callable[[], str]) -> str:
    """The page that shows what came of this form: the one that `save` names when it has saved it, or, when the form
    was saved before, the one that was named then; `otherwise` if that is not known."""
    if again(session):
        return place(session) or otherwise
    saved = save()
    led_to(session, saved)
    return saved


def led_to(session: Session, place: str) -> None:
    """Remembers the page that shows what came of the form of this request."""
    token = request.form.get(FIELD)
    if token:
        submissions.leads_to(session, token, place)


def place(session: Session) -> str | None:
    """The page that shows what came of it, for a form that was saved `again`."""
    return submissions.place_of(session, request.form.get(FIELD, ""))


def _field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, uuid4())
