"""Wellbeing calls as the records keep them: planned once, tried in turn, and ended in one of two ways."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from care_records.models import Call, CheckIn, CheckInAnswer, HelpRequest, OutboundCall, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import Urgency
from care_records.services import check_ins, outbound_calls, requests
from tests.care_records.builders import NOW, make_call, make_check_in, make_officer, make_person, make_request

HOUR = timedelta(hours=1)
TODAY = NOW.date()
PHONE = "+8651200001234"
OPEN = (CheckInState.PLANNED, CheckInState.CALLING, CheckInState.WAITING)


def stored(session: Session, **values: Any) -> CheckIn:
    check_in = make_check_in(**values)
    session.add(check_in)
    session.flush()
    return check_in


def planned(person_id: int, **values: Any) -> check_ins.Planned:
    defaults: dict[str, Any] = {"day": TODAY, "due_at": NOW, "weekly": False}
    return check_ins.Planned(person_id, **defaults | values)


@pytest.fixture
def officer(session: Session) -> Staff:
    officer = make_officer(name="王值班")
    session.add(officer)
    session.flush()
    return officer


@pytest.fixture
def request_(session: Session) -> HelpRequest:
    request = make_request(urgency=Urgency.ORANGE)
    session.add(request)
    session.flush()
    return request


# --- Planning


def test_a_person_has_one_check_in_a_day_and_occasion(session: Session) -> None:
    person = make_person()
    session.add(person)
    session.flush()
    rows = [planned(person.id), planned(person.id, day=TODAY + timedelta(days=1))]

    assert check_ins.plan(session, rows, NOW) == 2
    assert check_ins.plan(session, [*rows, planned(person.id, occasion="round-1")], NOW) == 1
    assert check_ins.plan(session, [], NOW) == 0


def test_what_was_planned_is_not_planned_anew(session: Session) -> None:
    person = make_person()
    session.add(person)
    session.flush()
    check_ins.plan(session, [planned(person.id, weekly=True)], NOW)
    check_ins.plan(session, [planned(person.id, due_at=NOW + HOUR)], NOW)

    (check_in,) = session.scalars(select(CheckIn))
    assert (check_in.due_at, check_in.next_at, check_in.weekly) == (NOW, NOW, True)
    assert (check_in.state, check_in.tries) == (CheckInState.PLANNED, 0)


def test_more_than_fit_into_one_statement_are_planned(session: Session) -> None:
    person = make_person()
    session.add(person)
    session.flush()
    rows = [planned(person.id, day=TODAY + timedelta(days=days)) for days in range(3000)]

    assert check_ins.plan(session, rows, NOW) == 3000


def test_the_longest_due_comes_first_and_what_people_have_does_not_come(session: Session) -> None:
    late = stored(session, next_at=NOW - HOUR, state=CheckInState.WAITING)
    now = stored(session)
    stored(session, next_at=NOW + HOUR)
    stored(session, state=CheckInState.CALLING, next_at=None)
    stored(session, state=CheckInState.FOLLOW_UP)

    assert check_ins.due(session, NOW, 10) == [late.id, now.id]
    assert check_ins.due(session, NOW, 1) == [late.id]


@pytest.mark.parametrize("state", [*OPEN, CheckInState.FOLLOW_UP])
def test_a_caller_may_close_what_is_open(session: Session, state: CheckInState) -> None:
    check_in = stored(session, state=state)

    assert check_ins.pending(session, check_in.person_id, TODAY) is check_in
    assert check_ins.pending(session, check_in.person_id, TODAY + timedelta(days=1)) is None


def test_what_has_ended_is_not_pending_and_the_days_own_comes_before_a_rounds(session: Session) -> None:
    person = make_person()
    stored(session, person=person, state=CheckInState.DONE, outcome=CheckInOutcome.FINE)
    assert check_ins.pending(session, person.id, TODAY) is None

    other = make_person()
    stored(session, person=other, occasion="round-1", due_at=NOW - HOUR, round_id=None)
    daily = stored(session, person=other, due_at=NOW - 2 * HOUR)
    assert check_ins.pending(session, other.id, TODAY) is daily


# --- Tries


def test_a_try_is_a_call_to_be_placed(session: Session) -> None:
    check_in = stored(session)
    call = check_ins.begin_try(session, check_in, PHONE, NOW)

    assert call is not None
    assert (call.state, call.number, call.to_number, call.due_at) == (OutboundCallState.READY, 1, PHONE, NOW)
    assert (check_in.state, check_in.tries, check_in.next_at) == (CheckInState.CALLING, 1, None)
    assert check_in.tried == [call]


def test_while_one_try_goes_on_there_is_no_other(session: Session) -> None:
    check_in = stored(session)
    check_ins.begin_try(session, check_in, PHONE, NOW)

    assert check_ins.begin_try(session, check_in, PHONE, NOW) is None
    assert len(session.scalars(select(OutboundCall)).all()) == 1


def test_tries_are_counted_and_the_clock_of_the_next_starts_when_one_has_ended(session: Session) -> None:
    check_in = stored(session)
    for number in (1, 2, 3):
        call = check_ins.begin_try(session, check_in, PHONE, NOW)
        assert call is not None
        assert call.number == number
        assert outbound_calls.ended(session, call, result="no_answer", at=NOW + HOUR)
        assert check_in.next_at == NOW + HOUR
        assert check_ins.wait(session, check_in, NOW + 2 * HOUR)
        assert (check_in.state, check_in.next_at) == (CheckInState.WAITING, NOW + 2 * HOUR)


def test_one_that_has_not_been_tried_stays_planned_when_it_is_put_off(session: Session) -> None:
    check_in = stored(session)

    assert check_ins.wait(session, check_in, NOW + HOUR)
    assert (check_in.state, check_in.next_at) == (CheckInState.PLANNED, NOW + HOUR)


@pytest.mark.parametrize("state", [CheckInState.FOLLOW_UP, CheckInState.DONE])
def test_what_is_no_longer_the_lines_is_neither_tried_nor_put_off(session: Session, state: CheckInState) -> None:
    check_in = stored(session, state=state, outcome=CheckInOutcome.FINE, next_at=None)

    assert check_ins.begin_try(session, check_in, PHONE, NOW) is None
    assert not check_ins.wait(session, check_in, NOW)
    check_ins.try_ended(session, check_in, NOW)
    assert (check_in.state, check_in.next_at, check_in.tries) == (state, None, 0)


# --- Answers


@pytest.fixture
def call(session: Session) -> Call:
    call = make_call()
    session.add(call)
    session.flush()
    return call


def answer(session: Session, check_in: CheckIn, call: Call, question: str, **values: Any) -> None:
    defaults: dict[str, Any] = {"answer": "fine", "by": "person", "key": "1", "heard": None, "confidence": None}
    check_ins.answered(session, check_in, call, question=question, **defaults | {"flag": None, "at": NOW} | values)


def test_an_answer_is_written_down_once(session: Session, call: Call) -> None:
    check_in = stored(session)
    answer(session, check_in, call, "checkin_health")
    answer(session, check_in, call, "checkin_health", answer="not_fine", flag="red", key="2")

    (written,) = check_in.answers
    assert (written.answer, written.key, written.flag, written.by) == ("fine", "1", None, "person")
    assert check_in.flag is None


def test_the_next_call_may_be_answered_differently(session: Session, call: Call) -> None:
    check_in = stored(session)
    again = make_call()
    session.add(again)
    session.flush()
    answer(session, check_in, call, "checkin_meals")
    answer(session, check_in, again, "checkin_meals", answer="not_fine", flag="yellow", heard="吃不\x00下", key=None)

    assert [written.answer for written in check_in.answers] == ["fine", "not_fine"]
    assert check_in.answers[1].heard == "吃不下"


def test_the_gravest_flag_is_kept(session: Session, call: Call) -> None:
    check_in = stored(session)
    flags = []
    for question, flag in (("a", "yellow"), ("b", "red"), ("c", "orange"), ("d", None)):
        answer(session, check_in, call, question, flag=flag)
        flags.append(check_in.flag)

    assert flags == [Urgency.YELLOW, Urgency.RED, Urgency.RED, Urgency.RED]


# --- Ends


@pytest.mark.parametrize("state", OPEN)
def test_whoever_is_fine_closes_it(session: Session, state: CheckInState) -> None:
    check_in = stored(session, state=state)

    assert check_ins.close_fine(session, check_in, NOW)
    assert (check_in.state, check_in.outcome, check_in.ended_at) == (CheckInState.DONE, CheckInOutcome.FINE, NOW)
    assert check_in.next_at is None
    assert not check_ins.close_fine(session, check_in, NOW + HOUR)
    assert check_in.ended_at == NOW


def test_a_case_is_not_closed_by_the_person_but_hears_of_it(session: Session, request_: HelpRequest) -> None:
    check_in = stored(session)
    hand_over(session, check_in, request_)

    assert not check_ins.close_fine(session, check_in, NOW)
    assert (check_in.state, check_in.outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.UNREACHED)
    assert request_.history[-1].note == "本人在电话里说平安。"


@pytest.mark.parametrize("state", [CheckInState.DONE, CheckInState.WITHDRAWN])
def test_no_check_in_ends_with_nobody(session: Session, state: CheckInState) -> None:
    check_in = stored(session)
    check_in.state = state
    check_in.outcome = CheckInOutcome.UNREACHED

    with pytest.raises(IntegrityError, match="ends_with_somebody"):
        session.flush()


def hand_over(session: Session, check_in: CheckIn, request: HelpRequest, **values: Any) -> bool:
    defaults: dict[str, Any] = {"outcome": CheckInOutcome.UNREACHED, "flag": Urgency.ORANGE, "at": NOW}
    return check_ins.hand_over(session, check_in, request=request, **defaults | values)


@pytest.mark.parametrize("state", OPEN)
def test_what_the_line_cannot_end_is_somebodys_work(
    session: Session, request_: HelpRequest, state: CheckInState
) -> None:
    check_in = stored(session, state=state)

    assert hand_over(session, check_in, request_)
    assert (check_in.state, check_in.outcome, check_in.flag) == (
        CheckInState.FOLLOW_UP,
        CheckInOutcome.UNREACHED,
        Urgency.ORANGE,
    )
    assert (check_in.request, check_in.next_at) == (request_, None)
    assert not hand_over(session, check_in, request_)


def test_handing_over_what_somebody_has_taken_already_ends_it_with_them(
    session: Session, request_: HelpRequest, officer: Staff
) -> None:
    """They ring themselves, an officer takes the request, and only then the conversation about the check-in ends."""
    check_in = stored(session)
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)

    assert hand_over(session, check_in, request_, outcome=CheckInOutcome.CONCERN)
    assert (check_in.state, check_in.taken_by, check_in.taken_by_id) == (CheckInState.DONE, "王值班", officer.id)


def test_a_graver_flag_is_not_lowered_when_it_is_handed_over(session: Session, request_: HelpRequest) -> None:
    check_in = stored(session, flag=Urgency.RED)
    hand_over(session, check_in, request_, flag=Urgency.YELLOW)

    assert check_in.flag is Urgency.RED


def test_for_the_frail_and_alone_the_line_goes_on_trying_while_people_look(
    session: Session, request_: HelpRequest
) -> None:
    check_in = stored(session, state=CheckInState.WAITING, tries=1)

    assert hand_over(session, check_in, request_, tries_go_on=True)
    assert not hand_over(session, check_in, request_, tries_go_on=True)
    assert check_ins.due(session, NOW, 10) == [check_in.id]
    assert check_ins.begin_try(session, check_in, PHONE, NOW) is not None

    assert not check_ins.close_fine(session, check_in, NOW)
    assert (check_in.state, check_in.next_at) == (CheckInState.FOLLOW_UP, None)


def test_after_the_last_of_those_tries_it_is_with_people_alone(session: Session, request_: HelpRequest) -> None:
    check_in = stored(session, state=CheckInState.WAITING, tries=3)
    hand_over(session, check_in, request_, tries_go_on=True)

    assert hand_over(session, check_in, request_)
    assert (check_in.state, check_in.request) == (CheckInState.FOLLOW_UP, request_)


def test_somebody_who_was_seen_need_not_be_called(session: Session, officer: Staff) -> None:
    check_in = stored(session)

    assert check_ins.mark_seen(session, check_in, officer, "在活动中心见到了", NOW)
    assert (check_in.state, check_in.taken_by, check_in.reason) == (
        CheckInState.WITHDRAWN,
        "王值班",
        "在活动中心见到了",
    )
    assert not check_ins.mark_seen(session, check_in, officer, "又见到了", NOW)


def test_a_case_is_taken_and_not_taken_back(session: Session, officer: Staff, request_: HelpRequest) -> None:
    check_in = stored(session, state=CheckInState.WAITING)
    hand_over(session, check_in, request_, tries_go_on=True)

    assert not check_ins.mark_seen(session, check_in, officer, "见到了", NOW)
    assert not check_ins.withdraw(session, check_in, officer, "不用打", NOW)


def test_what_is_being_called_is_taken_back_when_the_call_has_ended(session: Session, officer: Staff) -> None:
    check_in = stored(session)
    call = check_ins.begin_try(session, check_in, PHONE, NOW)
    assert call is not None
    assert not check_ins.withdraw(session, check_in, officer, "住院了", NOW)

    outbound_calls.ended(session, call, result="busy", at=NOW)
    assert check_ins.withdraw(session, check_in, officer, "住院了", NOW)
    assert (check_in.taken_by, check_in.reason) == ("王值班", "住院了")


# --- Pauses


def pause(session: Session, person_id: int, officer: Staff, first: date, last: date) -> None:
    check_ins.pause(session, person_id, first, last, "住院", officer, NOW)


def test_a_pause_holds_from_its_first_to_its_last_day(session: Session, officer: Staff) -> None:
    person, other = make_person(), make_person()
    session.add_all([person, other])
    session.flush()
    pause(session, person.id, officer, TODAY, TODAY + timedelta(days=2))

    days = [TODAY + timedelta(days=offset) for offset in range(-1, 4)]
    paused = [check_ins.paused(session, [person.id, other.id], day) for day in days]
    assert paused == [set(), {person.id}, {person.id}, {person.id}, set()]


def test_a_pause_takes_back_what_has_not_begun(session: Session, officer: Staff) -> None:
    person = make_person()
    today = stored(session, person=person)
    later = stored(session, person=person, day=TODAY + timedelta(days=5))
    begun = stored(session, person=person, occasion="round-1", state=CheckInState.WAITING, tries=1)
    pause(session, person.id, officer, TODAY, TODAY + timedelta(days=4))
    session.expire_all()

    assert (today.state, today.taken_by, today.reason) == (CheckInState.WITHDRAWN, "王值班", "住院")
    assert (later.state, begun.state) == (CheckInState.PLANNED, CheckInState.WAITING)


def test_a_pause_that_ends_before_it_begins_is_refused(session: Session, officer: Staff) -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        pause(session, 1, officer, TODAY, TODAY - timedelta(days=1))


def test_who_is_taken_off_the_roster_takes_their_check_ins_with_them(session: Session, call: Call) -> None:
    check_in = stored(session)
    answer(session, check_in, call, "checkin_health")
    check_ins.begin_try(session, check_in, PHONE, NOW)
    session.commit()
    session.delete(check_in.person)
    session.commit()

    for table in (CheckIn, CheckInAnswer, OutboundCall):
        assert session.scalars(select(table)).all() == []
