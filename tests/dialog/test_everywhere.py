"""What holds at every question: repeat, slower, waiting, silence, confusion, and things that cannot happen."""

import pytest

from ivr.dialog.model import CallStarted, Key, Listen, SetSpeechRate, Silence, TransferResult, Utterance
from tests.dialog.line import Line

PLACES = ["", "2", "3", "31", "32", "321", "21"]
everywhere = pytest.mark.parametrize("keys", PLACES)


@everywhere
def test_the_star_repeats_what_was_just_said(keys: str) -> None:
    line = Line().presses(keys)
    before = line.turn.say
    assert line.presses("*").turn.say == before


@everywhere
def test_a_second_star_in_a_row_makes_the_line_slower_for_good(keys: str) -> None:
    line = Line().presses(keys)
    before = line.said
    line.presses("**")
    assert line.latest == (SetSpeechRate(slow=True),)
    assert line.said == ["repeat.slower", *before]
    assert line.turn.slow
    assert line.presses("*").said == before
    assert line.latest == ()
    assert line.presses("0").turn.slow


def test_two_stars_with_something_between_them_only_repeat() -> None:
    assert not Line().presses("*").is_silent().presses("*").turn.slow


@everywhere
def test_slower_can_be_asked_for_in_words(keys: str) -> None:
    assert Line(speech=True).presses(keys).says("说慢一点", "repeat").latest == (SetSpeechRate(slow=True),)


def test_too_fast_means_slower_and_faster_does_not() -> None:
    assert Line(speech=True).says("太快了", "repeat").turn.slow
    assert not Line(speech=True).says("快一点说", "repeat").turn.slow


@everywhere
def test_again_can_be_asked_for_in_words(keys: str) -> None:
    line = Line(speech=True).presses(keys)
    before = line.turn.say
    line.says("再说一遍", "repeat")
    assert line.turn.say == before
    assert not line.turn.slow


@everywhere
def test_who_asks_for_a_moment_gets_it(keys: str) -> None:
    line = Line(speech=True).presses(keys)
    before = line.asked
    assert line.says("等一下", "wait").said == ["wait.patient"]
    assert line.asked == before


@pytest.mark.parametrize("keys", ["", "2", "3", "321", "21"])
def test_silence_is_answered_patiently_then_with_keys_then_with_a_person(keys: str) -> None:
    line = Line(speech=True).presses(keys)
    question = line.asked
    assert line.is_silent().said[0] == "silence.again"
    line.is_silent()
    assert line.said[0] == "confused.keys"
    assert all(".keys" in key for key in line.said)
    assert line.asked == ("menu_keys" if question == "menu" else question)
    line.is_silent()
    assert line.said == ["confused.person"]
    assert line.rings == 0


def test_keys_only_means_that_nobody_listens_for_words() -> None:
    line = Line(speech=True).is_silent(2)
    assert line.turn.then == Listen(question="menu_keys", kind="menu", keys="1230*#", speech=False)


def test_words_not_understood_are_the_lines_own_fault() -> None:
    line = Line(speech=True).says("嗯那个", None)
    assert line.said[0] == "confused.again"
    assert line.says("嗯那个", None).said == ["confused.keys", "menu.keys", "menu.keys.more"]
    assert line.says("嗯那个", None).rings == 0


def test_a_recording_nobody_could_understand_is_not_an_answer_to_a_menu() -> None:
    assert Line().records().said[0] == "confused.again"


def test_a_key_that_is_not_offered_gets_a_gentle_word() -> None:
    line = Line().presses("9")
    assert line.said[0] == "confused.key"
    assert line.presses("9").said == ["confused.keys", "menu.keys", "menu.keys.more"]
    assert line.presses("9").rings == 0


def test_silence_and_confusion_add_up_and_an_answer_clears_them() -> None:
    line = Line().presses("9").is_silent()
    assert line.asked == "menu_keys"
    assert line.presses("2").is_silent().said[0] == "silence.again"


@everywhere
@pytest.mark.parametrize("event", [CallStarted(), TransferResult(outcome="answered")])
def test_what_cannot_happen_changes_nothing(keys: str, event: CallStarted | TransferResult) -> None:
    line = Line().presses(keys)
    asked = line.asked
    assert line.happens(event).asked == asked
    assert line.latest == ()
    assert line.said


@pytest.mark.parametrize("event", [Key(key="5"), Silence(), Utterance(), CallStarted()])
def test_while_an_officer_is_rung_nothing_else_moves_the_line(
    event: Key | Silence | Utterance | CallStarted,
) -> None:
    line = Line().presses("0").officer("busy").happens(event)
    assert line.rings == 1
    assert line.said == ["person.still"]


def test_after_the_end_nothing_changes_any_more() -> None:
    line = Line().hangs_up()
    number = line.turn.number
    line.presses("1").hangs_up().is_silent()
    assert line.turn.number == number
    assert line.hung_up
    assert line.outcomes == ["hung_up_in_menu"]


def test_a_hang_up_after_the_farewell_does_not_end_the_call_twice() -> None:
    assert Line(speech=True).says("再见", "bye").hangs_up().outcomes == ["said_goodbye"]


@pytest.mark.parametrize("ending", ["key", "words"])
def test_no_more_wishes_end_the_call_with_thanks(ending: str) -> None:
    line = Line(speech=True).says("没事", "fine")
    line = line.presses("1") if ending == "key" else line.says("没有了", "bye")
    assert line.said == ["bye.plain"]
    assert line.hung_up


def test_a_barely_heard_no_never_ends_a_call() -> None:
    line = Line(speech=True).says("没事", "fine").says("没有了", "bye", confidence=0.5)
    assert line.asked == "more"


def test_who_says_there_is_more_comes_back_to_the_menu() -> None:
    line = Line(speech=True).says("没事", "fine").says("还有", "yes")
    assert line.asked == "menu"
    assert "greeting.hello" not in line.said
