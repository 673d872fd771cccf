"""What the caller hears, and which of their keys the line gets to know."""

from typing import Any

import pytest

from ivr.simulator.events import Gathered, KeyPressed, Played, Playing, Problem

MENU = '<Gather numDigits="1" timeout="10" finishOnKey="" action="/chosen"><Play>/sound/menu</Play></Gather>'


def texts(call: Any) -> list[str]:
    return [event.said.text for event in call.events if isinstance(event, Playing) and event.said]


def test_a_key_in_a_menu_reaches_the_line(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": MENU, "/chosen": "<Play>/sound/bye</Play><Hangup/>"}
    rig.call(("hear", "menu"), ("press", "2"), ("hear", "bye"))
    (chosen,) = rig.line.to("/chosen")
    assert (chosen["Digits"], chosen["CallStatus"]) == ("2", "in-progress")


def test_a_key_during_a_prompt_of_a_menu_cuts_it_off(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": MENU, "/chosen": "<Hangup/>"}
    call = rig.call(("wait", 0.5), ("press", "1"))
    (played,) = [event for event in call.events if isinstance(event, Played)]
    assert (played.at, played.complete) == (0.5, False)
    assert rig.line.to("/chosen")[0]["Digits"] == "1"


def test_a_key_during_a_bare_prompt_is_lost(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": f"<Play>/sound/hello</Play>{MENU}<Hangup/>"}
    call = rig.call(("wait", 0.5), ("press", "1"), ("wait", 60))
    assert KeyPressed(0.5, "1", lost=True) in call.events
    assert rig.line.to("/chosen") == []


def test_silence_in_a_menu_goes_on_to_the_next_verb_after_the_timeout(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": f"{MENU}<Play>/sound/again</Play>"}
    call = rig.call(("hear", "again"))
    assert Gathered(11.0, "") in call.events
    assert rig.line.to("/chosen") == []


def test_silence_reaches_the_line_if_it_asked_for_empty_results(rig: Any) -> None:
    menu = MENU.replace("<Gather", '<Gather actionOnEmptyResult="true"')
    rig.line.answers = {"/twilio/voice": menu, "/chosen": "<Hangup/>"}
    rig.call(("wait", 30))
    assert rig.line.to("/chosen")[0]["Digits"] == ""


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits"),
    [
        ('numDigits="3"', "1234", "123"),
        ("", "12#", "12"),
        ('finishOnKey="*"', "1#*", "1#"),
        ('finishOnKey="" numDigits="1"', "#", "#"),
    ],
)
def test_digits_end_by_their_number_or_by_a_key_that_is_not_one_of_them(
    rig: Any, attributes: str, pressed: str, digits: str
) -> None:
    rig.line.answers = {"/twilio/voice": f'<Gather {attributes} action="/chosen"/>', "/chosen": "<Hangup/>"}
    rig.call(("press", pressed))
    assert rig.line.to("/chosen")[0]["Digits"] == digits


def test_a_hash_alone_is_an_empty_answer_unless_the_line_turns_the_finishing_key_off(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": '<Gather action="/chosen"/><Play>/sound/again</Play>'}
    rig.call(("press", "#"), ("hear", "again"))
    assert rig.line.to("/chosen") == []


def test_prompts_follow_each_other_and_pauses_take_their_time(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": '<Play loop="2">/sound/a</Play><Pause length="3"/><Play>/sound/b</Play>'}
    call = rig.call(("hear", "b"))
    assert [(event.at, event.url[-1]) for event in call.events if isinstance(event, Playing) and event.url] == [
        (0, "a"),
        (1, "a"),
        (5, "b"),
    ]


def test_a_document_sends_the_call_to_another_one_relative_to_its_own_address(rig: Any) -> None:
    rig.line.answers = {
        "/twilio/voice": "<Redirect>/deep/next?turn=2</Redirect><Play>/sound/never</Play>",
        "/deep/next": "<Redirect>last</Redirect>",
        "/deep/last": "<Play>/sound/here</Play>",
    }
    assert texts(rig.call(("hear", "here"))) == ["here"]


def test_a_document_that_leads_nowhere_ends_the_call(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": "<Play>/sound/a</Play>"}
    call = rig.call(("wait", 60))
    assert (call.status, call.events[-1].by, call.duration_s) == ("completed", "line", 1)


def test_a_rejected_call_is_never_answered(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": '<Reject reason="busy"/>'}
    call = rig.call(("wait", 60))
    assert (call.status, call.started_at) == ("busy", None)


@pytest.mark.parametrize("sound", ["/missing", "/twilio/status"])
def test_a_sound_that_cannot_be_played_is_a_fault_of_the_line(rig: Any, sound: str) -> None:
    rig.line.answers = {"/twilio/voice": f"<Play>{sound}</Play>"}
    call = rig.call(("wait", 60))
    assert next(event.code for event in call.events if isinstance(event, Problem)) in (11200, 12300)
    assert "application error" in texts(call)[-1]
