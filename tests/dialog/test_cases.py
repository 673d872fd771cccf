"""The helper's calls: taking a case by key, hearing it out, and saying that it is resolved."""

from typing import Any

import pytest

from ivr.dialog import trouble
from ivr.dialog.cases import TROUBLES
from ivr.dialog.model import CaseResolved, CaseTaken, EndCall, Heard, Listen, MachineAnswered, Prompt, Utterance
from tests.dialog.line import Line, make_case
from tests.dialog.texts import TEXTS

TAKEN, RESOLVED = CaseTaken(escalation_id=3), CaseResolved(escalation_id=3)


def rung(**case: Any) -> Line:
    return Line(case=make_case(**case), speech=True)


def ringing(*escalations: int) -> Line:
    return Line(cases=tuple(make_case(number) for number in escalations), person_first=True)


def test_the_helper_hears_whom_it_is_about_and_what_has_happened() -> None:
    line = rung()
    assert line.said == ["case.hello", "case.about", "case.take"]
    assert line.turn.say[1].slots == {"person": "张三", "matter": "@trouble.fell"}
    assert TEXTS["case.hello"] == "彩虹桥热线紧急求助。"


def test_how_long_it_has_been_is_said_when_it_has_been_long() -> None:
    assert rung(minutes=12).turn.say[2] == Prompt(key="case.since", slots={"minutes": "12"})


def test_a_helper_is_not_listened_to() -> None:
    assert rung().turn.then == Listen(question="case_offer", kind="menu", keys="10*#", speech=False)
    red = Utterance(text="救命", meaning=Heard(intent="emergency", risk="red"), confidence=1.0)
    assert rung().happens(red).latest == ()


def test_1_takes_the_case_and_the_rest_is_read_out_slowly() -> None:
    line = rung().presses("1")
    assert line.latest == (TAKEN,)
    assert line.turn.slow
    assert line.said == ["case.person", "case.address", "case.phone", "case.handed", "case.done"]
    assert line.turn.say[2].slots == {"phone": "13812345678"}
    assert line.hangs_up().outcomes == ["case_taken"]


@pytest.mark.parametrize(("phone", "read_out"), [("+8651252880001", "051252880001"), ("+33123456789", "+33123456789")])
def test_a_number_is_read_out_as_one_dials_it(phone: str, read_out: str) -> None:
    assert rung(phone=phone).presses("1").turn.say[2].slots == {"phone": read_out}


def test_what_is_not_known_is_left_out() -> None:
    assert rung(phone=None, address="").presses("1").said == ["case.person", "case.handed", "case.done"]


def test_the_star_reads_it_out_again_and_2_resolves_it() -> None:
    line = rung().presses("1*")
    assert line.said[0] == "case.person"
    line.presses("2")
    assert line.latest == (RESOLVED, EndCall(outcome="case_resolved"))
    assert line.said == ["case.resolved", "case.bye"]


@pytest.mark.parametrize("keys", ["", "222", "0", "999"])
def test_no_1_is_no_yes_and_somebody_else_is_looked_for(keys: str) -> None:
    line = rung().presses(keys).is_silent(max(0, 3 - len(keys)))
    assert line.said == ["case.nobody"]
    assert line.effects == [EndCall(outcome="case_not_taken")]


def test_the_case_is_told_again_at_every_try() -> None:
    assert rung().is_silent().said == ["case.hello", "case.about", "case.take"]


def test_hanging_up_before_1_takes_nothing() -> None:
    assert rung().hangs_up().effects == [EndCall(outcome="case_not_taken")]


def test_a_helper_who_has_taken_it_and_says_no_more_keeps_it() -> None:
    line = rung().presses("1").is_silent(3)
    assert line.said == ["case.bye"]
    assert line.outcomes == ["case_taken"]


def test_a_machine_takes_no_case() -> None:
    line = rung().happens(MachineAnswered())
    assert line.hung_up
    assert line.effects == [EndCall(outcome="machine")]


def test_who_has_pressed_1_is_no_machine() -> None:
    assert rung().presses("1").happens(MachineAnswered()).asked == "case_details"


def test_who_has_taken_it_before_is_asked_whether_it_is_resolved() -> None:
    line = rung(taken=True, minutes=61)
    assert line.said == ["case.hello", "case.yours", "case.since", "case.still"]
    assert line.presses("1").latest == (TAKEN,)
    assert line.asked == "case_details"
    assert rung(taken=True).presses("2").latest == (RESOLVED, EndCall(outcome="case_resolved"))


def test_who_has_taken_it_before_and_does_not_answer_is_not_counted_on() -> None:
    assert rung(taken=True).is_silent(3).outcomes == ["case_not_taken"]


# --- A helper rings the line ---------------------------------------------------------------------------------------


def test_a_helper_who_rings_in_is_asked_about_each_of_their_cases_and_then_has_the_menu() -> None:
    line = ringing(3, 4)
    assert line.said == ["greeting.hello", "greeting.recorded", "case.yours", "case.still"]
    line.presses("2")
    assert line.latest == (RESOLVED,)
    assert line.said == ["case.resolved", "case.yours", "case.still"]
    assert line.presses("1").latest == (CaseTaken(escalation_id=4),)
    assert line.asked == "menu"
    assert line.hangs_up().outcomes == ["case_taken"]


@pytest.mark.parametrize("way", ["#", "silence"])
def test_a_helper_who_rings_about_something_else_gets_the_menu(way: str) -> None:
    line = ringing(3, 4)
    line = line.presses("#") if way == "#" else line.is_silent(3)
    assert line.asked == "menu"
    assert line.effects == []


def test_a_helper_in_need_is_a_caller_like_any_other() -> None:
    assert ringing(3).presses("0").rings == 0


@pytest.mark.parametrize("category", TROUBLES)
def test_an_alarm_is_told_in_words_of_its_own(category: str) -> None:
    assert trouble(category, "您有急事") == f"@trouble.{category}"


def test_any_other_case_is_told_as_it_stands_unless_it_speaks_to_the_caller() -> None:
    assert trouble("check_in", "问候电话没有人接") == "问候电话没有人接"
    assert trouble("meals", "您要送饭、买菜") == "@trouble.other"
    assert trouble("check_in", "") == "@trouble.other"
