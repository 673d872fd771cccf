"""The greeting, the menu, and what may be asked for by voice."""

import pytest

from ivr.dialog import step
from ivr.dialog.model import Hangup, Listen, Prompt
from tests.dialog.line import Line, make_caller, make_context


def test_the_line_greets_says_that_it_is_automatic_and_offers_three_choices_and_a_person() -> None:
    line = Line()
    assert line.said == [
        *("greeting.hello", "greeting.recorded"),
        *("menu.urgent", "menu.help", "menu.listen", "menu.person"),
    ]
    assert line.turn.number == 1
    assert line.turn.then == Listen(question="menu", kind="menu", keys="1230*#", speech=False)


def test_a_known_caller_is_greeted_by_the_name_they_like() -> None:
    line = Line(caller=make_caller(address_as="老领导"))
    assert line.turn.say[1] == Prompt(key="greeting.name", slots={"address_as": "老领导"})


def test_the_line_does_not_claim_to_record_somebody_who_did_not_agree() -> None:
    assert "greeting.automatic" in Line(caller=make_caller(records=False)).said
    assert "greeting.recorded" not in Line(caller=make_caller(records=False)).said


def test_speech_is_offered_only_when_somebody_is_listening_for_it() -> None:
    line = Line(speech=True)
    assert line.said[-1] == "menu.speak"
    assert isinstance(line.turn.then, Listen)
    assert line.turn.then.speech


def test_a_caller_known_to_want_it_slow_is_spoken_to_slowly_from_the_start() -> None:
    assert Line(caller=make_caller(slow=True)).turn.slow


def test_a_conversation_cannot_start_with_anything_but_a_call() -> None:
    with pytest.raises(ValueError, match="call_started"):
        step(None, Hangup(), make_context())


@pytest.mark.parametrize(("key", "question"), [("2", "help_message"), ("3", "listen_menu")])
def test_each_key_leads_where_the_menu_says(key: str, question: str) -> None:
    line = Line().presses(key)
    assert line.asked == question
    assert line.turn.after_key


@pytest.mark.parametrize(
    ("intent", "question"),
    [
        ("news", "bulletin"),
        ("activities", "activity"),
        ("help", "help_message"),
        ("proxy", "help_message"),
        ("fine", "more"),
        ("refuse", "more"),
    ],
)
def test_a_wish_said_at_the_menu_leads_where_its_key_would(intent: str, question: str) -> None:
    line = Line(speech=True).says("……", intent)
    assert line.asked == question
    assert not line.turn.after_key


@pytest.mark.parametrize("intent", ["medicine", "transport", "repair", "cleaning", "meals", "company", "contribute"])
def test_a_request_said_at_the_menu_is_opened_and_read_back(intent: str) -> None:
    line = Line(speech=True).says("……", intent, recording_sid="RE1")
    assert line.opened == [(intent, "normal", "spoken")]
    assert line.known("r1") == {"transcript": "……", "recording_sid": "RE1"}
    assert line.turn.say[0] == Prompt(key="readback.noted", slots={"matter": f"@matter.{intent}"})


def test_signing_up_by_voice_is_a_request_and_asking_what_there_is_is_not() -> None:
    assert Line(speech=True).says("我要报名", "activities").opened == [("activities", "normal", "spoken")]
    assert Line(speech=True).says("有什么活动", "activities").opened == []


def test_goodbye_at_the_menu_ends_the_call_and_thanks_do_not() -> None:
    assert Line(speech=True).says("再见", "bye").hung_up
    assert Line(speech=True).says("谢谢", "bye").asked == "more"


def test_a_goodbye_that_was_barely_heard_is_asked_about() -> None:
    assert Line(speech=True).says("再见", "bye", confidence=0.4).asked == "more"
    assert Line(speech=True).says("再见", "bye", confidence=None).asked == "more"


def test_a_key_beats_what_was_said_before_it() -> None:
    assert Line(speech=True).says("听新闻", "news", key="2").asked == "help_message"


def test_a_person_answers_first_in_office_hours_when_so_configured() -> None:
    line = Line(person_first=True)
    assert line.rings == 0
    assert line.said == ["greeting.hello", "greeting.recorded", "greeting.person"]
    line.officer("no_answer")
    assert line.asked == "menu"
    assert line.said[:2] == ["greeting.nobody", "menu.urgent"]


def test_a_caller_who_gives_up_while_the_first_person_is_rung_is_called_back() -> None:
    line = Line(person_first=True).hangs_up()
    assert line.opened == [("callback", "normal", "hung_up_ringing")]
    assert line.outcomes == ["hung_up_ringing"]


def test_without_an_officer_to_ring_the_menu_comes_first_whatever_is_configured() -> None:
    assert Line(person_first=True, officers=0).asked == "menu"


def test_a_caller_who_leaves_at_the_menu_is_in_the_log() -> None:
    assert Line().hangs_up().outcomes == ["hung_up_in_menu"]
