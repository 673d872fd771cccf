"""The seven states in which the office sees a day's check-ins."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from care_records.models import CheckIn
from care_records.models.check_ins import CheckInOutcome, CheckInState


class BoardState(StrEnum):
    """In the order in which they are shown: what needs somebody comes first."""

    SILENT = "silent"
    """静默"""
    FOLLOW_UP = "follow_up"
    """需跟进"""
    UNREACHED = "unreached"
    """未接: no answer so far, be it that the line tries again."""
    RELATIVE = "relative"
    """代答"""
    UNCALLED = "uncalled"
    """未打: the first try is still to come, or is being made."""
    PAUSED = "paused"
    """暂停: not rung today, on somebody's word."""
    FINE = "fine"
    """平安"""


_BY_OUTCOME: Final[Mapping[CheckInOutcome, BoardState]] = {
    CheckInOutcome.FINE: BoardState.FINE,
    CheckInOutcome.RELATIVE: BoardState.RELATIVE,
    CheckInOutcome.SILENT: BoardState.SILENT,
    CheckInOutcome.UNREACHED: BoardState.UNREACHED,
    CheckInOutcome.NOT_CALLED: BoardState.UNREACHED,
    CheckInOutcome.CONCERN: BoardState.FOLLOW_UP,
    CheckInOutcome.UNCLEAR: BoardState.FOLLOW_UP,
    CheckInOutcome.REFUSED: BoardState.FOLLOW_UP,
}
_TRIED: Final = 2
"""Whoever is rung for the second time has not answered the first."""


def state_of(check_in: CheckIn) -> BoardState:
    """Where the check-in stands, as the office sees it."""
    if check_in.state is CheckInState.WITHDRAWN:
        return BoardState.PAUSED
    if check_in.outcome is not None:
        return _BY_OUTCOME[check_in.outcome]
    if check_in.state in (CheckInState.FOLLOW_UP, CheckInState.DONE):
        return BoardState.FOLLOW_UP
    unanswered = check_in.state is CheckInState.WAITING or check_in.tries >= _TRIED
    return BoardState.UNREACHED if unanswered else BoardState.UNCALLED
