"""create_app(settings): wires the rooms together, and does nothing else."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from care_records import database
from ivr import health, metrics, pages, simulator, telephony
from ivr.addresses import with_simulator
from ivr.calls import CallService
from ivr.calls.journal import Journal
from ivr.config import Settings
from ivr.demonstration import callers_of, make_network
from ivr.jobs.broker import make_celery
from ivr.jobs.clock import Clock
from ivr.jobs.sender import Sender
from ivr.jobs.urgent import Announcer
from ivr.listening import Listening, open_listening
from ivr.outbound.sweep import Sweeper
from ivr.secrets import complete
from ivr.telephony.provider import Provider
from ivr.telephony.rest import TwilioProvider
from ivr.understanding import load_understanding
from ivr.watch import Watch
from prompts import Catalogue, Studio, load_catalogue

MAX_REQUEST_BYTES = 16 * 2**20
"""The largest thing anybody sends is a recording of the browser phone: a minute of 16-bit audio at 48 kHz is 6 MB."""


@dataclass(frozen=True)
class Services:
    """What the views and the commands work with; one of each for an application."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    catalogue: Catalogue
    studio: Studio
    journal: Journal
    calls: CallService
    provider: Provider
    listening: Listening
    sweeper: Sweeper
    sender: Sender
    announcer: Announcer
    replaying: Clock
    """Replays the journal of this machine; whoever serves starts it."""

    def close(self) -> None:
        """Lets go of the database and the broker, and ends the processes that listen."""
        self.replaying.stop()
        self.announcer.stop()
        self.listening.close()
        self.engine.dispose()


def create_app(settings: Settings, *, local_url: str = "http://127.0.0.1:8080") -> Flask:
    """The whole line as a WSGI application. The database must be there and up to date.

    `local_url` is where this application will be reached on this machine; only the simulator needs it.
    Raises SettingsError when a secret is missing that cannot be made up.
    """
    settings = with_simulator(complete(settings), local_url)
    services = _services(settings)
    app = Flask("ivr", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["careline"] = services
    app.after_request(_guard_headers)
    watch = _watch(services)
    metrics.install(app, watch)
    health.install(app, watch)
    pages.install(app, settings, services.engine, services.sessions, pages.line_for(watch, services.studio))
    hearing = telephony.Hearing(services.provider.fetch_recording, services.listening.ears, settings.threads)
    app.register_blueprint(
        telephony.create_blueprint(
            settings,
            services.calls,
            services.studio,
            services.catalogue,
            hearing,
            end_call=services.provider.end_call,
        )
    )
    if settings.simulator:
        network = make_network(settings, services.catalogue, services.studio, settings.public_url or local_url)
        app.register_blueprint(simulator.create_blueprint(network, callers_of(services.sessions)))
    return app


def services_of(app: Flask) -> Services:
    """The services that `create_app` made for this application."""
    services: Services = app.extensions["careline"]
    return services


def _services(settings: Settings) -> Services:
    engine = database.make_engine(settings.database, settings.database_wait_s)
    sessions = database.make_sessions(engine)
    catalogue = load_catalogue(settings.language)
    journal = Journal(settings.data_dir / "journal")
    listening = open_listening(settings)
    understand = load_understanding(settings.language).understand
    calls = CallService(sessions, settings, understand, journal, catalogue, hears=lambda: listening.ears.on)
    provider = TwilioProvider(settings)
    sender = Sender(make_celery(settings))
    announcer = Announcer(sender)
    announcer.watch(sessions)
    return Services(
        settings=settings,
        engine=engine,
        sessions=sessions,
        catalogue=catalogue,
        studio=Studio(catalogue, settings.data_dir / "spoken"),
        journal=journal,
        calls=calls,
        provider=provider,
        listening=listening,
        sweeper=Sweeper(calls, sessions, settings, provider, listening.messages),
        sender=sender,
        announcer=announcer,
        replaying=Clock("journal", lambda _: calls.replay(), settings.sweep_s),
    )


def _watch(services: Services) -> Watch:
    return Watch(
        services.sessions,
        services.journal,
        services.sender,
        services.listening.ears.health,
        services.settings.sweep_s,
        timedelta(minutes=services.settings.stalled_min),
    )


def _guard_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response
