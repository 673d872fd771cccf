"""The line with a telephone network around it, in virtual time; its processes die and are started again."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from ivr.config import Settings
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.line import Line
from tests.outbound_year.network import Chances, Network, NetworkCall, Pickup
from tests.outbound_year.timeline import Timeline

Span = tuple[datetime, datetime]


class Rig:
    """The database is there. `picks_up` says what becomes of a ringing telephone."""

    def __init__(
        self,
        settings: Settings,
        begin: datetime,
        picks_up: Callable[[NetworkCall, Random], Pickup],
        *,
        seed: int = 1,
        chances: Chances = Chances(),  # noqa: B008 - frozen
        web: Fuse | None = None,
        worker: Fuse | None = None,
        whole: bool = False,
        down_s: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """`down_s` says for how long a worker that has died is not there."""
        self.timeline = Timeline(begin)
        worker = worker or Fuse()
        self.network = Network(self.timeline, seed, chances, picks_up, worker)
        self.line = Line(settings, self.timeline, self.network, web=web or Fuse(), worker=worker, whole=whole)
        self.away: Sequence[Span] = ()
        """When no worker is there at all."""
        self._down_s = down_s
        self._down_until = begin

    @property
    def now(self) -> datetime:
        return self.timeline.now

    def go_on(self, until: datetime) -> None:
        """From one moment to the next at which something happens: around the line, or because a row is due."""
        while (step := self._next(until)) is not None:
            step()
        self.timeline.now = until

    def work(self, job: Callable[[], bool]) -> None:
        """Lets the worker do it, if there is one. One that dies is started again after a while."""
        if self._there_at(self.now) <= self.now and not job():
            self._down_until = self.now + timedelta(seconds=self._down_s())

    def _next(self, until: datetime) -> Callable[[], None] | None:
        outside, due = self.timeline.next_at, self.line.due_at()
        at = None if due is None else max(self._there_at(due), self.now)
        if outside is not None and outside <= until and (at is None or outside <= at):
            return self.timeline.step
        if at is None or at > until:
            return None
        return lambda: self._look(at)

    def _look(self, at: datetime) -> None:
        self.timeline.now = at
        self.work(self.line.work)

    def _there_at(self, at: datetime) -> datetime:
        """The moment from `at` on at which there is a worker."""
        at = max(at, self._down_until)
        return next((until for begin, until in self.away if begin <= at < until), at)
