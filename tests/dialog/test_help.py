"""Asking for help: told, sorted, read back, handed over."""

import pytest

from ivr.dialog.model import Key, OpenRequest, Prompt, UpdateRequest, Utterance
from tests.dialog.line import Line


def test_a_caller_who_presses_2_speaks_and_confirms_has_a_request_with_a_read_back() -> None:
    line = Line(speech=True).presses("2").says("请帮我配降压药", "medicine", recording_sid="RE1", key="1")
    assert line.latest[0] == OpenRequest(ref="r1", category="medicine", urgency="normal", reason="message")
    assert line.turn.say == (
        Prompt(key="readback.noted", slots={"matter": "@matter.medicine"}),
        Prompt(key="readback.ask"),
    )
    line.presses("1")
    assert line.latest == (UpdateRequest(ref="r1", confirmed=True),)
    assert line.said == ["help.done", "more.ask"]
    line.presses("1")
    assert line.said == ["bye.noted"]
    assert line.hung_up
    assert line.outcomes == ["request_confirmed"]


def test_a_message_nobody_understands_is_kept_at_once_and_sorted_by_keys() -> None:
    line = Line().presses("2").records("RE1", key="1")
    assert line.latest == (
        OpenRequest(ref="r1", category="other", urgency="normal", reason="message"),
        UpdateRequest(ref="r1", recording_sid="RE1"),
    )
    assert line.asked == "help_category"


@pytest.mark.parametrize(("key", "category"), [("1", "medical"), ("2", "home"), ("3", "other")])
def test_each_kind_of_matter_is_read_back_in_the_words_it_was_offered_in(key: str, category: str) -> None:
    line = Line().presses("2").records().presses(key)
    assert line.known("r1")["category"] == category
    assert line.turn.say[0].slots == {"matter": f"@matter.{category}"}


def test_the_kind_of_matter_may_be_said_too() -> None:
    line = Line(speech=True).presses("2").records().says("要送饭", "meals")
    assert line.known("r1")["category"] == "meals"
    assert line.asked == "help_readback"


@pytest.mark.parametrize("key", ["1", "#", "5", None])
def test_whatever_key_ends_a_message_the_message_is_kept(key: str | None) -> None:
    line = Line().presses("2").records("RE1", key=key)
    assert line.known("r1")["recording_sid"] == "RE1"


def test_pressing_1_without_a_word_is_sorted_by_keys_too() -> None:
    assert Line().presses("21").asked == "help_category"
    assert Line().presses("2").records(seconds=0.3, key="1").asked == "help_category"


def test_a_wrong_key_before_a_message_is_no_message() -> None:
    line = Line().presses("2").records(seconds=0.3, key="5")
    assert line.requests == []
    assert line.said == ["confused.key", "help.ask"]


def test_a_long_message_that_sounds_like_thanks_is_a_message() -> None:
    line = Line(speech=True).presses("2").says("家里的电灯坏了三天了谢谢你们", "bye")
    assert line.opened == [("other", "normal", "message")]


def test_who_changes_their_mind_is_asked_for_anything_else() -> None:
    line = Line(speech=True).presses("2").says("算了", "no")
    assert line.asked == "more"
    assert line.requests == []


def test_a_read_back_that_is_wrong_is_asked_again_once_and_then_a_person_comes() -> None:
    line = Line(speech=True).presses("2").says("要送饭", "meals").presses("2")
    assert line.said == ["help.again"]
    line.says("要叫车", "transport", recording_sid="RE2")
    assert line.known("r1") == {
        **{"category": "transport", "confirmed": False},
        **{"transcript": "要叫车", "recording_sid": "RE2"},
    }
    assert line.presses("2").rings == 0
    assert len(line.requests) == 1


def test_a_caller_may_put_the_read_back_right_in_words() -> None:
    line = Line(speech=True).says("要送饭", "meals").says("看病", "transport")
    assert line.turn.say[0].slots == {"matter": "@matter.transport"}
    assert line.says("对的", "yes").asked == "more"


@pytest.mark.parametrize("confidence", [0.59, None])
def test_a_yes_that_was_barely_heard_confirms_nothing(confidence: float | None) -> None:
    line = Line(speech=True).says("要送饭", "meals").says("是的", "yes", confidence=confidence)
    assert line.asked == "help_readback"
    assert "confirmed" not in line.known("r1")


def test_each_further_matter_is_a_request_of_its_own() -> None:
    line = Line(speech=True).says("要送饭", "meals").presses("12").says("要叫车", "transport").presses("1")
    assert [(request.ref, request.category) for request in line.requests] == [("r1", "meals"), ("r2", "transport")]


def test_hanging_up_before_saying_anything_means_a_call_back() -> None:
    line = Line().presses("2").hangs_up()
    assert line.opened == [("callback", "normal", "hung_up_in_help")]
    assert line.outcomes == ["hung_up_in_help"]


def test_hanging_up_before_the_confirmation_leaves_the_request_open_and_unconfirmed() -> None:
    line = Line().presses("2").records().presses("3").hangs_up()
    assert line.opened == [("other", "normal", "message")]
    assert "confirmed" not in line.known("r1")
    assert line.outcomes == ["request_unconfirmed"]


def test_hanging_up_when_asked_to_say_it_again_does_not_open_a_second_request() -> None:
    assert len(Line().presses("2").records().presses("32").hangs_up().requests) == 1


def test_three_silences_bring_a_person() -> None:
    line = Line().presses("2").is_silent(3)
    assert line.rings == 0
    assert line.said == ["confused.person"]


def test_a_worry_in_a_message_makes_it_due_today() -> None:
    line = Line(speech=True).presses("2").says("药快吃完了", "medicine", risk="yellow")
    assert line.opened == [("medicine", "yellow", "message")]


def test_a_worry_nobody_can_name_is_for_today_as_well() -> None:
    line = Line(speech=True).presses("2").says("我好几天没合眼了", None, risk="yellow")
    assert line.opened == [("other", "yellow", "message")]
    assert line.asked == "help_category"


def test_saying_it_again_never_makes_a_request_less_urgent() -> None:
    line = (
        Line(speech=True).presses("2").says("睡不着", "unwell", risk="yellow").presses("2").says("要叫车", "transport")
    )
    assert line.opened == [("unwell", "yellow", "message")]
    assert "urgency" not in line.known("r1")


def test_something_not_wanted_is_not_read_back_as_wanted() -> None:
    line = Line(speech=True).presses("2").says("我不要送饭了", "meals", negated=True)
    assert line.asked == "help_category"


@pytest.mark.parametrize("answer", [Key(key="0"), Utterance(recording_sid="RE1", seconds=4.0, key="0")])
def test_0_instead_of_a_message_rings_a_person(answer: Key | Utterance) -> None:
    assert Line().presses("2").happens(answer).rings == 0
