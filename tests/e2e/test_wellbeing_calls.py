"""Wellbeing calls from end to end: the engine rings, people answer, officers are called until one takes the case."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus
from ivr.simulator.officers import BUSY, FAILED, MACHINE, NO_ANSWER, Answers
from ivr.simulator.resources import STATUS_EVENTS
from tests.e2e.wellbeing import DAUGHTER, OFFICERS, PERSON, SECOND, Day, a_day, at
from tests.simulator.conftest import steps

ANSWERS = Answers(after_s=5)
FINE = steps(
    ("hear", "checkin.identity"),
    ("press", "1"),
    ("hear", "checkin.health"),
    ("press", "1"),
    ("hear", "checkin.falls"),
    ("press", "1"),
    ("hear", "checkin.meals"),
    ("press", "1"),
    ("hear", "checkin.help"),
    ("press", "1"),
    ("hear", "checkin.bye"),
)
UNWELL = steps(
    ("hear", "checkin.identity"),
    ("press", "1"),
    ("hear", "checkin.health"),
    ("press", "2"),
    ("hear", "checkin.concern"),
)
RELATIVE = steps(
    ("hear", "checkin.identity"),
    ("press", "2"),
    ("hear", "checkin.relative"),
    ("press", "1"),
    ("hear", "checkin.relative.bye"),
)
LATER = steps(
    ("hear", "checkin.identity"), ("press", "#"), ("hear", "checkin.when"), ("press", "1"), ("hear", "checkin.later")
)
REFUSES = steps(
    ("hear", "checkin.identity"), ("press", "#"), ("hear", "checkin.when"), ("press", "2"), ("hear", "checkin.refused")
)
SILENT = steps(("wait", 300))
LEAVES = steps(("hear", "checkin.identity"), ("press", "1"), "hang_up")
TAKES = steps(("hear", "case.take"), ("press", "1"), ("hear", "case.handed"))
QUIET = steps(("hear", "case.nobody"))


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_day(tmp_path / "line") as day:
        yield day


def ended_with_somebody(day: Day, name: str) -> bool:
    found = day.check_in()
    return (found.state, found.taken_by) == (CheckInState.DONE, name)


def tries(day: Day) -> list[str | None]:
    return [call.result for call in day.check_in().tried]


# --- What people answer


def test_a_person_who_is_fine_is_rung_once_at_their_time(day: Day) -> None:
    day.telephones(person=ANSWERS)
    person = day.somebody(PERSON, FINE)
    day.run(at("08:59"))
    assert day.calls(PERSON) == []
    day.until(at("11:00"))
    assert person.failures == []
    found = day.check_in()
    assert (found.state, found.outcome, found.due_at) == (CheckInState.DONE, CheckInOutcome.FINE, at("09:00"))
    assert [answer.question for answer in found.answers] == ["health", "falls", "meals", "help"]
    assert len(day.calls(PERSON)) == 1


def test_who_is_unwell_is_taken_over_by_the_officer_who_presses_1(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=ANSWERS)
    person, officer = day.somebody(PERSON, UNWELL), day.somebody(OFFICERS[0], TAKES)
    day.until(at("09:10"))
    assert person.failures + officer.failures == []
    assert ended_with_somebody(day, "值班员1")
    (request,), (escalation,) = day.requests(), day.escalations()
    assert (request.urgency, request.status) == ("red", RequestStatus.TAKEN)
    assert (escalation.state, escalation.rings) == (EscalationState.TAKEN, 1)


def test_an_officer_who_picks_up_and_presses_nothing_is_passed_over(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=ANSWERS, daughter=ANSWERS)
    day.somebody(PERSON, UNWELL)
    officer, daughter = day.somebody(OFFICERS[0], QUIET), day.somebody(DAUGHTER, TAKES)
    day.until(at("09:30"), over=lambda: day.check_in().state is CheckInState.DONE)
    assert officer.failures + daughter.failures == []
    assert [len(day.calls(number)) for number in (*OFFICERS, DAUGHTER)] == [1, 1, 1]
    assert ended_with_somebody(day, "李示例")


def test_round_and_round_until_somebody_takes_it(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=(MACHINE, BUSY, ANSWERS))
    day.somebody(PERSON, UNWELL)
    day.somebody(OFFICERS[0], TAKES)
    day.until(at("10:00"), over=lambda: day.check_in().state is CheckInState.DONE)
    assert ended_with_somebody(day, "值班员1")
    assert (len(day.calls(OFFICERS[0])), day.escalations()[0].lap) == (3, 3)


def test_a_case_that_is_not_resolved_in_time_alarms_again(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=ANSWERS)
    day.somebody(PERSON, UNWELL)
    resolves = steps(("hear", "case.still"), ("press", "2"), ("hear", "case.resolved"))
    officer = day.somebody(OFFICERS[0], TAKES, resolves)
    day.until(at("11:00"), over=lambda: day.escalations() != [] and day.escalations()[0].resolved_at is not None)
    assert officer.failures == []
    assert (day.requests()[0].status, day.escalations()[0].alarm) == (RequestStatus.RESOLVED, 2)
    assert day.now >= at("10:00")


def test_answered_but_silent_is_an_alarm(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=(NO_ANSWER, ANSWERS))
    day.somebody(PERSON, SILENT)
    day.somebody(OFFICERS[0], TAKES)
    day.until(at("09:30"), over=lambda: day.check_in().state is CheckInState.DONE)
    assert ended_with_somebody(day, "值班员1")
    assert (day.check_in().outcome, day.check_in().flag) == (CheckInOutcome.SILENT, "red")


def test_a_relatives_word_is_for_the_staff_today(day: Day) -> None:
    day.telephones(person=ANSWERS)
    person = day.somebody(PERSON, RELATIVE)
    day.until(at("11:00"))
    assert person.failures == []
    assert (day.check_in().state, day.check_in().outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.RELATIVE)
    assert ([request.urgency for request in day.requests()], day.escalations()) == (["yellow"], [])
    assert len(day.calls(PERSON)) == 1


def test_who_does_not_want_to_be_called_is_for_the_staff_today(day: Day) -> None:
    day.telephones(person=ANSWERS)
    person = day.somebody(PERSON, REFUSES)
    day.until(at("11:00"))
    assert person.failures == []
    assert (day.check_in().state, day.check_in().outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.REFUSED)


def test_who_has_no_time_is_rung_half_an_hour_later(day: Day) -> None:
    day.telephones(person=ANSWERS)
    person = day.somebody(PERSON, LATER, FINE)
    day.until(at("11:00"))
    assert person.failures == []
    assert (tries(day), day.check_in().outcome) == (["later", "fine"], CheckInOutcome.FINE)
    first, second = day.calls(PERSON)
    assert second.created_at - first.created_at >= timedelta(minutes=30)


# --- Who does not answer


def test_an_engaged_telephone_is_rung_again_a_quarter_of_an_hour_later(day: Day) -> None:
    day.telephones(person=(BUSY, ANSWERS))
    day.somebody(PERSON, FINE)
    day.until(at("11:00"))
    assert (tries(day), day.check_in().outcome) == (["busy", "fine"], CheckInOutcome.FINE)
    first, second = day.calls(PERSON)
    assert second.created_at - first.created_at == timedelta(minutes=15)


def test_a_machine_is_left_at_once_and_is_nobody(day: Day) -> None:
    day.telephones(person=(MACHINE, ANSWERS))
    day.somebody(PERSON, FINE)
    day.until(at("11:00"))
    assert (tries(day), day.requests()) == (["machine", "fine"], [])
    machine = day.calls(PERSON)[0]
    assert machine.duration_s is not None
    assert machine.duration_s < 10


def test_who_leaves_in_the_middle_is_rung_again(day: Day) -> None:
    day.telephones(person=ANSWERS)
    day.somebody(PERSON, LEAVES, FINE)
    day.until(at("11:00"))
    assert (tries(day), day.check_in().outcome) == (["hung_up", "fine"], CheckInOutcome.FINE)


def test_after_three_tries_people_look_for_them(tmp_path: Path) -> None:
    with a_day(tmp_path / "line", phone2=SECOND) as day:
        day.telephones(person=NO_ANSWER, second=FAILED, officer=ANSWERS)
        day.somebody(OFFICERS[0], TAKES)
        day.until(at("11:00"), over=lambda: day.check_in().state is CheckInState.DONE)
        assert tries(day) == ["no_answer", "no_answer", "failed"]
        assert [len(day.calls(number)) for number in (PERSON, SECOND)] == [2, 1]
        assert ended_with_somebody(day, "值班员1")
        assert (day.check_in().outcome, day.requests()[0].urgency) == (CheckInOutcome.UNREACHED, "orange")


# --- Who rings the line themselves


def test_a_call_that_ends_fine_closes_the_days_check_in(day: Day) -> None:
    day.telephones(person=BUSY)
    day.run(at("09:00"))
    errand = [
        ("hear", "menu.person"),
        ("press", "2"),
        ("hear", "help.ask"),
        ("say", "水管坏了"),
        ("hear", "help.other"),
    ]
    noted = [("press", "2"), ("hear", "readback.ask"), ("press", "1"), ("hear", "more.ask"), ("press", "1")]
    fine = [("hear", "checkin.pending"), ("hear", "checkin.health"), ("press", "1"), ("hear", "bye.noted")]
    caller = day.rings_the_line(*errand, *noted, *fine)
    assert caller.failures == []
    day.until(at("11:00"))
    assert (day.check_in().state, day.check_in().outcome) == (CheckInState.DONE, CheckInOutcome.FINE)
    assert len(day.calls(PERSON)) == 1


def test_a_cry_for_help_before_the_check_in_is_one_case_with_it(day: Day) -> None:
    day.telephones(person=ANSWERS, officer=(NO_ANSWER, ANSWERS))
    day.somebody(OFFICERS[0], TAKES)
    day.run(at("08:30"))
    caller = day.rings_the_line(("hear", "menu.urgent"), ("press", "1"), ("hear", "urgent.coming"), ("wait", 90))
    assert caller.failures == []
    day.until(at("11:00"), over=lambda: day.check_in().state is CheckInState.DONE)
    assert ended_with_somebody(day, "值班员1")
    assert (len(day.requests()), len(day.escalations()), day.calls(PERSON)) == (1, 1, [])
    assert day.check_in().request_id == day.requests()[0].id


# --- A network that does not behave


@pytest.mark.parametrize(
    "mishaps",
    [
        {"duplicate_status": True, "duplicate_webhooks": True},
        {"reorder_status": True},
        {"late_status": True},
    ],
    ids=["doubled", "reordered", "late"],
)
def test_a_network_that_repeats_and_reorders_changes_nothing(day: Day, mishaps: dict[str, bool]) -> None:
    day.telephones(person=(BUSY, ANSWERS))
    day.trouble(**mishaps)
    day.somebody(PERSON, FINE)
    day.until(at("11:00"))
    assert (tries(day), day.check_in().outcome) == (["busy", "fine"], CheckInOutcome.FINE)
    assert len(day.calls(PERSON)) == 2


def test_a_lost_end_is_asked_for(day: Day) -> None:
    day.telephones(person=(BUSY, ANSWERS))
    day.somebody(PERSON, FINE)
    day.trouble(drop_status=frozenset({"completed"}))
    day.run(at("09:00"))
    assert tries(day) == [None]
    day.trouble()
    day.run(at("09:03"))
    assert tries(day) == ["busy"]
    day.until(at("11:00"))
    assert (day.check_in().outcome, len(day.calls(PERSON))) == (CheckInOutcome.FINE, 2)


@pytest.mark.parametrize("fault", ["broken_after", "answer_lost"])
def test_a_call_whose_placing_got_no_answer_is_settled_by_its_callbacks(day: Day, fault: str) -> None:
    day.telephones(person=ANSWERS)
    day.somebody(PERSON, FINE)
    day.trouble(placing=fault)
    day.until(at("11:00"))
    assert (tries(day), day.check_in().outcome) == (["fine"], CheckInOutcome.FINE)
    assert len(day.calls(PERSON)) == 1


def test_a_call_of_which_nothing_is_heard_is_found_in_the_providers_list(day: Day) -> None:
    day.telephones(person=(NO_ANSWER, ANSWERS))
    day.somebody(PERSON, FINE)
    day.trouble(placing="broken_after", drop_status=frozenset(STATUS_EVENTS))
    day.run(at("09:00"))
    day.trouble()
    day.run(at("09:01"))
    assert tries(day) == ["no_answer"]
    day.until(at("11:00"))
    assert (day.check_in().outcome, len(day.calls(PERSON))) == (CheckInOutcome.FINE, 2)


def test_a_call_that_was_never_placed_is_given_up_and_counts_as_not_answered(day: Day) -> None:
    day.telephones(person=ANSWERS)
    day.somebody(PERSON, FINE)
    day.trouble(placing="broken")
    day.run(at("09:00"))
    day.trouble()
    for minute in range(1, 8):
        day.run(at(f"09:{minute:02}"))
    assert (tries(day), day.calls(PERSON)) == (["lost"], [])
    day.until(at("11:00"))
    assert (tries(day), day.check_in().outcome) == (["lost", "fine"], CheckInOutcome.FINE)


def test_a_provider_without_room_is_asked_again_and_it_is_no_try(day: Day) -> None:
    day.telephones(person=ANSWERS)
    day.somebody(PERSON, FINE)
    day.trouble(placing="too_many")
    day.run(at("09:00"))
    assert day.calls(PERSON) == []
    day.trouble()
    day.until(at("09:05"))
    assert (tries(day), len(day.calls(PERSON))) == (["fine"], 1)
