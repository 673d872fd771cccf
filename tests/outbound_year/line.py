"""The line itself: the real engine, the real conversations, the real records. Only what is around it is a fake."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Engine, event

from care_records.database import make_engine, make_sessions
from ivr.calls import CallService, Journal
from ivr.config import Settings
from ivr.dialog.model import Turn
from ivr.outbound.alerts import Alerter
from ivr.outbound.engine import Outbound
from ivr.outbound.unfinished import UnfinishedCalls
from ivr.understanding import load_understanding
from prompts import Catalogue, load_catalogue
from speech.understanding import Understanding
from tests.outbound_year.fuse import Fuse, FusedSessions, Killed
from tests.outbound_year.manners import Reaction
from tests.outbound_year.network import Network, NetworkCall, NoAnswerError
from tests.outbound_year.timeline import Timeline
from tests.outbound_year.whole import WholeConversations

T = TypeVar("T")

LOOKS_EVERY: Final = timedelta(seconds=10)
"""So often a worker looks for what is due."""
_DUE = """
SELECT min(at) FROM (
  SELECT min(next_at) AS at FROM check_ins WHERE state IN ('planned', 'calling', 'waiting')
  UNION ALL SELECT min(next_at) FROM escalations WHERE state <> 'resolved'
  UNION ALL SELECT min(due_at) FROM outbound_calls WHERE state = 'ready'
  UNION ALL SELECT datetime(min(sent_at), '+30 seconds') FROM outbound_calls WHERE state IN ('sending', 'uncertain')
  UNION ALL SELECT datetime(min(sent_at), '+90 seconds') FROM outbound_calls WHERE state = 'placed'
)
"""


def settings_for(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, public_url="https://line.example", **values)  # type: ignore[arg-type]


@cache
def quick_engine(url: str) -> Engine:
    """An engine that does not wait for the disk: what these tests kill is the process, and not the machine.

    Whoever has a file of that name has the same one, which knows its statements already.
    """
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return engine


@cache
def _catalogue() -> Catalogue:
    return load_catalogue("zh_CN")


@cache
def _understanding() -> Understanding:
    return load_understanding("zh_CN")


class Line:
    """The web part and a worker, each of which can die and be started again; both have only the records in common.

    `whole`: conversations are written as tests.outbound_year.whole says.
    """

    def __init__(
        self, settings: Settings, timeline: Timeline, network: Network, *, web: Fuse, worker: Fuse, whole: bool
    ) -> None:
        self.settings = settings
        self.engine = quick_engine(settings.database)
        self.sessions = make_sessions(self.engine)
        self.rows = sqlite3.connect(settings.database.removeprefix("sqlite:///"), isolation_level=None)
        self._timeline = timeline
        self._network = network
        self._web_fuse, self._worker_fuse = web, worker
        self._service_kind = WholeConversations if whole else CallService
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self.web_deaths = self.worker_deaths = 0
        self.start_web()
        self.start_worker()
        network.connect(self)

    def close(self) -> None:
        self.rows.close()
        self.engine.dispose()

    def start_web(self) -> None:
        """Anew: nothing is remembered but what is in the records and in the journal."""
        self.calls = self._service(FusedSessions(self.sessions, self._web_fuse))

    def start_worker(self) -> None:
        sessions = FusedSessions(self.sessions, self._worker_fuse)
        self.outbound = Outbound(sessions, self.settings, self._network, lambda: "https://line.example")
        self._alerter = Alerter(sessions, self._network.send_sms)
        self._unfinished = UnfinishedCalls(sessions, self._service(sessions), self._network.call_status)

    def _service(self, sessions: FusedSessions) -> CallService:
        journal = Journal(self.settings.data_dir / "journal")
        understand, catalogue = _understanding().understand, _catalogue()
        return self._service_kind(sessions, self.settings, understand, journal, catalogue, hears=lambda: True)

    # --- The web part, as the network reaches it

    def voice(self, call: NetworkCall) -> Turn:
        now, to = self._timeline.now, self.settings.line_number
        if call.row_id is None:
            return self._answered(lambda: self.calls.start(call.sid, "inbound", call.to, to, now))
        return self._answered(lambda: self.calls.start(call.sid, "outbound", to, call.to, now, outbound_id=call.row_id))

    def turn(self, call: NetworkCall, number: int, event: Reaction) -> Turn:
        assert not isinstance(event, str), "hanging up is not an answer"
        return self._answered(lambda: self.calls.answer(call.sid, number, event, self._timeline.now))

    def status(self, call: NetworkCall, status: str) -> None:
        now = self._timeline.now
        self._answered(lambda: self.calls.status(call.sid, status, call.duration_s, now, outbound_id=call.row_id))

    def answered_by_machine(self, call: NetworkCall) -> None:
        if self._answered(lambda: self.calls.machine_answered(call.sid, self._timeline.now)):
            self._network.end_call(call.sid)

    def _answered(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except Killed:
            self.web_deaths += 1
            self.start_web()
            raise NoAnswerError from None

    # --- The worker

    def due_at(self) -> datetime | None:
        """When a worker finds something to do, or may do so."""
        found = self.rows.execute(_DUE).fetchone()[0]
        if found is None:
            return None
        return max(datetime.fromisoformat(found).replace(tzinfo=UTC), self._looked_at + LOOKS_EVERY)

    def work(self) -> bool:
        """Looks for what is due and does it. False when the worker has died over it, as in what follows."""
        self._looked_at = self._timeline.now
        return self._survived(lambda: self._do_due(self._timeline.now))

    def plan(self) -> bool:
        return self._survived(lambda: self.outbound.plan_day(None, self._timeline.now))

    def audit(self) -> bool:
        return self._survived(lambda: self.outbound.audit(self._timeline.now))

    def send_messages(self) -> bool:
        return self._survived(lambda: self._alerter.send_due(self._timeline.now))

    def settle_unfinished(self) -> bool:
        """Conversations whose end nobody has told of."""
        return self._survived(lambda: self._unfinished.settle(self._timeline.now))

    def _do_due(self, now: datetime) -> None:
        for work in self.outbound.due_work(now, 500):
            self.outbound.do(work, now)

    def _survived(self, job: Callable[[], object]) -> bool:
        try:
            job()
        except Killed:
            self.worker_deaths += 1
            self.start_worker()
            return False
        return True
