"""What a commit makes urgent is sent to the workers at once, and holds nobody up.

It is a shortcut: what is not sent is found by the sweep a moment later.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Any, Final

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Escalation, OutboundCall
from care_records.models.check_ins import OutboundCallState
from ivr.jobs.broker import URGENT
from ivr.jobs.sender import BrokerAwayError, Sends
from ivr.outbound.engine import Work

log = structlog.get_logger()

MOST: Final = 100
"""How much may wait to be sent; the sweep would have found it by then."""
_HELD, _FOUND = "held", "urgent"


class Announcer:
    """Sends what commits make urgent, from a thread that begins with the first of them."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender
        self._queue: Queue[Work | None] = Queue(MOST)
        self._starting = Lock()
        self._thread: Thread | None = None

    def watch(self, sessions: sessionmaker[Session]) -> None:
        """From now on every commit of these sessions is looked at."""
        event.listen(sessions, "pending_to_persistent", _hold)
        event.listen(sessions, "loaded_as_persistent", _hold)
        event.listen(sessions, "before_commit", _note)
        event.listen(sessions, "after_commit", self._announce)
        event.listen(sessions, "after_rollback", _forget)

    def stop(self) -> None:
        """Returns when what is waiting has been sent, or given up."""
        if self._thread:
            self._queue.put(None)
            self._thread.join()

    def _announce(self, session: Session) -> None:
        for work in session.info.pop(_FOUND, ()):
            try:
                self._queue.put_nowait(work)
            except Full:
                log.warning("urgent_work_not_sent", kind=work.kind, id=work.id, error="too much at once")
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="announcer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                self._sender.send([work], URGENT)
            except BrokerAwayError as error:
                log.warning("urgent_work_not_sent", kind=work.kind, id=work.id, error=str(error))
                self._drop_the_rest()

    def _drop_the_rest(self) -> None:
        """A broker that has just been away is not asked for each."""
        try:
            while True:
                if self._queue.get_nowait() is None:
                    self._queue.put(None)
                    return
        except Empty:
            return


def _hold(session: Session, row: object) -> None:
    """A session itself lets go of what nobody else holds any more."""
    if isinstance(row, Escalation | OutboundCall):
        session.info.setdefault(_HELD, []).append(row)


def _note(session: Session) -> None:
    """Before the commit, as long as what is in the session is known to be what will be in the database.

    The release of a savepoint is no commit, although SQLAlchemy says so too.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    held = [row for row in session.info.pop(_HELD, ()) if row in session]
    session.info[_FOUND] = tuple(_urgent(held, datetime.now(UTC)))


def _forget(session: Session) -> None:
    session.info.pop(_HELD, None)
    session.info.pop(_FOUND, None)


def _urgent(rows: Iterable[Escalation | OutboundCall], now: datetime) -> Iterator[Work]:
    """The cases and rings that are due. Asks the database for nothing."""
    for row in rows:
        known = row.__dict__
        if isinstance(row, Escalation) and _due(known.get("next_at"), now):
            yield Work("escalation", known["id"])
        elif _ring(known) and _due(known.get("due_at"), now):
            yield Work("place", known["id"])


def _ring(known: dict[str, Any]) -> bool:
    """Somebody is to be rung for a case, and has not been yet."""
    return known.get("escalation_id") is not None and known.get("state") is OutboundCallState.READY


def _due(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
