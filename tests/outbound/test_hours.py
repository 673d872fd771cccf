"""The hours in which people may be rung, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.outbound.hours import Span, day_ends, is_open, moment, nap_of, open_hours, opening, window_of
from tests.outbound.line import MONDAY, SHANGHAI, at

WINDOWS = ((time(8, 30), time(11)), (time(14, 30), time(17)))
BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""In Berlin the clocks go from 02:00 to 03:00, and from 03:00 back to 02:00."""


def clocks(spans: tuple[Span, ...], zone: ZoneInfo = SHANGHAI) -> list[tuple[int, str, str]]:
    return [
        (span.window, f"{span.begin.astimezone(zone):%H:%M}", f"{span.end.astimezone(zone):%H:%M}") for span in spans
    ]


@pytest.mark.parametrize(
    ("nap", "expected"),
    [
        (None, [(0, "08:30", "11:00"), (1, "14:30", "17:00")]),
        ((time(9), time(10)), [(0, "08:30", "09:00"), (0, "10:00", "11:00"), (1, "14:30", "17:00")]),
        ((time(10), time(15)), [(0, "08:30", "10:00"), (1, "15:00", "17:00")]),
        ((time(16), time(9)), [(0, "09:00", "11:00"), (1, "14:30", "16:00")]),
        ((time(8), time(18)), []),
    ],
    ids=["none", "inside", "over the gap", "over midnight", "over all"],
)
def test_a_nap_is_cut_out_of_the_windows(nap: tuple[time, time] | None, expected: list[tuple[int, str, str]]) -> None:
    assert clocks(open_hours(MONDAY, WINDOWS, nap, SHANGHAI)) == expected


def test_half_a_nap_or_an_empty_one_is_none() -> None:
    assert nap_of(time(12), None) is nap_of(None, time(12)) is nap_of(time(12), time(12)) is None


def test_a_window_is_open_from_its_first_moment_until_just_before_its_last() -> None:
    hours = open_hours(MONDAY, WINDOWS, None, SHANGHAI)
    open_at = {clock: is_open(hours, at(clock)) for clock in ("08:29:59", "08:30", "10:59:59", "11:00")}
    assert open_at == {"08:29:59": False, "08:30": True, "10:59:59": True, "11:00": False}


def test_the_next_opening_may_be_in_the_next_window_or_nowhere() -> None:
    hours = open_hours(MONDAY, WINDOWS, None, SHANGHAI)
    assert opening(hours, at("12:00")) == at("14:30")
    assert opening(hours, at("12:00"), window=0) is None
    assert opening(hours, at("17:00")) is None


def test_a_moment_belongs_to_its_window_also_during_a_nap() -> None:
    assert window_of(MONDAY, WINDOWS, at("15:00"), SHANGHAI) == 1
    assert window_of(MONDAY, WINDOWS, at("12:00"), SHANGHAI) is None


def test_windows_keep_to_the_local_clock_on_both_sides_of_a_change() -> None:
    before, after = (open_hours(day, WINDOWS, None, BERLIN)[0] for day in (SPRING - timedelta(days=1), SPRING))
    assert before.begin.astimezone(UTC).time() == time(7, 30)
    assert after.begin.astimezone(UTC).time() == time(6, 30)
    assert clocks((after,), BERLIN) == [(0, "08:30", "11:00")]


def test_a_time_that_the_clocks_leave_out_is_an_hour_later() -> None:
    assert moment(SPRING, time(2, 30), BERLIN).astimezone(BERLIN).time() == time(3, 30)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert moment(AUTUMN, time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_window_over_the_change_is_as_long_as_it_is() -> None:
    night = ((time(1), time(4)),)
    lengths = [span.end - span.begin for day in (SPRING, AUTUMN) for span in open_hours(day, night, None, BERLIN)]
    assert lengths == [timedelta(hours=2), timedelta(hours=4)]


def test_a_day_ends_at_midnight_however_long_it_is() -> None:
    assert day_ends(AUTUMN, BERLIN) - moment(AUTUMN, time(), BERLIN) == timedelta(hours=25)
