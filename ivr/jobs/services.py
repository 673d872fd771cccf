"""What a worker works with."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from care_records import database
from ivr.addresses import callback_url, with_simulator
from ivr.calls import CallService
from ivr.calls.journal import Journal
from ivr.config import Settings
from ivr.listening import MessageWriter, open_messages
from ivr.outbound.engine import Outbound
from ivr.outbound.retention import Retention
from ivr.outbound.sweep import Sweeper
from ivr.telephony.rest import TwilioProvider
from ivr.understanding import load_understanding
from prompts import load_catalogue


@dataclass(frozen=True)
class WorkerServices:
    engine: Engine
    sessions: sessionmaker[Session]
    calls: CallService
    outbound: Outbound
    sweeper: Sweeper
    messages: MessageWriter
    retention: Retention

    def close(self) -> None:
        """Lets go of the database and ends the process that listens."""
        self.messages.close()
        self.engine.dispose()


def worker_services(settings: Settings, local_url: str) -> WorkerServices:
    """The settings are complete. Raises SettingsError when the provider would not know where to call back."""
    settings = with_simulator(settings, local_url)
    base_url = callback_url(settings, local_url)
    engine = database.make_engine(settings.database, settings.database_wait_s)
    sessions = database.make_sessions(engine)
    understand = load_understanding(settings.language).understand
    journal = Journal(settings.data_dir / "journal")
    calls = CallService(sessions, settings, understand, journal, load_catalogue(settings.language))
    provider = TwilioProvider(settings)
    messages = open_messages(settings)
    return WorkerServices(
        engine=engine,
        sessions=sessions,
        calls=calls,
        outbound=Outbound(sessions, settings, provider, lambda: base_url),
        sweeper=Sweeper(calls, sessions, settings, provider, messages),
        messages=messages,
        retention=Retention(sessions, settings),
    )
