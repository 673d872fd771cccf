"""What a worker does when it is given a task, or when there is no broker to give it one."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import upkeep
from ivr.outbound.engine import Work
from ivr.outbound.sweep import Part

log = structlog.get_logger()

LONGEST: Final = timedelta(minutes=5)
"""A part of the upkeep that has been under way for longer has died with its worker."""
UPKEEP_THREADS: Final = 2


class Does(Protocol):
    """As ivr.outbound.engine.Outbound."""

    def do(self, work: Work, now: datetime) -> None: ...


class Duties:
    """Safe between threads. Nothing here raises: what failed is logged, and due still."""

    def __init__(
        self,
        worker: str,
        sessions: sessionmaker[Session],
        outbound: Does,
        *,
        parts: Mapping[str, Part],
    ) -> None:
        """`worker` is this worker's name, `parts` its upkeep, which has threads of its own: however slow the upkeep
        is, calls and cases do not wait for it."""
        self._worker = worker
        self._sessions = sessions
        self._outbound = outbound
        self._parts = parts
        self._upkeep = ThreadPoolExecutor(UPKEEP_THREADS, "upkeep")
        self._lock = Lock()
        self._waiting: set[str] = set()

    def do(self, work: Work, now: datetime) -> None:
        """Does a piece of work that was due when it was sent."""
        try:
            self._outbound.do(work, now)
        except Exception as error:  # noqa: BLE001 - the row is due still and is found again
            log.error("work_failed", kind=work.kind, id=work.id, error=type(error).__name__)

    def keep_up(self, part: str, now: datetime) -> None:
        """Has a part of the upkeep done, in its turn, unless it waits for that already. Returns at once."""
        with self._lock:
            if part not in self._parts or part in self._waiting:
                return
            self._waiting.add(part)
        self._upkeep.submit(self._kept_up, part, now)

    def stop(self) -> None:
        """Returns when the upkeep that is under way has ended; what waits is due still."""
        self._upkeep.shutdown(cancel_futures=True)

    def _kept_up(self, part: str, now: datetime) -> None:
        with self._lock:
            self._waiting.discard(part)
        try:
            self._keep_up(part, now)
        except Exception as error:  # noqa: BLE001 - the records could not be told; it is tried again in any case
            log.error("upkeep_failed", part=part, error=type(error).__name__)

    def _keep_up(self, part: str, now: datetime) -> None:
        with self._sessions.begin() as session:
            if not upkeep.begin(session, part, self._worker, now, longest=LONGEST):
                return
        error = self._attempt(part, now)
        with self._sessions.begin() as session:
            upkeep.ended(session, part, self._worker, now, error)

    def _attempt(self, part: str, now: datetime) -> str | None:
        """The kind of error that came of it; its text, which may hold somebody's words, is not logged."""
        try:
            self._parts[part](now)
        except Exception as error:  # noqa: BLE001 - the records are told, and so is /healthz
            log.error("upkeep_failed", part=part, error=type(error).__name__)
            return type(error).__name__
        return None
