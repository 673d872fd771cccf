"""The sweep: what is due is found again and again in the rows, so that nothing depends on having been remembered."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from ivr.calls import CallService, Replayed
from ivr.calls.locks import file_lock
from ivr.config import Settings
from ivr.outbound.alerts import Alerter
from ivr.outbound.recordings import RecordingFetcher
from ivr.outbound.transcripts import Transcriber, Writer
from ivr.outbound.unfinished import UnfinishedCalls
from ivr.telephony.provider import Provider

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True)
class Swept:
    """What one sweep came to. None stands for a part that failed, which the log says more about."""

    replayed: Replayed | None
    recordings_stored: int | None
    recordings_transcribed: int | None
    alerts_sent: int | None
    calls_settled: int | None


class Sweeper:
    """Sweeps every CARELINE_SWEEP_SECONDS in a thread of its own, in one process at a time."""

    def __init__(
        self,
        calls: CallService,
        sessions: sessionmaker[Session],
        settings: Settings,
        provider: Provider,
        writer: Writer,
    ) -> None:
        self._calls = calls
        self._recordings = RecordingFetcher(sessions, settings, provider.fetch_recording)
        self._transcripts = Transcriber(sessions, settings, writer)
        self._alerts = Alerter(sessions, provider.send_sms)
        self._unfinished = UnfinishedCalls(sessions, calls, provider.call_status)
        self._every_s = settings.sweep_s
        self._lock = settings.data_dir / "locks" / "sweep.lock"
        if not self._lock.exists():
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            self._lock.touch(mode=0o600)
            os.utime(self._lock, (0, 0))
        self._stopping = Event()
        self._thread: Thread | None = None

    @property
    def last_sweep(self) -> datetime | None:
        """When a sweep, of whichever process, last came to its end, with or without failures; None: never."""
        at = self._lock.stat().st_mtime
        return datetime.fromtimestamp(at, UTC) if at else None

    def sweep_once(self, now: datetime) -> Swept | None:
        """Does what is due at `now`, each part whether or not another fails; None when another process is at it."""
        try:
            with file_lock(self._lock, wait=False):
                swept = Swept(
                    replayed=_attempt("journal", self._calls.replay),
                    recordings_stored=_attempt("recordings", lambda: self._recordings.fetch_due(now)),
                    recordings_transcribed=_attempt("transcripts", lambda: self._transcripts.write_down(now)),
                    alerts_sent=_attempt("alerts", lambda: self._alerts.send_due(now)),
                    calls_settled=_attempt("unfinished", lambda: self._unfinished.settle(now)),
                )
                os.utime(self._lock, (now.timestamp(), now.timestamp()))
                return swept
        except BlockingIOError:
            return None

    def start(self) -> None:
        """Sweeps at once, then on the clock, until `stop`."""
        assert self._thread is None, "a sweeper is started once"
        self._thread = Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the sweep that may be under way has ended."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while True:
            _attempt("sweep", lambda: self.sweep_once(datetime.now(UTC)))
            if self._stopping.wait(self._every_s):
                return


def _attempt(part: str, work: Callable[[], T]) -> T | None:
    """What `work` returns, or None when it fails. The error's text, which may hold somebody's words, is not logged."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the next sweep tries again
        log.error("sweep_failed", part=part, error=type(error).__name__)
        return None
