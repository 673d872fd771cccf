"""The day's plan in the records."""

from datetime import date, time, timedelta

import pytest

from care_records.models import CheckIn, Pause, Person
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import CheckInPlan
from care_records.models.requests import Urgency
from ivr.outbound import people
from ivr.outbound.planning import Planner
from tests.outbound.line import MONDAY, PHONE, SHANGHAI, Line, at, make_elder, make_settings

TUESDAY = MONDAY + timedelta(days=1)


def test_planning_twice_is_as_planning_once(either_line: Line) -> None:
    either_line.add(make_elder(), make_elder())
    assert [either_line.outbound.plan_day(None, at("06:00")) for _ in range(2)] == [2, 0]
    assert len(either_line.all(CheckIn)) == 2


def test_the_local_day_is_planned_and_not_that_of_greenwich(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("00:30"))
    assert line.check_in().day == MONDAY
    assert line.check_in().due_at == at("09:00")


def test_whoever_turns_90_today_is_called_without_anybody_doing_anything(line: Line) -> None:
    line.add(make_elder(birth_date=date(1936, 11, 24)))
    assert line.outbound.plan_day(None, at("06:00")) == 0
    assert line.outbound.plan_day(None, at("06:00", TUESDAY)) == 1


def test_a_roster_of_many_pages_is_planned_to_its_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE", 3)
    line.add(*[make_elder(check_in_slot=time(9) if number % 2 else None) for number in range(20)])
    assert line.outbound.plan_day(None, at("06:00")) == 20
    assert line.outbound.plan_day(None, at("06:05")) == 0
    assert len({row.person_id for row in line.all(CheckIn)}) == 20


def test_whoever_wishes_for_a_time_has_the_first_choice(line: Line) -> None:
    narrow = make_settings(line.settings.data_dir, call_windows="09:00-09:02", calls_per_second=1 / 60)
    line.add(make_elder(check_in_slot=None), make_elder(check_in_slot=time(9)))
    Planner(line.sessions, narrow).plan(MONDAY, at("06:00"))
    assert {row.person_id: row.due_at for row in line.all(CheckIn)} == {1: at("09:01"), 2: at("09:00")}


def test_somebody_who_is_added_during_the_day_is_called_the_same_day(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.add(make_elder(phone="+8651252880009"))
    line.run("10:00")
    assert line.rung == [PHONE, "+8651252880009"]


def test_somebody_who_is_added_after_the_last_window_is_called_from_tomorrow_on(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.add(make_elder())
    assert line.run("17:00").planned == 0


def test_a_line_that_is_new_in_the_evening_begins_tomorrow(line: Line) -> None:
    line.add(make_elder())
    assert line.run("18:00").planned == 0
    assert line.run("06:00", TUESDAY).planned == 1


def test_when_the_line_was_away_all_day_staff_have_everybody_before_midnight(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.ends("fine", "09:01")
    line.run("09:01")
    line.run("18:00", TUESDAY)
    missed = line.all(CheckIn)[-1]
    assert (missed.day, missed.state, missed.outcome) == (TUESDAY, CheckInState.FOLLOW_UP, CheckInOutcome.NOT_CALLED)
    assert line.request().urgency is Urgency.YELLOW
    assert len(line.rung) == 1


def test_a_check_in_that_an_outage_left_behind_midnight_goes_to_people(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.run("00:05", TUESDAY)
    assert [row.outcome for row in line.all(CheckIn)] == [CheckInOutcome.NOT_CALLED, None]
    assert line.rung == []


def test_whoever_is_called_weekly_loses_no_week_to_a_day_without_a_line(line: Line) -> None:
    line.add(make_elder(id=7, check_in_plan=CheckInPlan.WEEKLY), make_elder(id=8))
    sunday = MONDAY - timedelta(days=1)
    line.outbound.plan_day(None, at("06:00", sunday))
    line.outbound.plan_day(None, at("06:00", TUESDAY))
    assert [(row.person_id, row.day) for row in line.all(CheckIn)] == [(8, sunday), (7, TUESDAY), (8, TUESDAY)]


def test_a_day_that_is_over_is_not_planned_any_more(line: Line) -> None:
    line.add(make_elder())
    assert line.outbound.plan_day(MONDAY - timedelta(days=1), at("09:00")) == 0


@pytest.mark.parametrize(
    ("first", "last", "planned"),
    [(MONDAY, MONDAY, 0), (TUESDAY, TUESDAY, 1), (MONDAY - timedelta(days=9), MONDAY - timedelta(days=1), 1)],
    ids=["today", "from tomorrow on", "until yesterday"],
)
def test_a_pause_holds_on_its_days_and_ends_by_itself(line: Line, first: date, last: date, planned: int) -> None:
    line.add(make_elder())
    line.add(Pause(person_id=1, first_day=first, last_day=last, created_at=at("05:00")))
    assert line.outbound.plan_day(None, at("06:00")) == planned


def test_nobody_is_called_who_has_not_said_yes(line: Line) -> None:
    line.add(make_elder(consent_calls=None), make_elder(consent_calls=False))
    assert line.outbound.plan_day(None, at("06:00")) == 0


def test_explaining_a_day_writes_nothing_and_says_what_planning_will_do(line: Line) -> None:
    line.add(make_elder(check_in_slot=None), make_elder(), make_elder(consent_calls=None))
    planner = Planner(line.sessions, line.settings)
    before = {one.person_id: one.due_at for one in planner.explain(MONDAY)}
    assert line.all(CheckIn) == []
    planner.plan(MONDAY, at("06:00"))
    assert {row.person_id: row.due_at for row in line.all(CheckIn)} == {1: before[1], 2: before[2]}
    assert before[3] is None
    after = {one.person_id: (one.due_at, one.state) for one in planner.explain(MONDAY)}
    assert after == {1: (before[1], CheckInState.PLANNED), 2: (before[2], CheckInState.PLANNED), 3: (None, None)}


def test_a_deleted_person_takes_their_check_in_along(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    with line.sessions.begin() as session:
        session.delete(session.get_one(Person, 1))
    line.run("09:00")
    assert (line.all(CheckIn), line.rung) == ([], [])


def test_times_are_local_in_the_zone_that_is_set(line: Line) -> None:
    berlin = make_settings(line.settings.data_dir, timezone="Europe/Berlin")
    planner = Planner(line.sessions, berlin)
    line.add(make_elder())
    for day in date(2026, 3, 28), date(2026, 3, 29):
        planner.plan(day, at("06:00", day, berlin.zone))
    utc = [row.due_at.hour for row in line.all(CheckIn)]
    assert utc == [8, 7]
    assert berlin.zone != SHANGHAI
