"""The sweep: finds what is due in the rows and hands it to the workers, as ids. One worker of all sweeps at a time.

The broker is only the way to them. Where it cannot be reached, the worker that sweeps does what is due by itself, so
that people are rung and cases go on.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import upkeep
from ivr.jobs.broker import CALLS, URGENT
from ivr.jobs.duties import Duties
from ivr.jobs.sender import BrokerAwayError, Sends
from ivr.outbound.engine import Work

log = structlog.get_logger()

SWEEP: Final = "sweep"
"""The part of the upkeep that belongs to whoever sweeps."""
LEASE: Final = timedelta(seconds=10)
"""A worker that has not swept for so long has lost the sweep to the next one that asks."""
RENEWED_AFTER: Final = timedelta(seconds=3)
MOST: Final = 500
"""Messages that may wait in the queue for calls. What is due beyond them waits in its rows."""
AGAIN: Final[Mapping[str, timedelta]] = {"escalation": timedelta(seconds=3)}
AGAIN_OTHERWISE: Final = timedelta(seconds=10)
"""When a row that has been sent and is still due is sent again."""


class Due(Protocol):
    """As ivr.outbound.engine.Outbound."""

    def due_work(self, now: datetime, limit: int) -> list[Work]: ...


class Dispatcher:
    """For one thread."""

    def __init__(  # noqa: PLR0913 - where work is found, and the two ways in which it is done
        self,
        worker: str,
        sessions: sessionmaker[Session],
        outbound: Due,
        *,
        every: Mapping[str, timedelta],
        sender: Sends,
        duties: Duties,
        threads: int,
    ) -> None:
        """`every` names the parts of the upkeep and how often each is done."""
        self._worker = worker
        self._sessions = sessions
        self._outbound = outbound
        self._every = every
        self._sender = sender
        self._duties = duties
        self._own = ThreadPoolExecutor(threads, "without-broker")
        self._doing: list[Future[None]] = []
        self._threads = threads
        self._held_at: datetime | None = None
        self._sent: dict[Work, datetime] = {}
        self._upkeep_sent: dict[str, datetime] = {}

    def sweep(self, now: datetime) -> None:
        """Hands out what is due, if the sweep is this worker's. Raises what the database raises."""
        if not self._leads(now):
            return
        parts = self._due_parts(now)
        works = self._due_works(now)
        try:
            self._send(parts, works, now)
            error = None
        except BrokerAwayError as away:
            error = str(away)
            self._do_here(parts, works, now)
        if error or self._held_at == now:
            self._tell(now, error)

    def stop(self) -> None:
        """Gives the sweep back and waits for what this worker does by itself."""
        self._own.shutdown(cancel_futures=True)
        if self._held_at is not None:
            with self._sessions.begin() as session:
                upkeep.let_go(session, SWEEP, self._worker)

    # --- Whose the sweep is

    def _leads(self, now: datetime) -> bool:
        if self._held_at is not None and timedelta(0) <= now - self._held_at < RENEWED_AFTER:
            return True
        with self._sessions.begin() as session:
            held = upkeep.hold(session, SWEEP, self._worker, now, lease=LEASE)
        if held and self._held_at is None:
            log.info("sweep_taken", worker=self._worker)
        self._held_at = now if held else None
        return held

    def _tell(self, now: datetime, error: str | None) -> None:
        with self._sessions.begin() as session:
            upkeep.ended(session, SWEEP, self._worker, now, error)

    # --- What is due

    def _due_parts(self, now: datetime) -> list[str]:
        sent = self._upkeep_sent
        return [part for part, every in self._every.items() if part not in sent or now - sent[part] >= every]

    def _due_works(self, now: datetime) -> list[Work]:
        """Without what was sent just now, which is under way."""
        self._sent = {work: at for work, at in self._sent.items() if timedelta(0) <= now - at < _again(work)}
        due = self._outbound.due_work(now, MOST + len(self._sent))
        return [work for work in due if work not in self._sent]

    # --- With a broker

    def _send(self, parts: Sequence[str], works: Sequence[Work], now: datetime) -> None:
        """Cases first, whatever is in the queue for calls; the upkeep waits until its queue has been worked off."""
        urgent = [work for work in works if work.kind == "escalation"]
        calls = [work for work in works if work.kind != "escalation"]
        if not works and not parts:
            return
        waiting = self._sender.waiting()
        self._send_works(urgent, URGENT, now)
        self._send_works(calls[: max(0, MOST - waiting[CALLS])], CALLS, now)
        for part in parts:
            self._sender.send_upkeep(part, self._every[part])
            self._upkeep_sent[part] = now

    def _send_works(self, works: Sequence[Work], queue: str, now: datetime) -> None:
        for work in works:
            self._sender.send([work], queue)
            self._sent[work] = now

    # --- Without one

    def _do_here(self, parts: Sequence[str], works: Sequence[Work], now: datetime) -> None:
        """As much as this worker can have done by the next sweep; the rest is due still."""
        self._doing = [future for future in self._doing if not future.done()]
        if self._doing:
            return
        log.warning("broker_away", due=len(works))
        for work in works[: self._threads * 2]:
            self._sent[work] = now
            self._doing.append(self._own.submit(self._duties.do, work, now))
        for part in parts:
            self._upkeep_sent[part] = now
            self._duties.keep_up(part, now)


def _again(work: Work) -> timedelta:
    return AGAIN.get(work.kind, AGAIN_OTHERWISE)
