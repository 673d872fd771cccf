"""A person on the line, a message when there is none, and standing by."""

import pytest

from ivr.dialog.model import TransferEnded
from tests.dialog.line import Line


def test_0_rings_the_officers_in_order_and_then_takes_a_message() -> None:
    line = Line().presses("0")
    assert (line.rings, line.said) == (0, ["person.calling"])
    line.officer("no_answer")
    assert (line.rings, line.said) == (1, ["person.still"])
    line.officer("busy")
    assert line.said == ["person.nobody", "message.end"]
    assert line.opened == [("person", "normal", "nobody_answered")]


def test_asking_for_a_person_in_words_is_pressing_0() -> None:
    assert Line(speech=True).says("找工作人员", "human").rings == 0


def test_the_request_is_open_before_the_message_is_spoken() -> None:
    line = Line(officers=0).presses("0").hangs_up()
    assert line.opened == [("person", "normal", "nobody_answered")]
    assert line.outcomes == ["callback_promised"]


def test_a_message_goes_with_the_request() -> None:
    line = Line(officers=0).presses("0").records("RE4", key="1")
    assert line.known("r1") == {"recording_sid": "RE4"}
    assert line.said == ["message.kept", "more.ask"]
    assert line.presses("1").outcomes == ["message_left"]


@pytest.mark.parametrize(("seconds", "kept"), [(6.0, True), (None, True), (0.4, False)])
def test_a_recording_ended_by_key_is_kept_unless_it_is_only_the_key(seconds: float | None, kept: bool) -> None:
    line = Line(officers=0).presses("0").records("RE4", seconds=seconds, key="1")
    assert (line.said[0] == "message.kept") == kept


def test_a_long_message_that_sounds_like_a_command_is_a_message() -> None:
    line = Line(officers=0, speech=True).presses("0").says("我刚才说的你们没有听清楚吧", "repeat")
    assert line.said[0] == "message.kept"


def test_who_leaves_no_message_is_called_back_all_the_same() -> None:
    line = Line(officers=0).presses("0").is_silent(2)
    assert line.said == ["message.nothing", "more.ask"]
    assert len(line.requests) == 1


@pytest.mark.parametrize("key", ["1", "#"])
def test_who_has_nothing_to_say_may_say_so_by_key(key: str) -> None:
    assert Line(officers=0).presses("0").presses(key).said == ["message.nothing", "more.ask"]


def test_0_instead_of_a_message_rings_again_and_the_sound_before_it_is_no_message() -> None:
    line = Line().presses("0").officer("busy", "busy").records(key="0")
    assert line.rings == 0
    assert line.officer("busy", "busy").asked == "message"
    assert len(line.requests) == 1


def test_who_has_been_promised_a_call_and_stays_silent_is_stood_by() -> None:
    assert Line(officers=0).presses("0").is_silent(2).is_silent(3).asked == "standby"


def test_asking_for_a_person_again_without_a_message_does_not_open_another_request() -> None:
    assert len(Line(officers=0).presses("0000").requests) == 1


def test_a_second_message_is_a_second_request_so_that_the_first_is_not_overwritten() -> None:
    line = Line(officers=0).presses("0").records("RE1").presses("0").records("RE2")
    assert [line.known(request.ref)["recording_sid"] for request in line.requests] == ["RE1", "RE2"]


def test_after_talking_with_a_person_the_caller_is_asked_for_anything_else() -> None:
    line = Line().presses("0").officer("answered")
    assert line.asked == "more"
    assert line.requests == []
    assert line.presses("1").said == ["bye.plain"]
    assert line.outcomes == ["put_through"]


def test_hanging_up_while_a_person_is_rung_means_a_call_back() -> None:
    line = Line().presses("0").hangs_up()
    assert line.opened == [("callback", "normal", "hung_up_ringing")]
    assert [e.outcome for e in line.latest if isinstance(e, TransferEnded)] == ["caller_left"]


@pytest.mark.parametrize("keys", ["", "2", "3", "31", "32", "01", "321", "1"])
def test_0_reaches_a_person_from_anywhere(keys: str) -> None:
    assert Line().presses(keys).presses("0").rings is not None


def test_a_caller_who_never_says_a_thing_may_be_in_danger() -> None:
    line = Line().is_silent(3)
    assert line.opened == [("silent", "orange", "silent")]
    assert line.rings == 0
    assert line.said == ["confused.person"]


def test_the_line_stays_with_a_silent_caller_and_rings_the_officers_every_third_round() -> None:
    line = Line().is_silent(3).officer("busy", "busy").is_silent(2)
    assert line.said == ["message.nothing", "standby.here", "standby.ask"]
    for _ in range(4):
        line.is_silent(2)
        assert line.asked == "standby"
        assert line.is_silent().rings == 0
        line.officer("busy", "busy")
        assert line.asked == "standby"
    assert len(line.requests) == 1
    assert line.hangs_up().outcomes == ["silent"]


def test_a_silent_caller_who_presses_1_at_last_is_an_emergency() -> None:
    line = Line().is_silent(3).officer("busy", "busy").is_silent(2).presses("1")
    assert line.opened[-1] == ("emergency", "red", "standby_help")
    assert line.rings == 0


def test_a_silent_caller_may_say_that_all_is_well() -> None:
    line = Line().is_silent(3).officer("busy", "busy").is_silent(2).presses("2")
    assert line.hung_up


def test_words_without_keys_on_standby_are_understood_too() -> None:
    standby = Line(speech=True).is_silent(3).officer("busy", "busy").is_silent(2)
    assert standby.says("没事", "fine").asked == "more"


def test_a_telephone_left_off_the_hook_after_a_talk_is_stood_by_and_opens_nothing() -> None:
    line = Line().presses("0").officer("answered").is_silent(3)
    assert line.asked == "standby"
    assert line.requests == []


def test_a_sound_that_is_no_word_is_not_taken_as_a_sign_of_life() -> None:
    line = Line(speech=True).records().records().records()
    assert line.opened == [("silent", "orange", "silent")]
