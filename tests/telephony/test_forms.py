"""What the provider's forms mean, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog.model import Key, TransferResult, Utterance
from ivr.telephony.forms import answer_of, call_of, hung_up, recording_of, transfer_result_of

RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"


def test_a_call_is_read_from_the_fields_that_every_webhook_has() -> None:
    call = call_of({"CallSid": "CA1", "From": "+861", "To": "+862", "CallStatus": "Completed", "CallDuration": "42"})
    assert call
    assert (call.sid, call.leg.from_number, call.leg.to_number) == ("CA1", "+861", "+862")
    assert (call.leg.direction, call.status, call.duration_s, call.over) == ("inbound", "completed", 42, True)


@pytest.mark.parametrize(
    ("direction", "meant"),
    [("inbound", "inbound"), ("outbound-api", "outbound"), ("outbound-dial", "outbound"), ("?", "inbound")],
)
def test_both_kinds_of_outbound_are_outbound(direction: str, meant: str) -> None:
    call = call_of({"CallSid": "CA1", "Direction": direction})
    assert call
    assert call.leg.direction == meant


@pytest.mark.parametrize("sid", [None, "", "  ", "C" * 65, "CA\x001", "CA\n1"])
def test_a_form_whose_call_cannot_be_named_has_none(sid: str | None) -> None:
    assert call_of({} if sid is None else {"CallSid": sid}) is None


@pytest.mark.parametrize("duration", ["", "-1", "1.5", "9" * 30, "many", "²", "１２"])
def test_a_duration_that_is_no_number_of_seconds_is_unknown(duration: str) -> None:
    call = call_of({"CallSid": "CA1", "CallDuration": duration})
    assert call
    assert call.duration_s is None


@pytest.mark.parametrize(
    ("statuses", "over"),
    [
        ({"queued", "initiated", "ringing", "in-progress", "unheard-of"}, False),
        ({"completed", "busy", "no-answer", "failed", "canceled"}, True),
    ],
)
def test_the_final_statuses_end_a_call(statuses: set[str], over: bool) -> None:
    for status in statuses:
        call = call_of({"CallSid": "CA1", "CallStatus": status})
        assert call
        assert call.over is over


@pytest.mark.parametrize(("digits", "key"), [("1", "1"), ("*", "*"), ("#", "#"), ("0", "0"), ("12", "1"), (" 3 ", "3")])
def test_the_first_key_pressed_is_the_answer(digits: str, key: str) -> None:
    assert answer_of({"Digits": digits}) == Key(key=key)


@pytest.mark.parametrize("digits", ["", "A", "hangup", "１", "9" * 5000, "\x001"])
def test_what_is_no_key_is_no_answer(digits: str) -> None:
    assert answer_of({"Digits": digits}) is None


def test_a_recording_is_an_utterance_with_the_key_that_ended_it() -> None:
    form = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "4", "Digits": "1"}
    assert answer_of(form) == Utterance(recording_sid="RE1", seconds=4.0, key="1")


def test_a_recording_ended_by_hanging_up_is_an_utterance_all_the_same() -> None:
    form = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "4", "Digits": "hangup"}
    assert answer_of(form) == Utterance(recording_sid="RE1", seconds=4.0)
    assert hung_up(form)


def test_a_recording_of_no_length_is_only_the_key_that_ended_it() -> None:
    form = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "0"}
    assert answer_of(form) is None
    assert answer_of(form | {"Digits": "2"}) == Key(key="2")


def test_a_recording_of_unknown_length_is_kept_as_an_utterance() -> None:
    assert answer_of({"RecordingUrl": RECORDING, "RecordingSid": "RE1"}) == Utterance(recording_sid="RE1")


@pytest.mark.parametrize("url", [RECORDING, RECORDING + ".wav", RECORDING + "/", RECORDING + ".mp3?a=1"])
def test_a_recording_without_a_sid_is_named_by_its_address(url: str) -> None:
    recording = recording_of({"RecordingUrl": url})
    assert recording
    assert recording.sid == "RE1"


@pytest.mark.parametrize("url", ["", "https://[", "https://host", "https://host/" + "a" * 500])
def test_an_address_that_names_no_recording_brings_none(url: str) -> None:
    assert recording_of({"RecordingUrl": url}) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("completed", "answered"),
        ("answered", "answered"),
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("in-progress", "failed"),
        ("", "failed"),
        (None, "failed"),
    ],
)
def test_a_transfer_has_the_outcome_that_the_provider_names(status: str | None, outcome: str) -> None:
    form = {"DialCallDuration": "30"} | ({} if status is None else {"DialCallStatus": status})
    assert transfer_result_of(form) == TransferResult.model_validate({"outcome": outcome, "seconds": 30})


FIELDS = [
    *("CallSid", "From", "CallStatus", "Digits"),
    *("RecordingUrl", "RecordingSid", "RecordingDuration"),
    *("DialCallStatus", "DialCallDuration"),
]


@given(st.dictionaries(st.sampled_from(FIELDS), st.text() | st.sampled_from(["0", "1", "completed", RECORDING])))
def test_no_form_can_raise(form: dict[str, str]) -> None:
    call_of(form)
    answer_of(form)
    transfer_result_of(form)
