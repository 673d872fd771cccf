"""A check-in from its first try to one of its two ends."""

from datetime import time, timedelta
from typing import Any

import pytest

from care_records.models import CheckIn, HelpRequest, Pause, Person
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import CheckInPlan
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import check_ins, requests
from ivr.telephony.provider import ProviderFinal, ProviderRetryable
from tests.care_records.builders import make_officer
from tests.outbound.line import MONDAY, PHONE, PHONE2, Line, at, make_elder


def test_somebody_who_is_due_is_rung_at_their_time(line: Line) -> None:
    line.add(make_elder())
    line.run("08:59")
    assert line.rung == []
    line.run("09:00")
    assert line.rung == [PHONE]
    assert line.provider.calls[0].ring_s == 60
    assert line.check_in().state is CheckInState.CALLING


def test_three_tries_15_minutes_after_each_other_and_then_people(line: Line) -> None:
    line.add(make_elder(phone2=PHONE2), make_officer())
    line.tries(("09:00", "no_answer"))
    line.run("09:15")
    assert len(line.rung) == 1
    line.tries(("09:16", "busy"), ("09:32", "machine"))
    assert line.rung == [PHONE, PHONE, PHONE2]
    line.run("09:37")
    assert line.check_in().state is CheckInState.WAITING
    line.run("09:38")
    check_in, request = line.check_in(), line.request()
    assert (check_in.state, check_in.outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.UNREACHED)
    assert (request.urgency, request.category, request.id) == (Urgency.ORANGE, "check_in", check_in.request_id)
    assert line.escalation().request_id == request.id
    assert len(line.rung) == 4


def test_whoever_presses_1_ends_the_check_in_with_their_name(line: Line) -> None:
    officer = make_officer(name="值班员甲")
    line.add(make_elder(), officer)
    line.tries(("09:00", "no_answer"), ("09:16", "no_answer"), ("09:32", "no_answer"))
    line.run("09:38")
    with line.sessions.begin() as session:
        request = session.merge(line.request())
        requests.take(session, request, session.merge(officer), at("09:40"), resolve_after=timedelta(hours=1))
    check_in = line.check_in()
    assert (check_in.state, check_in.taken_by) == (CheckInState.DONE, "值班员甲")


def test_for_whoever_is_frail_and_alone_people_are_rung_beside_the_second_try(line: Line) -> None:
    line.add(make_elder(frail=True, lives_alone=True), make_officer(phone="+8651252889001"))
    line.tries(("09:00", "no_answer"))
    line.run("09:16")
    assert line.rung == [PHONE, PHONE, "+8651252889001"]
    check_in = line.check_in()
    assert (check_in.state, check_in.request_id) == (CheckInState.CALLING, line.request().id)


def test_a_fine_answer_beside_the_human_calls_leaves_the_case_with_people(line: Line) -> None:
    line.add(make_elder(frail=True, lives_alone=True))
    line.tries(("09:00", "no_answer"))
    line.run("09:16")
    line.ends("fine", "09:18")
    line.run("09:18")
    assert line.check_in().state is CheckInState.FOLLOW_UP
    assert line.request().status is RequestStatus.OPEN
    assert len(line.rung) == 2


def test_when_all_tries_beside_the_human_calls_fail_it_stays_one_case(line: Line) -> None:
    line.add(make_elder(frail=True, lives_alone=True))
    line.tries(("09:00", "no_answer"), ("09:16", "no_answer"), ("09:32", "no_answer"))
    line.run("09:38")
    check_in = line.check_in()
    assert (check_in.state, check_in.outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.UNREACHED)
    assert check_in.request_id == line.request().id


def test_a_person_without_a_number_is_a_task_for_staff_once_a_day(line: Line) -> None:
    line.add(make_elder(phone=None))
    for clock in ("08:30", "09:00", "15:00"):
        line.run(clock)
    check_in, request = line.check_in(), line.request()
    assert (check_in.outcome, request.reason, request.urgency) == (
        CheckInOutcome.NOT_CALLED,
        "no_number",
        Urgency.YELLOW,
    )
    line.run("08:30", MONDAY + timedelta(days=1))
    assert [row.reason for row in line.all(HelpRequest)] == ["no_number", "no_number"]


def test_a_number_that_is_none_is_never_dialled(line: Line) -> None:
    line.add(make_elder(phone="请打给女儿"))
    line.run("08:30")
    assert (line.rung, line.request().category) == ([], "bad_number")


def test_a_number_that_does_not_exist_is_a_task_and_the_second_one_is_rung_at_once(line: Line) -> None:
    line.provider.errors = [ProviderFinal("no such number", 21211)]
    line.add(make_elder(phone2=PHONE2))
    line.run("09:00")
    line.run("09:00:01")
    assert line.rung == [PHONE2]
    request = line.request()
    assert (request.category, request.urgency) == ("bad_number", Urgency.YELLOW)
    assert line.check_in().request_id is None


