"""install(app, …): puts the staff's pages under /console."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import assets, errors, gate, languages, live, showing
from care_records.console.accounts.views import pages as accounts
from care_records.console.calls.views import pages as calls
from care_records.console.checkins.views import pages as checkins
from care_records.console.content.views import pages as content
from care_records.console.context import EXTENSION, Console, attach, now, somebody
from care_records.console.duty.views import pages as duty
from care_records.console.line import Line
from care_records.console.marks import marks
from care_records.console.navigation import navigation
from care_records.console.people.views import pages as people
from care_records.console.reports.views import pages as reports
from care_records.console.requests.views import pages as requests
from care_records.console.settings import ConsoleSettings
from care_records.console.today.views import pages as today
from care_records.console.watching import Watcher

SUBJECTS: Final = (
    (today, "/"),
    (calls, "/calls"),
    (requests, "/requests"),
    (checkins, "/checkins"),
    (people, "/people"),
    (content, "/content"),
    (duty, "/duty"),
    (reports, "/reports"),
    (accounts, "/accounts"),
)


def install(
    app: Flask,
    settings: ConsoleSettings,
    writers: sessionmaker[Session],
    readers: sessionmaker[Session],
    line: Line,
) -> None:
    """Puts the staff's pages under /console. `readers` are read-only sessions on what `writers` write to."""
    watcher = Watcher(readers, marks(now, settings.zone), settings.streams)
    attach(app, Console(settings, writers, readers, line, watcher))
    languages.install(app, settings.zone.key)
    app.register_blueprint(_blueprint(app, settings))


def end_streams_when(app: Flask, ending: Callable[[], bool]) -> None:
    """Lets go of the pages that wait for news once `ending` holds: a server that stops need not wait for them."""
    extension: Console = app.extensions[EXTENSION]
    extension.watcher.end_when(ending)


def _blueprint(app: Flask, settings: ConsoleSettings) -> Blueprint:
    blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder=None)
    gate.install(app, blueprint, secret_key=settings.secret_key, secure=settings.secure)
    errors.install(blueprint)
    blueprint.register_blueprint(assets.pages)
    blueprint.register_blueprint(live.pages)
    for pages, prefix in SUBJECTS:
        blueprint.register_blueprint(pages, url_prefix=prefix)
    blueprint.context_processor(lambda: {"me": somebody(), "language": languages.language()})
    showing.install(app, settings.zone)
    app.jinja_env.globals["console_navigation"] = navigation
    return blueprint
