"""Notices that the records have changed, whoever changed them, and wakes the pages that show them.

What has changed is told by marks: cheap values that differ when there is something new to see. One thread of a process
looks at them, and only while some page is listening.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Condition, Thread
from typing import Final

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import UNAVAILABLE

log = structlog.get_logger(__name__)

Marks = Mapping[str, object]
EVERY_S: Final = 1.0
_WAITING_AT_MOST: Final = 20
"""A page that has not come for its news for so long gets what it missed with the next look."""


END: Final = "end"
"""Told to every page when this process is about to end: it asks another one for its news."""


class TooManyError(Exception):
    """As many pages are listening as there may be."""


class Listener:
    """The news of one page."""

    def __init__(self) -> None:
        self._news: Queue[str] = Queue(_WAITING_AT_MOST)

    def tell(self, topic: str) -> None:
        with suppress(Full):
            self._news.put_nowait(topic)

    def next(self, wait_s: float) -> str | None:
        """What changed next, or END; None: nothing has, for so long."""
        try:
            return self._news.get(timeout=wait_s)
        except Empty:
            return None


class Watcher:
    """`look` reads all marks, by topic. At most `limit` pages listen at a time."""

    def __init__(self, sessions: sessionmaker[Session], look: Callable[[Session], Marks], limit: int) -> None:
        self._sessions = sessions
        self._look = look
        self._limit = limit
        self._changed = Condition()
        self._listeners: set[Listener] = set()
        self._thread: Thread | None = None
        self._ending: Callable[[], bool] = lambda: False

    def end_when(self, ending: Callable[[], bool]) -> None:
        """From the moment when `ending` holds, which is asked once a second, nobody is kept waiting for news."""
        self._ending = ending

    def join(self) -> Listener:
        """Listens from now on, until `leave`. Raises TooManyError."""
        with self._changed:
            if len(self._listeners) >= self._limit:
                raise TooManyError
            listener = Listener()
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="console-watcher", daemon=True)
                self._thread.start()
            return listener

    def leave(self, listener: Listener) -> None:
        with self._changed:
            self._listeners.discard(listener)
            self._changed.notify_all()

    def _watch(self) -> None:
        """Ends when nobody listens any more."""
        seen = self._marks()
        while self._wait():
            found = self._marks()
            if self._ending():
                self._tell(iter([END]))
            if seen is not None and found is not None:
                self._tell(topic for topic in found if found[topic] != seen.get(topic))
            seen = found or seen

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: not self._listeners, timeout=EVERY_S)
            if self._listeners:
                return True
            self._thread = None
            return False

    def _tell(self, topics: Iterator[str]) -> None:
        changed = list(topics)
        with self._changed:
            for listener in self._listeners:
                for topic in changed:
                    listener.tell(topic)

    def _marks(self) -> Marks | None:
        try:
            with self._sessions() as session:
                return self._look(session)
        except UNAVAILABLE as error:
            log.warning("console.not_watching", error=type(error).__name__)
            return None