def test_a_bad_number_is_one_task_until_it_is_done(line: Line) -> None:
    line.add(make_elder(phone="12345", phone2=PHONE2))
    line.run("09:00")
    line.ends("fine", "09:01")
    line.run("09:01")
    line.run("09:00", MONDAY + timedelta(days=1))
    assert len(line.all(HelpRequest)) == 1
    assert line.rung == [PHONE2, PHONE2]


def test_a_person_whose_only_number_is_bad_is_kept_and_handed_over(line: Line) -> None:
    line.provider.errors = [ProviderFinal("no such number", 21217)]
    line.add(make_elder())
    line.run("09:00")
    check_in = line.check_in()
    assert (check_in.state, check_in.outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.NOT_CALLED)
    assert line.request().id == check_in.request_id
    assert len(line.all(Person)) == 1


@pytest.mark.parametrize("change", [{"consent_calls": False}, {"check_in_plan": CheckInPlan.NONE}])
def test_whoever_takes_their_consent_back_is_not_rung_any_more(line: Line, change: dict[str, Any]) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.change(Person, 1, **change)
    line.run("09:00")
    assert (line.rung, line.check_in().outcome) == ([], CheckInOutcome.NOT_CALLED)
    assert (line.request().reason, line.request().urgency) == ("not_wanted", Urgency.YELLOW)


def test_consent_taken_back_while_the_provider_has_no_room_stops_the_call(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("too many requests")]
    line.add(make_elder())
    line.run("09:00")
    line.change(Person, 1, consent_calls=False)
    line.run("09:01")
    assert (line.rung, line.check_in().outcome) == ([], CheckInOutcome.NOT_CALLED)


def test_a_number_that_is_corrected_while_the_provider_has_no_room_is_the_one_that_is_rung(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("too many requests")]
    line.add(make_elder())
    line.run("09:00")
    line.change(Person, 1, phone=PHONE2)
    line.run("09:01")
    assert line.rung == [PHONE2]


def test_a_new_slot_holds_from_the_next_day_on(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.change(Person, 1, check_in_slot=time(10))
    line.run("09:00")
    assert line.rung == [PHONE]
    line.ends("fine", "09:01")
    line.run("10:00", MONDAY + timedelta(days=1))
    assert line.all(CheckIn)[-1].due_at == at("10:00", MONDAY + timedelta(days=1))


def test_a_pause_that_begins_between_two_tries_is_an_end_with_a_name(line: Line) -> None:
    officer = make_officer(name="值班员甲")
    line.add(make_elder(), officer)
    line.tries(("09:00", "no_answer"))
    with line.sessions.begin() as session:
        check_ins.pause(session, 1, MONDAY, MONDAY, "住院", session.merge(officer), at("09:10"))
    line.run("09:16")
    check_in = line.check_in()
    assert (check_in.state, check_in.taken_by, check_in.reason) == (CheckInState.WITHDRAWN, "值班员甲", "住院")
    assert len(line.rung) == 1


def test_a_pause_of_nobody_in_particular_leaves_the_day_to_staff(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.add(Pause(person_id=1, first_day=MONDAY, last_day=MONDAY, created_at=at("07:00")))
    line.run("09:00")
    assert (line.rung, line.request().reason) == ([], "paused")


def test_an_outage_over_a_whole_window_makes_up_for_it_in_the_next_one(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.run("13:00")
    assert line.rung == []
    line.run("14:30")
    assert line.rung == [PHONE]


def test_a_call_that_could_not_go_out_within_its_window_is_no_try(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("503 before anything was sent")] * 2
    line.add(make_elder(check_in_slot=time(10, 59)))
    line.run("10:59")
    line.run("11:00")
    assert (line.provider.asked_to_place, line.check_in().state) == (1, CheckInState.WAITING)
    line.run("14:30:05")
    line.run("14:31")
    assert line.rung == [PHONE]


def test_no_check_in_is_rung_after_it_was_closed_by_a_call_from_the_person(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("too many requests")]
    line.add(make_elder())
    line.run("09:00")
    with line.sessions.begin() as session:
        assert check_ins.close_fine(session, session.get_one(CheckIn, 1), at("09:00:03"))
    line.run("09:01")
    assert (line.rung, line.check_in().outcome) == ([], CheckInOutcome.FINE)


def test_what_a_conversation_found_without_saying_whom_it_was_with_is_still_handed_over(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.ends("silent", "09:01")
    line.run("09:01")
    assert line.check_in().outcome is CheckInOutcome.SILENT
    assert (line.request().urgency, line.escalation().next_at) == (Urgency.RED, at("09:04"))
