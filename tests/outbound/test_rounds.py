"""Extra rounds: heat, cold, a festival."""

from datetime import datetime, time, timedelta

import pytest

from care_records.models import CheckIn, Round
from care_records.models.check_ins import CheckInState
from care_records.models.people import CheckInPlan
from care_records.services import rounds
from care_records.services.rounds import Group
from tests.care_records.builders import make_officer
from tests.outbound.line import MONDAY, PHONE, Line, at, make_elder, make_settings

TUESDAY = MONDAY + timedelta(days=1)
NO_DAILY = {"check_in_plan": CheckInPlan.WEEKLY, "id": 9}
"""Called on Wednesdays."""


def start(line: Line, starts_at: datetime, group: Group | None = None) -> None:
    with line.sessions.begin() as session:
        officer = make_officer(phone=None)
        session.add(officer)
        session.flush()
        rounds.start(
            session,
            name="高温",
            opening="这几天热，请多喝水。",
            group=group or Group(),
            starts_at=starts_at,
            staff=officer,
            at=starts_at,
        )


def stop(line: Line, clock: str) -> None:
    with line.sessions.begin() as session:
        round_ = session.get_one(Round, 1)
        assert rounds.stop(session, round_, session.merge(make_officer(id=1)), at(clock))


def test_a_round_calls_everybody_in_the_group_as_the_provider_has_room(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, calls_per_second=1 / 60)
    line.restarted()
    line.add(*[make_elder(check_in_plan=CheckInPlan.WEEKLY, birth_date=birth(age)) for age in (80, 85, 91)])
    start(line, at("10:00"), Group(min_age=85))
    assert line.outbound.plan_day(MONDAY, at("10:00")) == 2
    assert [(row.person_id, row.due_at, row.occasion) for row in line.all(CheckIn)] == [
        (2, at("10:00"), "round-1"),
        (3, at("10:01"), "round-1"),
    ]


def birth(age: int) -> object:
    return MONDAY.replace(year=MONDAY.year - age)


def test_a_round_is_planned_once_and_whoever_joins_the_group_later_is_not_called(line: Line) -> None:
    line.add(make_elder(**NO_DAILY))
    start(line, at("10:00"))
    line.run("10:00")
    line.add(make_elder(id=16, check_in_plan=CheckInPlan.WEEKLY))
    line.run("10:01")
    assert line.rung == [PHONE]


def test_a_round_begins_on_its_day(line: Line) -> None:
    line.add(make_elder(**NO_DAILY))
    start(line, at("09:00", TUESDAY))
    line.run("16:00")
    assert line.all(CheckIn) == []
    line.run("09:00", TUESDAY)
    assert line.rung == [PHONE]


def test_a_round_in_the_evening_calls_the_next_morning(line: Line) -> None:
    line.add(make_elder(**NO_DAILY))
    start(line, at("16:59:30"))
    line.run("17:00")
    assert (line.check_in().day, line.check_in().due_at) == (TUESDAY, at("08:30", TUESDAY))


def test_a_round_that_is_too_large_for_the_day_goes_on_the_next(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, calls_per_second=1 / 60, call_windows="09:00-09:02")
    line.restarted()
    line.add(*[make_elder(check_in_plan=CheckInPlan.WEEKLY, id=number * 7 + 2) for number in range(5)])
    start(line, at("08:00"))
    line.outbound.plan_day(None, at("08:00"))
    assert [row.day - MONDAY for row in line.all(CheckIn)] == [timedelta(days=day) for day in (0, 0, 1, 1, 2)]


@pytest.mark.parametrize("values", [{"consent_calls": None}, {"check_in_plan": CheckInPlan.NONE}])
def test_whoever_is_not_to_be_called_is_in_no_round(line: Line, values: dict[str, object]) -> None:
    line.add(make_elder(**NO_DAILY | values))
    start(line, at("10:00"))
    line.run("10:00")
    assert line.all(CheckIn) == []


@pytest.mark.parametrize("values", [{"phone": None}, {"nap_start": time(8), "nap_end": time(18)}])
def test_whoever_a_round_cannot_ring_is_staffs(line: Line, values: dict[str, object]) -> None:
    line.add(make_elder(**NO_DAILY | values))
    start(line, at("10:00"))
    line.run("10:00")
    assert line.check_in().state is CheckInState.FOLLOW_UP
    assert line.request().person_id == 9


def test_a_round_that_is_stopped_calls_nobody_else_and_names_who_stopped_it(line: Line) -> None:
    line.add(make_elder(**NO_DAILY))
    start(line, at("10:00"))
    line.outbound.plan_day(None, at("09:00"))
    stop(line, "09:30")
    line.run("10:00")
    assert (line.rung, line.check_in().taken_by) == ([], "值班员甲")


def test_a_call_of_a_stopped_round_that_nobody_answers_is_not_tried_again(line: Line) -> None:
    line.add(make_elder(**NO_DAILY))
    start(line, at("10:00"))
    line.run("10:00")
    stop(line, "10:00:30")
    line.ends("no_answer", "10:01")
    line.run("10:16")
    assert (len(line.rung), line.check_in().state) == (1, CheckInState.WITHDRAWN)


def test_a_round_that_nobody_could_be_planned_for_is_forgotten_after_a_week(line: Line) -> None:
    start(line, at("10:00"))
    line.add(make_elder(**NO_DAILY))
    assert line.outbound.plan_day(None, at("10:00", MONDAY + timedelta(days=7))) == 0
