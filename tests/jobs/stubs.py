"""Stand-ins for what is around the sweep: the engine that finds due rows, and the broker."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from ivr.jobs.broker import QUEUES, UPKEEP
from ivr.jobs.sender import BrokerAwayError
from ivr.outbound.engine import Work

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class StubOutbound:
    """Finds what it is told is due. What is an exception is raised when it is done."""

    def __init__(self) -> None:
        self.due: list[Work] = []
        self.done: list[Work] = []
        self.failing: set[Work] = set()

    def due_work(self, now: datetime, limit: int) -> list[Work]:
        return self.due[:limit]

    def do(self, work: Work, now: datetime) -> None:
        self.done.append(work)
        if work in self.failing:
            raise RuntimeError("somebody's words")


class StubSender:
    """A broker whose queues nobody reads."""

    def __init__(self) -> None:
        self.away = False
        self.sent: list[tuple[str, Work | str]] = []
        """The queue, and what was put into it."""

    def send(self, works: Iterable[Work], queue: str) -> None:
        self._answer()
        self.sent += [(queue, work) for work in works]

    def send_upkeep(self, part: str, every: timedelta) -> None:
        self._answer()
        self.sent.append((UPKEEP, part))

    def waiting(self) -> dict[str, int]:
        self._answer()
        return dict.fromkeys(QUEUES, 0) | Counter(queue for queue, _ in self.sent)

    def in_queue(self, queue: str) -> list[Work | str]:
        return [what for where, what in self.sent if where == queue]

    def _answer(self) -> None:
        if self.away:
            raise BrokerAwayError("ConnectionError")
