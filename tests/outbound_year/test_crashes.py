"""The line dies at every moment between two writes of placing a call and of escalating a case, one after another.

Each scenario is first run to its end, to count the moments at which a process can die: before and after every commit,
before and after the provider is asked. Then it is run once for each of them, and afterwards from the rows alone.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.hamlet import DAUGHTER, MIDNIGHT, OFFICERS, PHONE, PHONE2, Hamlet

AFTERNOON: Final = MIDNIGHT + timedelta(hours=13)
SOON_S: Final = 1.0
LATER_S: Final = 45.0
"""Longer than it takes until whoever claimed a call counts as dead."""

Answers = dict[str, list[str]]

PLACING: Final[dict[str, Answers]] = {
    "the second number is answered": {PHONE: ["busy", "machine"], PHONE2: ["fine"]},
    "they ask to be rung later": {PHONE: ["later", "fine"]},
}
ESCALATING: Final[dict[str, Answers]] = {
    "nobody picks up": {PHONE: ["no answer"], PHONE2: ["no answer"], OFFICERS[0]: ["takes it, and has it done"]},
    "the daughter takes an alarm": {
        PHONE: ["unwell"],
        OFFICERS[0]: ["no answer"],
        OFFICERS[1]: ["presses nothing"],
        DAUGHTER: ["takes it, and has it done"],
    },
    "it is taken in the second lap, and forgotten": {
        PHONE: ["silent"],
        OFFICERS[0]: ["busy", "takes it", "takes it, and has it done"],
        OFFICERS[1]: ["leaves"],
        DAUGHTER: ["no answer"],
    },
}
HELP_IS_THERE: Final[Answers] = {OFFICERS[0]: ["takes it, and has it done"]}


def play(hamlet: Hamlet, answers: Answers) -> None:
    """The day, from its planning to the afternoon."""
    hamlet.answers = {number: list(names) for number, names in (HELP_IS_THERE | answers).items()}
    hamlet.plan()
    hamlet.rig.go_on(AFTERNOON)


def dying_everywhere(build: Callable[[Fuse, float], Hamlet], answers: Answers) -> Iterator[Hamlet]:
    """The day as it was, and then the same day once for each moment at which a process can die."""
    fuse = Fuse()
    hamlet = build(fuse, SOON_S)
    play(hamlet, answers)
    yield hamlet
    assert fuse.burnt > 20, "nothing was counted"
    for moment in range(1, fuse.burnt + 1):
        one = Fuse(lambda number, moment=moment: number == moment)  # type: ignore[misc]
        hamlet = build(one, LATER_S if moment % 2 else SOON_S)
        play(hamlet, answers)
        assert one.blown == 1
        yield hamlet


@pytest.fixture
def build(hamlet_template: Path, quick_folder: Path) -> Iterator[Callable[[Fuse, float], Hamlet]]:
    """A hamlet with that fuse, whose worker is started again so many seconds after it has died. One at a time."""
    made: list[Hamlet] = []

    def build(fuse: Fuse, down_s: float) -> Hamlet:
        while made:
            made.pop().close()
        hamlet = Hamlet(hamlet_template, quick_folder / "crashing", fuse=fuse)
        hamlet.down_s = down_s
        made.append(hamlet)
        return hamlet

    yield build
    made.pop().close()


def asked_of_provider(hamlet: Hamlet) -> Counter[int]:
    """How often the provider was asked for each call."""
    return Counter(placement.row_id for placement in hamlet.network.placements)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PLACING)
def test_whoever_dies_when_nobody_is_rung_twice_for_one_try_and_the_day_ends_well(
    name: str, build: Callable[[Fuse, float], Hamlet]
) -> None:
    for hamlet in dying_everywhere(build, PLACING[name]):
        check_in = hamlet.check_in()
        assert set(asked_of_provider(hamlet).values()) == {1}
        assert {call.state for call in hamlet.calls()} == {OutboundCallState.ENDED}
        assert check_in.state in (CheckInState.DONE, CheckInState.FOLLOW_UP), "somebody was forgotten"
        assert check_in.outcome is CheckInOutcome.FINE or check_in.request_id is not None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ESCALATING)
def test_whoever_dies_when_a_case_is_rung_for_until_it_is_taken_and_no_ring_is_made_twice(
    name: str, build: Callable[[Fuse, float], Hamlet]
) -> None:
    for hamlet in dying_everywhere(build, ESCALATING[name]):
        check_in = hamlet.check_in()
        assert set(asked_of_provider(hamlet).values()) == {1}
        assert check_in.state is CheckInState.DONE, f"it is {check_in.state}"
        assert check_in.outcome is CheckInOutcome.FINE or check_in.taken_by
        for request in hamlet.requests():
            assert request.status is not RequestStatus.OPEN
        for escalation in hamlet.escalations():
            assert escalation.state in (EscalationState.TAKEN, EscalationState.RESOLVED), "nobody is rung any more"
