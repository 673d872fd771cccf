"""What is wrong with a roster, in words for the officer who wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal. `row` is the number that the spreadsheet shows, None when it is about the file as a whole."""

    row: int | None
    column: str
    """The heading as the file has it."""
    text: str
    value: str = ""
    """What the cell holds."""


class RosterRefused(Exception):  # noqa: N818 - nothing has gone wrong here: the roster has to be corrected
    """Nothing was imported; `problems` is everything that is wrong, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)

    @classmethod
    def because(cls, text: str, value: str = "") -> "RosterRefused":
        """A refusal of the whole file."""
        return cls([Problem(None, "", text, value)])
