"""A message is taken and an officer rung with the rest of the line in ruins."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from ivr.dialog.model import HangUp, Key, Officer
from ivr.telephony import fallback
from prompts import load_catalogue
from tests.telephony.scripted import ScriptedCalls
from tests.telephony.signing import BASE, SignedClient
from tests.telephony.turns import a_turn, dial, shape, verbs

RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
RECORDED = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "4"}
OFFICERS = tuple(Officer(staff_id=number, name="值班", phone=f"+86138000000{number}0") for number in (1, 2))


@pytest.fixture
def on_duty(tmp_path: Path) -> None:
    data = TypeAdapter(tuple[Officer, ...]).dump_json(OFFICERS)
    (tmp_path / "duty.json").write_bytes(data)


@pytest.fixture
def ruins(calls: ScriptedCalls) -> ScriptedCalls:
    calls.broken = {"start", "answer", "status", "recording"}
    return calls


def test_the_fallback_takes_a_message(phone: SignedClient, ruins: ScriptedCalls) -> None:
    with capture_logs() as logs:
        found = verbs(phone.post("/twilio/fallback", ErrorCode="11200", ErrorUrl=f"{BASE}/twilio/turn/7"))
    assert shape(found) == ["Play", "Record", "Redirect"]
    assert (found[1]["playBeep"], found[1]["maxLength"], found[1]["timeout"]) == ("true", "60", "3")
    assert found[1]["action"] == found[2].text == f"{BASE}/twilio/fallback/message"
    assert [(entry["event"], entry["error_code"]) for entry in logs] == [("fallback_called", 11200)]


def test_the_fallback_takes_a_message_of_a_call_that_it_cannot_name(phone: SignedClient) -> None:
    with capture_logs():
        assert shape(verbs(phone.post_form("/twilio/fallback", {}))) == ["Play", "Record", "Redirect"]


def test_after_the_message_the_conversation_goes_on_with_a_person(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(dial())
    found = verbs(phone.post("/twilio/fallback/message", **RECORDED))
    assert found[1]["action"] == f"{BASE}/twilio/turn/7?transfer=1"
    assert calls.asked == [
        ("start", "CA1", "inbound", "+8651252880001", "+8651200000000"),
        ("answer", "CA1", 7, Key(key="0"), None),
        ("recording", "CA1", "RE1", RECORDING),
    ]


@pytest.mark.usefixtures("on_duty")
def test_with_everything_broken_the_officers_are_rung_in_their_order(phone: SignedClient, ruins: ScriptedCalls) -> None:
    with capture_logs() as logs:
        found = verbs(phone.post("/twilio/fallback/message", **RECORDED))
    assert [verb.inside[0].text for verb in found if verb.name == "Dial"] == [OFFICERS[0].phone]
    assert {entry["event"] for entry in logs} == {"webhook_failed", "fallback_message_not_kept"}
    kept = next(entry for entry in logs if entry["event"] == "fallback_message_not_kept")
    assert kept["recording_sid"] == "RE1"

    found = verbs(phone.post(found[-1].text, DialCallStatus="no-answer"))
    assert [verb.inside[0].text for verb in found if verb.name == "Dial"] == [OFFICERS[1].phone]

    found = verbs(phone.post(found[-1].text, DialCallStatus="busy"))
    assert shape(found) == ["Play", "Play", "Record", "Redirect"]


@pytest.mark.usefixtures("on_duty")
def test_the_call_ends_after_an_officer_has_been_spoken_to(phone: SignedClient) -> None:
    found = verbs(phone.post("/twilio/fallback/ring/1", DialCallStatus="completed", DialCallDuration="60"))
    assert shape(found) == ["Play", "Hangup"]


@pytest.mark.usefixtures("on_duty")
def test_a_caller_who_says_nothing_is_put_through_as_well(phone: SignedClient, ruins: ScriptedCalls) -> None:
    with capture_logs():
        found = verbs(phone.post("/twilio/fallback/message"))
    assert shape(found) == ["Play", "Dial(Number)", "Redirect"]


@pytest.mark.usefixtures("on_duty")
def test_a_conversation_that_is_over_does_not_hang_up_on_the_caller(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(HangUp())
    assert "Dial(Number)" in shape(verbs(phone.post("/twilio/fallback/message", **RECORDED)))


def test_a_message_ended_by_hanging_up_is_kept_before_the_call_ends(phone: SignedClient, calls: ScriptedCalls) -> None:
    phone.post("/twilio/fallback/message", **RECORDED, Digits="hangup", CallStatus="completed")
    assert [asked[0] for asked in calls.asked] == ["start", "answer", "recording", "status"]


@pytest.mark.parametrize("content", [None, b"", b"{", b"[{}]"])
def test_without_a_duty_list_another_message_is_taken(
    phone: SignedClient, ruins: ScriptedCalls, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "duty.json").write_bytes(content)
    with capture_logs():
        assert shape(verbs(phone.post("/twilio/fallback/message", **RECORDED)))[-2:] == ["Record", "Redirect"]


def test_what_the_fallback_says_is_in_the_catalogue() -> None:
    catalogue = load_catalogue("zh_CN")
    for prompts in (fallback.SPEAK, fallback.KEPT, fallback.CALLING, fallback.STILL, fallback.NOBODY, fallback.GOODBYE):
        for prompt in prompts:
            assert catalogue.clips(prompt.key)
