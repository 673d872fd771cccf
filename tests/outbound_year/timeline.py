"""Virtual time: it jumps from one thing that happens to the next."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count


class Timeline:
    """What is going to happen. Of two things at one moment the one that was arranged first comes first."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []
        self._serial = count()

    @property
    def next_at(self) -> datetime | None:
        return self._ahead[0][0] if self._ahead else None

    def at(self, moment: datetime, what: Callable[[], None]) -> None:
        """Arranges for `what`, which may be due already."""
        heappush(self._ahead, (max(moment, self.now), next(self._serial), what))

    def step(self) -> None:
        """Goes on to the next thing, and lets it happen."""
        moment, _, what = heappop(self._ahead)
        self.now = moment
        what()
