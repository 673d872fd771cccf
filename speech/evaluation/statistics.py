"""How far counts can be trusted, and how far texts are apart."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`, with the limits between which the true share lies in 95 of 100 such samples (Wilson 1927)."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None


def share(count: int, of: int) -> Share:
    """For none of none, anything between 0 and 1."""
    if of == 0:
        return Share(0, 0, 0.0, 1.0)
    rate, square = count / of, _Z * _Z
    centre = (rate + square / (2 * of)) / (1 + square / of)
    reach = _Z / (1 + square / of) * sqrt(rate * (1 - rate) / of + square / (4 * of * of))
    return Share(count, of, max(0.0, min(rate, centre - reach)), min(1.0, max(rate, centre + reach)))


def edits(said: str, heard: str) -> int:
    """The fewest characters to replace, leave out or put in to make one text of the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
