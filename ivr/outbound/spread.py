"""Spreads a day's calls over the minutes of its windows, so that no minute has more than the provider takes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from ivr.config import Settings
from ivr.outbound.hours import Nap, moment, open_hours

MINUTE: Final = timedelta(minutes=1)
GOLDEN: Final = 0.6180339887498949
"""Multiples of the golden ratio, without their whole part, lie evenly between 0 and 1, however many there are."""


class Slot(NamedTuple):
    """When somebody is rung first. `moved`: later than was wished for. `crowded`: its minute is over the limit."""

    at: datetime
    moved: bool = False
    crowded: bool = False


class Spread:
    """The minutes of one day's call windows, and how many calls begin in each of them."""

    def __init__(self, day: date, settings: Settings) -> None:
        self._day = day
        self._zone = settings.zone
        self._minutes: list[datetime] = []
        self._roomy: list[bool] = []
        all_tries = timedelta(minutes=settings.retry_min, seconds=settings.check_in_ring_s) * (settings.tries - 1)
        for span in open_hours(day, settings.windows, None, self._zone):
            self._add(span.begin, span.end, span.end - all_tries)
        self._local = [at.astimezone(self._zone).time() for at in self._minutes]
        self._own = [index for index, roomy in enumerate(self._roomy) if roomy]
        count, a_minute = len(self._minutes), settings.calls_per_second * 60
        self._limit = [int((index + 1) * a_minute) - int(index * a_minute) for index in range(count)]
        self._taken = [0] * count
        self._free = [index if self._limit[index] else index + 1 for index in range(count)] + [count]

    def occupy(self, calls: Iterable[datetime]) -> None:
        """Calls that begin then are planned already."""
        for at in calls:
            index = bisect_right(self._minutes, at) - 1
            if index >= 0:
                self._count(index)

    def wished(self, wish: time, nap: Nap | None, *, crowd: bool = True) -> Slot | None:
        """The first minute from `wish` on that is outside the nap and has room, or else, if they may `crowd`, one that
        has none. None when there is no minute at all from then on.
        """
        at = moment(self._day, wish.replace(second=0, microsecond=0), self._zone)
        first = bisect_left(self._minutes, at)
        index = self._search(first, nap)
        if index is None and crowd:
            index = self._awake(first, nap)
        return None if index is None else self._take(index, moved=self._minutes[index] != at)

    def own(self, person_id: int, nap: Nap | None) -> Slot | None:
        """The minute that falls to that id, every day the same, or the next one outside the nap that has room.

        Minutes after which not all tries fit into their window come last, and crowded ones after them. None when the
        nap covers all windows.
        """
        first = self._own[int(person_id * GOLDEN % 1 * len(self._own))]
        for start, roomy in (first, True), (0, True), (0, False):
            index = self._search(start, nap, roomy=roomy)
            if index is not None:
                return self._take(index)
        awake = self._awake(first, nap)
        if awake is None:
            awake = self._awake(0, nap)
        return None if awake is None else self._take(awake)

    def _add(self, begin: datetime, end: datetime, last_first_try: datetime) -> None:
        """A window that is too short for all tries has its first minute for the first one."""
        at = begin
        while at < end:
            self._minutes.append(at)
            self._roomy.append(at == begin or at < last_first_try)
            at += MINUTE

    def _search(self, start: int, nap: Nap | None, *, roomy: bool = False) -> int | None:
        index = self._next_free(start)
        while index < len(self._minutes):
            if roomy and not self._roomy[index]:
                index = self._next_free(self._next_roomy(index))
            elif naps(nap, self._local[index]):
                index = self._next_free(index + 1)
            else:
                return index
        return None

    def _next_free(self, index: int) -> int:
        """The first minute from `index` on that has room. Full ones are skipped together, however many there are."""
        found = index
        while self._free[found] != found:
            found = self._free[found]
        while self._free[index] != found:
            self._free[index], index = found, self._free[index]
        return found

    def _next_roomy(self, index: int) -> int:
        place = bisect_left(self._own, index)
        return self._own[place] if place < len(self._own) else len(self._minutes)

    def _awake(self, start: int, nap: Nap | None) -> int | None:
        return next((index for index in range(start, len(self._minutes)) if not naps(nap, self._local[index])), None)

    def _take(self, index: int, *, moved: bool = False) -> Slot:
        """Calls of one minute begin evenly spread over it."""
        taken, limit = self._taken[index], self._limit[index]
        self._count(index)
        share = taken / limit if taken < limit else 59 / 60
        return Slot(self._minutes[index] + share * MINUTE, moved, crowded=taken >= limit)

    def _count(self, index: int) -> None:
        self._taken[index] += 1
        if self._taken[index] >= self._limit[index] and self._free[index] == index:
            self._free[index] = index + 1


def naps(nap: Nap | None, at: time) -> bool:
    if nap is None:
        return False
    begin, end = nap
    return begin <= at < end if begin < end else at >= begin or at < end
