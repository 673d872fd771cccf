"""Which urgency is graver."""

from typing import Final

from care_records.models.requests import Urgency

GRAVITY: Final = (Urgency.NORMAL, Urgency.YELLOW, Urgency.ORANGE, Urgency.RED)
RUNG_FOR: Final = (Urgency.ORANGE, Urgency.RED)
"""For these people are rung until somebody takes the case."""


def gravity(urgency: Urgency | None) -> int:
    """The higher, the graver; None is less than any."""
    return -1 if urgency is None else GRAVITY.index(urgency)


def graver(one: Urgency | None, other: Urgency | None) -> Urgency | None:
    """The graver of two; None is less than any."""
    return max((one, other), key=gravity)


def less_grave_than(urgency: Urgency) -> tuple[Urgency, ...]:
    return GRAVITY[: GRAVITY.index(urgency)]
