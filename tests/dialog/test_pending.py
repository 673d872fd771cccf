"""Somebody rings the line whose check-in of today is still open: it is closed, or it joins what they ring about."""

import pytest

from ivr.dialog.model import CheckInAnswered, CheckInEnded
from tests.dialog.line import Line, make_check_in


def ringing(officers: int = 2, **brief: object) -> Line:
    return Line(pending=make_check_in(**brief), speech=True, officers=officers)


def done(line: Line) -> Line:
    """They have had a request taken, and nothing more is wanted."""
    return line.says("要送饭", "meals").presses("11")


def test_they_are_asked_how_they_are_before_the_farewell_and_being_fine_closes_it() -> None:
    line = done(ringing())
    assert line.said == ["checkin.pending", "checkin.health"]
    assert line.turn.say[0].slots == {"address_as": "张老"}
    line.presses("1")
    assert line.said == ["bye.noted"]
    assert line.hung_up
    assert line.latest[:2] == (CheckInAnswered(question="health", answer="fine"), CheckInEnded(result="fine"))
    assert line.outcomes == ["request_confirmed"]


def test_who_says_goodbye_is_asked_too() -> None:
    line = ringing().says("再见", "bye")
    assert line.asked == "checkin_health"
    assert line.says("都好", "fine").report == CheckInEnded(result="fine")
    assert line.outcomes == ["said_goodbye"]


def test_the_days_greeting_and_the_opening_of_a_round_are_not_lost() -> None:
    line = done(ringing(greeting="birthday", opening="今天很热。"))
    assert line.said == ["checkin.pending", "text", "checkin.health"]
    assert line.presses("1").said == ["checkin.birthday", "bye.noted"]


def test_feeling_unwell_rings_the_officers_at_once_and_the_check_in_joins_that_case() -> None:
    line = done(ringing()).presses("2")
    assert line.rings == 0
    assert line.opened[-1] == ("unwell", "red", "checkin_health")
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r2")


def test_an_alarm_is_joined_at_once_and_nobody_asks_afterwards() -> None:
    line = ringing().presses("1")
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r1")
    assert line.officer("answered").presses("1").said == ["bye.noted"]
    assert line.hung_up


def test_a_request_for_the_same_day_does_not_close_it_and_does_not_join_it() -> None:
    line = ringing().says("我头疼", "unwell", risk="yellow").presses("1").hangs_up()
    assert line.report is None


@pytest.mark.parametrize("at", ["menu", "question"])
def test_who_hangs_up_without_an_answer_leaves_it_open(at: str) -> None:
    line = ringing() if at == "menu" else done(ringing())
    assert line.hangs_up().report is None


def test_who_hangs_up_when_asked_for_a_key_about_a_danger_is_looked_after() -> None:
    line = done(ringing()).says("难受", "unwell", risk="red", confidence=0.4).hangs_up()
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r2")


@pytest.mark.parametrize("answer", ["#", "别问了"])
def test_who_does_not_want_to_be_asked_is_thanked_and_it_stays_open(answer: str) -> None:
    line = done(ringing())
    line = line.presses("#") if answer == "#" else line.says(answer, "refuse")
    assert line.said == ["bye.noted"]
    assert line.report is None


def test_who_says_nothing_to_it_has_gone_and_it_stays_open() -> None:
    line = done(ringing()).is_silent(3)
    assert line.hung_up
    assert line.report is None


def test_a_relative_who_rings_for_them_is_asked_about_them() -> None:
    line = done(ringing()).says("我是他女儿", "proxy")
    assert line.asked == "checkin_relative"
    assert line.presses("1").report == CheckInEnded(result="relative_fine", flag="yellow", ref="r2")


def test_nobody_is_asked_twice() -> None:
    line = done(ringing()).presses("0").officer("answered")
    assert line.asked == "more"
    assert line.presses("1").hung_up
