"""Somebody rings the line while their check-in of today is open: it is closed when they are fine, joined when not."""

from datetime import timedelta

import pytest

from care_records.models.check_ins import CheckInState
from care_records.models.requests import RequestStatus
from ivr.dialog.model import HangUp, Key, Turn
from tests.calls.line import NO_ANSWER, ONE, TWO, Line
from tests.calls.wellbeing import begin_try, check_in, plan, raised, ring

LISTEN = Key(key="3")


def asked_how_they_are(line: Line, sid: str = "CA2") -> Turn:
    """A call about something else, up to the question before the farewell."""
    turn = line.play(TWO, Key(key="1"), TWO, ONE, ONE, sid=sid)
    assert turn.then.type == "listen"
    assert turn.then.question == "checkin_health"
    return turn


def test_who_is_fine_need_not_be_rung(line: Line) -> None:
    plan(line)
    turn = asked_how_they_are(line)
    turn = line.answer(turn.number, ONE, "CA2")
    assert isinstance(turn.then, HangUp)
    found = check_in(line)
    assert (found.state, found.outcome, found.next_at) == (CheckInState.DONE, "fine", None)
    assert [(answer.question, answer.key) for answer in found.answers] == [("health", "1")]


def test_who_is_not_fine_has_one_case(line: Line) -> None:
    plan(line)
    turn = asked_how_they_are(line)
    line.answer(turn.number, TWO, "CA2")
    found, (escalation,) = check_in(line), raised(line)
    assert (found.state, found.flag, found.request_id) == (CheckInState.FOLLOW_UP, "red", escalation.request_id)


def test_a_cry_for_help_joins_the_check_in(line: Line) -> None:
    plan(line)
    line.play(ONE, NO_ANSWER)
    found, (request,), (escalation,) = check_in(line), line.requests(), raised(line)
    assert (found.state, found.outcome, found.request_id) == (CheckInState.FOLLOW_UP, "concern", request.id)
    assert escalation.request_id == request.id


def test_a_cry_for_help_joins_what_the_check_in_has_become_already(line: Line) -> None:
    ring(line, begin_try(line), ONE, ONE, TWO)
    (fall,), (escalation,) = line.requests(), raised(line)
    line.play(ONE, NO_ANSWER, sid="CA2")
    fell, cry = line.requests()
    assert (fell.id, fell.status, cry.status) == (fall.id, RequestStatus.CLOSED, RequestStatus.OPEN)
    assert [(one.id, one.request_id) for one in raised(line)] == [(escalation.id, cry.id)]
    assert check_in(line).request_id == cry.id


def test_what_was_noted_before_does_not_split_the_case_again(line: Line) -> None:
    ring(line, begin_try(line), ONE, ONE, TWO)
    turn = line.play(ONE, NO_ANSWER, sid="CA2")
    line.answer(turn.number, NO_ANSWER, "CA2")
    line.status("completed", sid="CA2")
    assert [request.status for request in line.requests()] == [RequestStatus.CLOSED, RequestStatus.OPEN]
    assert len(raised(line)) == 1


def test_whoever_says_nothing_of_how_they_are_is_rung_as_planned(line: Line) -> None:
    plan(line)
    line.play(LISTEN)
    line.status("completed")
    assert check_in(line).state is CheckInState.PLANNED


def test_tomorrow_is_another_day(line: Line) -> None:
    plan(line)
    tomorrow = line.at + timedelta(days=1)
    assert line.service.context_for("+8651200001234", line.at).pending is not None
    assert line.service.context_for("+8651200001234", tomorrow).pending is None


@pytest.mark.parametrize("number", [None, "+8651200007777"])
def test_a_stranger_has_no_check_in(line: Line, number: str | None) -> None:
    plan(line)
    assert line.service.context_for(number, line.at).pending is None
