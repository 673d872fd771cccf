"""Answers over time, as places in a drawing: one line a question, one step a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from care_records.console.checkins.data import Answer

QUESTIONS: Final = ("health", "falls", "meals", "help", "mood", "medicine")
STEP, ROW, TOP = 6, 36, 10
"""In pixels: a day, a question, and the edge above."""
WEEKS: Final = 12


@dataclass(frozen=True)
class Mark:
    """An answer. `by` tells who gave it; what a relative said of the person counts as their health."""

    x: int
    y: int
    answer: Answer

    @property
    def fine(self) -> bool:
        return self.answer.answer == "fine"


@dataclass(frozen=True)
class Week:
    """A line in the drawing, where a week begins; there is room for the date of every other one."""

    x: int
    monday: date


@dataclass(frozen=True)
class Chart:
    marks: Sequence[Mark]
    weeks: Sequence[Week]
    rows: Sequence[tuple[str, int]]
    """Where each question stands, one below the other, ROW apart."""
    width: int
    height: int


def begin(last: date) -> date:
    """The Monday on which a chart that goes to `last` begins."""
    return last - timedelta(days=last.weekday() + 7 * (WEEKS - 1))


def draw(answers: Iterable[Answer], last: date) -> Chart:
    """The answers of the weeks until that of `last`. Of several to one question on one day the worst is shown."""
    first = begin(last)
    worst: dict[tuple[str, date], Answer] = {}
    for one in answers:
        row = "health" if one.question == "relative" else one.question
        known = worst.get((row, one.day))
        if row in QUESTIONS and first <= one.day and (known is None or known.answer == "fine"):
            worst[row, one.day] = one
    return Chart(
        marks=[Mark(_x(day, first), _y(row), one) for (row, day), one in worst.items()],
        weeks=[Week(_x(first, first) + 7 * STEP * number, first + timedelta(weeks=number)) for number in range(WEEKS)],
        rows=[(row, _y(row)) for row in QUESTIONS],
        width=(WEEKS * 7 + 1) * STEP,
        height=TOP + len(QUESTIONS) * ROW + 30,
    )


def _x(day: date, first: date) -> int:
    return (day - first).days * STEP + STEP


def _y(row: str) -> int:
    return TOP + QUESTIONS.index(row) * ROW + ROW // 2
