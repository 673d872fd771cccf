"""Charts, as geometry: the template draws them. Words stand beside a drawing and not in it, so that they stay as large
as all other words on any screen, and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 100
SLOT: Final = 10
"""The width of a column with the gap after it; the drawing is stretched to the width that there is."""
COLUMN: Final = 8
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True)
class Piece:
    """A rectangle. `colour` is a class: c1 to c6."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Columns:
    """Stacked columns. `top` is the value at the upper edge; each of `labels` stands below the first of equally many
    columns, so that there may be room for a few more at the right end."""

    pieces: Sequence[Piece]
    width: int
    top: int
    labels: Sequence[str]


def columns(values: Sequence[Sequence[int]], labels: Sequence[str], shown_labels: int = 6) -> Columns:
    """A column for each of `values`, whose numbers are stacked from below in the colours c1, c2, …"""
    top = _round_up(max((sum(stack) for stack in values), default=0))
    pieces = [piece for index, stack in enumerate(values) for piece in _column(index, stack, top)]
    step = max(1, -(-len(labels) // shown_labels))
    shown = labels[::step]
    return Columns(pieces, SLOT * step * max(len(shown), 1), top, shown)


def bar(values: Sequence[int], whole: int) -> list[Piece]:
    """One lying bar, 100 wide and 10 high, of several colours; `whole` would fill it."""
    pieces, x = [], 0.0
    for number, value in enumerate(values, start=1):
        width = 100 * value / whole if whole else 0.0
        if width:
            pieces.append(Piece(round(x, 2), 0, round(width, 2), 10, f"c{number}"))
        x += width
    return pieces


def _column(index: int, stack: Sequence[int], top: int) -> list[Piece]:
    pieces, y = [], float(HEIGHT)
    for number, value in enumerate(stack, start=1):
        height = HEIGHT * value / top
        y -= height
        if height:
            pieces.append(
                Piece(index * SLOT + (SLOT - COLUMN) / 2, round(y, 2), COLUMN, round(height, 2), f"c{number}")
            )
    return pieces


def _round_up(value: int) -> int:
    """The next number that is easy to read: 1, 2 or 5, with noughts."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= value:
                return step * power
        power *= 10
