"""Who is due on a day, and why others are not."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from care_records.models.people import CheckInPlan
from ivr.outbound.planner import Candidate, DayPlan, Decision, Why
from ivr.outbound.spread import Spread
from tests.outbound.line import MONDAY, PHONE, PHONE2, at, make_settings

DAYS = [MONDAY + timedelta(days=number) for number in range(7)]


class Plans:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def decide(
        self, day: date = MONDAY, *, missed: date | None = None, paused: bool = False, **values: Any
    ) -> Decision:
        settings = make_settings(self._folder)
        candidate = Candidate(1, date(1930, 5, 6), None, time(9), None, None, True, PHONE, None)._replace(**values)
        return DayPlan(day, settings, Spread(day, settings), missed).decide(candidate, paused)

    def due_on(self, **values: Any) -> list[str]:
        return [f"{day:%a}" for day in DAYS if self.decide(day, **values).due_at]


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    return Plans(tmp_path)


@pytest.mark.parametrize(
    ("born", "day", "due"),
    [
        (date(1936, 11, 23), date(2026, 11, 22), False),
        (date(1936, 11, 23), date(2026, 11, 23), True),
        (date(1936, 2, 29), date(2026, 2, 28), False),
        (date(1936, 2, 29), date(2026, 3, 1), True),
        (date(1938, 3, 1), date(2028, 2, 29), False),
        (date(1938, 2, 28), date(2028, 2, 29), True),
        (date(1938, 3, 1), date(2028, 3, 1), True),
    ],
    ids=[
        "the day before the 90th birthday",
        "on the 90th birthday",
        "born on 29 February, 28 February of another year",
        "born on 29 February, 1 March of another year",
        "leap day, a day too young",
        "leap day, old enough",
        "the day after a leap day",
    ],
)
def test_whoever_turns_90_is_called_from_that_day_on(plans: Plans, born: date, day: date, due: bool) -> None:
    decision = plans.decide(day, birth_date=born)
    assert (decision.why is Why.BY_AGE, decision.due_at is not None) == (due, due)


def test_daily_is_every_day_also_for_the_younger(plans: Plans) -> None:
    assert len(plans.due_on(plan=CheckInPlan.DAILY, birth_date=date(1950, 1, 1))) == 7


def test_three_times_a_week_is_monday_wednesday_and_friday(plans: Plans) -> None:
    assert plans.due_on(plan=CheckInPlan.THRICE_WEEKLY) == ["Mon", "Wed", "Fri"]


def test_once_a_week_is_a_weekday_that_stays_the_same(plans: Plans) -> None:
    assert [plans.due_on(plan=CheckInPlan.WEEKLY, id=number) for number in (7, 8, 13)] == [["Mon"], ["Tue"], ["Sun"]]


@pytest.mark.parametrize("plan", [None, CheckInPlan.DAILY, CheckInPlan.THRICE_WEEKLY, CheckInPlan.WEEKLY])
@pytest.mark.parametrize("number", range(1, 8))
def test_the_weekly_questions_are_asked_once_a_week(plans: Plans, plan: CheckInPlan | None, number: int) -> None:
    asked = [plans.decide(day, plan=plan, id=number) for day in DAYS]
    assert sum(decision.weekly for decision in asked if decision.due_at) == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"plan": CheckInPlan.NONE}, Why.NO_PLAN),
        ({"birth_date": date(1950, 1, 1)}, Why.TOO_YOUNG),
        ({"plan": CheckInPlan.WEEKLY}, Why.NOT_THIS_DAY),
        ({"consent": None}, Why.NO_CONSENT),
        ({"consent": False}, Why.NO_CONSENT),
        ({"paused": True}, Why.PAUSED),
    ],
)
def test_whoever_is_not_due_has_a_reason(plans: Plans, values: dict[str, Any], why: Why) -> None:
    decision = plans.decide(**values)
    assert (decision.why, decision.due_at) == (why, None)
    assert decision.words


@pytest.mark.parametrize("phone", [None, "", "12345", "0512-52880001", "请打给女儿"])
def test_whoever_has_no_number_is_staffs_from_the_beginning_of_the_day(plans: Plans, phone: str | None) -> None:
    decision = plans.decide(phone=phone)
    assert (decision.why, decision.due_at) == (Why.NO_NUMBER, at("08:30"))


def test_a_second_number_is_enough(plans: Plans) -> None:
    assert plans.decide(phone=None, phone2=PHONE2).why is Why.BY_AGE


def test_a_nap_over_all_windows_is_a_task_for_staff(plans: Plans) -> None:
    decision = plans.decide(nap_start=time(8), nap_end=time(18))
    assert (decision.why, decision.due_at) == (Why.NO_TIME, at("08:30"))


def test_a_slot_that_cannot_be_is_moved_and_the_plan_says_so(plans: Plans) -> None:
    decision = plans.decide(slot=time(12))
    assert decision.due_at == at("14:30")
    assert "later than the slot" in decision.words


def test_a_slot_after_the_last_window_is_replaced_by_their_own(plans: Plans) -> None:
    assert plans.decide(slot=time(20)).due_at == plans.decide(slot=None).due_at


def test_whoever_was_due_while_the_line_was_away_is_called_on_the_first_day_after(plans: Plans) -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert plans.decide(tuesday, plan=CheckInPlan.THRICE_WEEKLY).why is Why.NOT_THIS_DAY
    assert plans.decide(tuesday, plan=CheckInPlan.THRICE_WEEKLY, missed=MONDAY).why is Why.MISSED
