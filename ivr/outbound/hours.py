"""The hours in which one person may be rung on one day: the call windows, without the person's nap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Nap = tuple[time, time]
"""From when until when, local time; one that ends before it begins goes over midnight."""


@dataclass(frozen=True)
class Span:
    """From `begin` until just before `end`, both UTC, within the call window with that number, from 0."""

    window: int
    begin: datetime
    end: datetime


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That local time in UTC. One that a change of the clocks leaves out is as much later as they were put forward;
    of one that comes twice it is the first."""
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of the next local day."""
    return moment(day + timedelta(days=1), time(), zone)


def nap_of(start: time | None, end: time | None) -> Nap | None:
    """A nap has both its ends and some length."""
    return (start, end) if start is not None and end is not None and start != end else None


def open_hours(day: date, windows: Sequence[tuple[time, time]], nap: Nap | None, zone: ZoneInfo) -> tuple[Span, ...]:
    """The spans in order; none when the nap covers all windows."""
    spans = [
        Span(number, moment(day, begin, zone), moment(day, end, zone)) for number, (begin, end) in enumerate(windows)
    ]
    for begin, end in _asleep(day, nap, zone):
        spans = [piece for span in spans for piece in _without(span, begin, end)]
    return tuple(spans)


def opening(hours: Sequence[Span], at: datetime, window: int | None = None) -> datetime | None:
    """The first moment from `at` on at which the person may be rung, in that window if one is given; None: none."""
    spans = (span for span in hours if window is None or span.window == window)
    return next((max(span.begin, at) for span in spans if at < span.end), None)


def is_open(hours: Sequence[Span], at: datetime) -> bool:
    return opening(hours, at) == at


def window_of(day: date, windows: Sequence[tuple[time, time]], at: datetime, zone: ZoneInfo) -> int | None:
    """The number of the call window that `at` is in, whether or not somebody naps in it."""
    whole = open_hours(day, windows, None, zone)
    return next((span.window for span in whole if span.begin <= at < span.end), None)


def _asleep(day: date, nap: Nap | None, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    if nap is None:
        return []
    begin, end = (moment(day, at, zone) for at in nap)
    if nap[0] < nap[1]:
        return [(begin, end)]
    return [(moment(day, time(), zone), end), (begin, day_ends(day, zone))]


def _without(span: Span, begin: datetime, end: datetime) -> list[Span]:
    before = Span(span.window, span.begin, min(span.end, begin))
    after = Span(span.window, max(span.begin, end), span.end)
    return [piece for piece in (before, after) if piece.begin < piece.end]
