"""The calls of a day over its minutes."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.outbound.spread import Slot, Spread
from tests.outbound.line import MONDAY, SHANGHAI, at, make_settings

MakeSpread = Callable[..., Spread]


@pytest.fixture
def make_spread(tmp_path: Path) -> MakeSpread:
    def make(**values: Any) -> Spread:
        return Spread(MONDAY, make_settings(tmp_path, **{"calls_per_second": 1} | values))

    return make


def slots(spread: Spread, count: int) -> list[Slot]:
    return [slot for number in range(1, count + 1) if (slot := spread.own(number, None))]


def minutes(found: list[Slot]) -> Counter[datetime]:
    return Counter(slot.at.replace(second=0, microsecond=0) for slot in found)


def test_everybody_has_the_same_slot_every_day(make_spread: MakeSpread) -> None:
    assert slots(make_spread(), 70) == slots(make_spread(), 70)


def test_seventy_people_are_spread_over_the_whole_day(make_spread: MakeSpread) -> None:
    counts = minutes(slots(make_spread(), 70))
    assert max(counts.values()) <= 2
    mornings = sum(count for minute, count in counts.items() if minute < at("12:00"))
    assert 30 <= mornings <= 40


def test_no_minute_has_more_calls_than_the_provider_takes(make_spread: MakeSpread) -> None:
    found = slots(make_spread(call_windows="09:00-10:00"), 28 * 60)
    assert set(minutes(found).values()) == {60}
    assert len({slot.at for slot in found}) == 28 * 60
    assert not any(slot.crowded for slot in found)


def test_less_than_a_call_a_minute_leaves_minutes_empty(make_spread: MakeSpread) -> None:
    found = slots(make_spread(calls_per_second=0.01), 100)
    counts = minutes(found)
    assert set(counts.values()) == {1}
    assert len(counts) == 100


def test_every_slot_leaves_room_for_three_tries_in_its_window(make_spread: MakeSpread) -> None:
    last = max(slot.at.astimezone(SHANGHAI) for slot in slots(make_spread(call_windows="09:00-11:00"), 200))
    assert last < at("11:00") - 2 * timedelta(minutes=16)


def test_a_window_that_is_too_short_for_three_tries_is_used_all_the_same(make_spread: MakeSpread) -> None:
    found = slots(make_spread(call_windows="09:00-09:10"), 61)
    assert minutes(found) == {at("09:00"): 60, at("09:01"): 1}


def test_when_there_is_no_room_for_three_tries_the_end_of_the_window_is_used(make_spread: MakeSpread) -> None:
    found = slots(make_spread(call_windows="09:00-09:40"), 8 * 60 + 1)
    assert max(minutes(found)) == at("09:08")
    assert not any(slot.crowded for slot in found)


def test_too_many_calls_for_a_day_are_told_and_still_planned(make_spread: MakeSpread) -> None:
    found = slots(make_spread(call_windows="09:00-09:02"), 121)
    assert len(found) == 121
    assert [slot.crowded for slot in found] == [False] * 120 + [True]


def test_a_wish_is_met_to_the_minute_and_then_the_next_one(make_spread: MakeSpread) -> None:
    spread = make_spread()
    found = [spread.wished(time(9, 15), None) for _ in range(61)]
    assert found[0] == Slot(at("09:15"))
    assert found[30] == Slot(at("09:15:30"))
    assert found[60] == Slot(at("09:16"), moved=True)


@pytest.mark.parametrize(
    ("wish", "nap", "expected"),
    [
        (time(12), None, "14:30"),
        (time(8), None, "08:30"),
        (time(9), (time(8, 50), time(9, 20)), "09:20"),
        (time(10), (time(9), time(16)), "16:00"),
    ],
)
def test_a_wish_outside_the_hours_is_moved_to_the_next_moment_inside(
    make_spread: MakeSpread, wish: time, nap: tuple[time, time] | None, expected: str
) -> None:
    assert make_spread().wished(wish, nap) == Slot(at(expected), moved=True)


def test_a_wish_after_the_last_window_cannot_be_met(make_spread: MakeSpread) -> None:
    assert make_spread().wished(time(18), None) is None


def test_nobody_is_given_a_slot_in_their_nap(make_spread: MakeSpread) -> None:
    nap = (time(9), time(15))
    spread = make_spread()
    found = [spread.own(number, nap) for number in range(1, 300)]
    local = [slot.at.astimezone(SHANGHAI).time() for slot in found if slot]
    assert len(local) == 299
    assert not any(nap[0] <= clock < nap[1] for clock in local)


def test_a_nap_over_all_windows_leaves_no_slot(make_spread: MakeSpread) -> None:
    assert make_spread().own(1, (time(8), time(18))) is None


def test_calls_that_are_planned_already_take_their_room(make_spread: MakeSpread) -> None:
    spread = make_spread()
    spread.occupy([at("09:15")] * 60 + [at("07:00"), at("23:00")])
    assert spread.wished(time(9, 15), None) == Slot(at("09:16"), moved=True)
