"""How a wellbeing call ends when it does not end with thanks: put off, not wanted, hung up, a machine."""

import pytest

from ivr.dialog.model import CheckInEnded, EndCall, MachineAnswered
from tests.dialog.line import Line, make_check_in


def called(**known: object) -> Line:
    return Line(check_in=make_check_in(**known), speech=True)


@pytest.mark.parametrize("words", ["等会儿再打", "晚点打", "我在忙", "没空", "在吃饭"])
@pytest.mark.parametrize("before", ["", "1", "11", "2"])
def test_who_has_no_time_is_rung_later(before: str, words: str) -> None:
    line = called().presses(before).says(words, "wait" if words.startswith("等") else "refuse")
    assert line.said == ["checkin.later"]
    assert line.report == CheckInEnded(result="later")
    assert line.outcomes == ["later"]


@pytest.mark.parametrize("before", ["", "1", "11", "2"])
def test_the_hash_key_asks_whether_later_or_not_today(before: str) -> None:
    line = called().presses(before).presses("#")
    assert line.said == ["checkin.when"]
    assert line.presses("1").report == CheckInEnded(result="later")


def test_the_hash_key_then_2_is_a_refusal_that_staff_look_into() -> None:
    line = called().presses("#2")
    assert line.said == ["checkin.refused"]
    assert line.opened == [("check_in", "yellow", "refused")]
    assert line.report == CheckInEnded(result="refused", flag="yellow", ref="r1")


@pytest.mark.parametrize("ending", ["hang_up", "silence"])
def test_who_has_pressed_hash_and_does_no_more_is_rung_later(ending: str) -> None:
    line = called().presses("#")
    line = line.hangs_up() if ending == "hang_up" else line.is_silent(3)
    assert line.report == CheckInEnded(result="later")


@pytest.mark.parametrize("words", ["别再打了", "不要打来了", "不想接电话"])
def test_who_wants_no_such_calls_is_not_argued_with(words: str) -> None:
    line = called().says(words, "refuse")
    assert line.said == ["checkin.refused"]
    assert line.report == CheckInEnded(result="refused", flag="yellow", ref="r1")


def test_a_refusal_that_was_barely_heard_asks_for_a_key() -> None:
    assert called().says("别再打了", "refuse", confidence=0.5).asked == "checkin_when"


def test_a_call_later_that_was_barely_heard_asks_for_a_key() -> None:
    assert called().says("晚点打", "refuse", confidence=0.5).asked == "checkin_when"


@pytest.mark.parametrize("keys", ["", "1", "11", "2"])
@pytest.mark.parametrize("in_words", [False, True])
def test_who_leaves_before_they_have_confirmed_that_they_are_fine_has_not_answered(keys: str, in_words: bool) -> None:
    line = called().presses(keys)
    line = line.says("再见", "bye") if in_words else line.hangs_up()
    assert line.report == CheckInEnded(result="hung_up")
    assert line.outcomes == ["hung_up"]
    assert line.opened == []


@pytest.mark.parametrize("keys", ["111", "1111", "11111", "111111"])
def test_who_leaves_after_saying_that_they_are_well_and_have_not_fallen_is_fine(keys: str) -> None:
    line = called(weekly=True).presses(keys).hangs_up()
    assert line.report == CheckInEnded(result="fine")
    assert line.latest[-1] == EndCall(outcome="fine")


@pytest.mark.parametrize("words", ["再见", "我在忙", "别再打了"])
def test_who_is_fine_and_has_had_enough_is_thanked_and_not_rung_again(words: str) -> None:
    line = called().presses("111").says(words, "bye" if words == "再见" else "refuse")
    assert line.said == ["checkin.bye"]
    assert line.report == CheckInEnded(result="fine")


def test_who_leaves_after_something_for_the_same_day_is_looked_after() -> None:
    line = called().presses("1112").hangs_up()
    assert line.opened == [("wellbeing", "yellow", "checkin_meals")]
    assert line.report == CheckInEnded(result="concern", flag="yellow", ref="r1")


def test_who_leaves_before_saying_what_help_they_want_is_called_back_and_fine() -> None:
    line = called().presses("11112").hangs_up()
    assert line.opened == [("callback", "normal", "hung_up_in_help")]
    assert line.report == CheckInEnded(result="fine")


def test_who_leaves_while_officers_are_rung_for_an_alarm_is_reported_already() -> None:
    line = called().presses("1").says("喘不上气", "red_flag", risk="red")
    report = line.report
    assert line.hangs_up().report == report
    assert line.outcomes == ["urgent_unanswered"]


def test_who_leaves_while_officers_are_rung_because_they_were_silent_stays_silent() -> None:
    line = called().is_silent(3).hangs_up()
    assert line.report == CheckInEnded(result="silent", flag="red", ref="r1")
    assert line.outcomes == ["silent"]


def test_who_leaves_when_asked_about_a_danger_is_a_concern() -> None:
    line = called().presses("1").says("胸闷", "red_flag", risk="red", confirm=True).hangs_up()
    assert line.opened == [("emergency", "red", "hung_up_in_risk")]
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r1")


def test_after_the_end_nothing_changes_any_more() -> None:
    line = called().hangs_up()
    known = list(line.effects)
    line.presses("11111").hangs_up().happens(MachineAnswered())
    assert line.effects == known


# --- Machines ------------------------------------------------------------------------------------------------------


def test_a_machine_is_hung_up_on_without_a_word() -> None:
    line = called().happens(MachineAnswered())
    assert line.hung_up
    assert line.said == []
    assert line.effects == [CheckInEnded(result="machine"), EndCall(outcome="machine")]


def test_a_machine_that_talks_is_a_machine() -> None:
    line = called().says("您拨打的电话无法接听", None).happens(MachineAnswered())
    assert line.report == CheckInEnded(result="machine")


@pytest.mark.parametrize("keys", ["1", "2", "7", "11", "*"])
def test_who_has_pressed_a_key_is_no_machine(keys: str) -> None:
    line = called().presses(keys)
    asked, number = line.asked, line.turn.number
    line.happens(MachineAnswered())
    assert (line.asked, line.turn.number, line.latest) == (asked, number, ())


def test_who_has_answered_in_words_is_no_machine() -> None:
    assert not called().says("是的", "yes").happens(MachineAnswered()).hung_up


def test_a_silent_call_that_has_become_an_alarm_stays_one() -> None:
    line = called().is_silent(3).happens(MachineAnswered())
    assert line.rings == 0
    assert line.report is not None
    assert line.report.result == "silent"


def test_nobody_who_rings_the_line_is_a_machine() -> None:
    assert Line().happens(MachineAnswered()).asked == "menu"
