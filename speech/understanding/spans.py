"""Quick answers about which stretches of a text lie within or beside which others."""

from collections.abc import Iterable

LONGEST = 100
"""No word and no pattern is longer than this, in characters."""


class Spans:
    """Stretches of a text, as start and end."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._furthest: dict[int, int] = {}
        self._ends: set[int] = set()
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        self._furthest[start] = max(end, self._furthest.get(start, 0))
        self._ends.add(end)

    def cover(self, start: int, end: int) -> bool:
        """Whether one of them reaches from `start` or before it to `end` or beyond."""
        return any(self._furthest.get(place, 0) >= end for place in range(max(0, start - LONGEST), start + 1))

    def start_at(self, place: int) -> bool:
        return place in self._furthest

    def end_at(self, place: int) -> bool:
        return place in self._ends


def marked(size: int, spans: Iterable[tuple[int, int]]) -> bytearray:
    """A byte for each of `size` places: 1 within a span."""
    marks = bytearray(size)
    for start, end in spans:
        marks[start:end] = b"\x01" * (end - start)
    return marks
