"""What the provider may send, and what it gets."""

from typing import Any

import pytest
from flask import Flask, got_request_exception
from structlog.testing import capture_logs

from ivr.config import Settings
from ivr.dialog.model import Hangup, Key, Silence, TransferResult, Utterance
from ivr.telephony import create_blueprint
from prompts import Catalogue
from tests.telephony.scripted import ScriptedCalls, ScriptedEnder, ScriptedStudio, deaf
from tests.telephony.signing import BASE, SignedClient, signature
from tests.telephony.turns import a_turn, message, shape, spoken_menu, verbs

RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
RECORDED = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "4"}

WEBHOOKS = [
    "/twilio/voice",
    "/twilio/turn/7",
    "/twilio/status",
    "/twilio/answered-by",
    "/twilio/recording-status",
    "/twilio/fallback",
    "/twilio/fallback/message",
    "/twilio/fallback/ring/1",
]


def client_of(settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, base: str) -> SignedClient:
    app = Flask("line")
    app.register_blueprint(
        create_blueprint(settings, calls, ScriptedStudio(), catalogue, deaf(), end_call=ScriptedEnder())  # type: ignore[arg-type]
    )
    return SignedClient(app, base=base)


# --- Signatures


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_webhook_without_a_signature_is_refused_and_logged(
    phone: SignedClient, calls: ScriptedCalls, path: str
) -> None:
    with capture_logs() as logs:
        answer = phone.unsigned(path, CallSid="CA1")
    assert answer.status_code == 403
    assert calls.asked == []
    assert [(entry["event"], entry["signed"]) for entry in logs] == [("webhook_refused", False)]


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_webhook_signed_by_somebody_else_is_refused(app: Flask, calls: ScriptedCalls, path: str) -> None:
    assert SignedClient(app, token="guessed").post(path).status_code == 403
    assert calls.asked == []


def test_a_signature_for_another_address_is_refused(app: Flask, phone: SignedClient) -> None:
    assert SignedClient(app, base="https://evil.example").post("/twilio/voice").status_code == 403


def test_a_signature_covers_the_query(app: Flask) -> None:
    form = {"CallSid": "CA1"}
    headers = {"X-Twilio-Signature": signature(f"{BASE}/twilio/turn/7?waited=2", form)}
    client = app.test_client()
    assert client.post("/twilio/turn/7?waited=2", data=form, headers=headers).status_code == 200
    assert client.post("/twilio/turn/7?waited=9", data=form, headers=headers).status_code == 403
    assert client.post("/twilio/turn/7", data=form, headers=headers).status_code == 403


@pytest.mark.parametrize("query", ["?q=%7e", "?q=%E6%98%AF", "?a=1&a=2", "?q=a+b%20c", "?empty="])
def test_the_query_is_signed_as_it_was_sent(phone: SignedClient, query: str) -> None:
    assert phone.post(f"/twilio/voice{query}").status_code == 200


def test_repeated_fields_are_signed_too(phone: SignedClient) -> None:
    form = [("CallSid", "CA1"), ("Tag", "b"), ("Tag", "a"), ("Empty", "")]
    assert phone.post_form("/twilio/voice", form).status_code == 200


def test_chinese_in_a_form_is_signed_as_text(phone: SignedClient) -> None:
    assert phone.post("/twilio/voice", CallerName="张三").status_code == 200


@pytest.mark.parametrize("base", ["https://line.example", "https://line.example:8443", "http://10.0.0.5:8080/a/b"])
def test_behind_a_proxy_the_public_address_is_what_counts(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, base: str
) -> None:
    settings = settings.model_copy(update={"public_url": base})
    answer = client_of(settings, calls, catalogue, base).post("/twilio/voice")
    assert verbs(answer)[0]["action"] == f"{base}/twilio/turn/7"


def test_without_a_public_address_the_request_names_it(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue
) -> None:
    settings = settings.model_copy(update={"public_url": None})
    answer = client_of(settings, calls, catalogue, "http://localhost").post("/twilio/voice")
    assert verbs(answer)[0]["action"] == "http://localhost/twilio/turn/7"


def test_a_line_without_a_token_believes_nobody(settings: Settings, calls: ScriptedCalls, catalogue: Catalogue) -> None:
    settings = settings.model_copy(update={"twilio_auth_token": None})
    client = client_of(settings, calls, catalogue, BASE)
    assert client.post("/twilio/voice").status_code == 403


def test_a_signed_webhook_of_another_account_is_answered_and_logged(phone: SignedClient) -> None:
    with capture_logs() as logs:
        assert phone.post("/twilio/voice", AccountSid="AC-sub").status_code == 200
    assert [entry["event"] for entry in logs] == ["webhook_of_another_account"]


# --- Calls and answers


def test_a_call_starts_a_conversation_with_the_numbers_as_they_came(phone: SignedClient, calls: ScriptedCalls) -> None:
    answer = phone.post("/twilio/voice", CallStatus="ringing", From="anonymous")
    assert shape(verbs(answer)) == ["Gather(Play)", "Redirect"]
    assert calls.asked == [("start", "CA1", "inbound", "anonymous", "+8651200000000")]


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({"Digits": "1"}, Key(key="1")),
        ({"Digits": "*"}, Key(key="*")),
        ({"Digits": "#"}, Key(key="#")),
        ({"Digits": "12"}, Key(key="1")),
        ({}, Silence()),
        ({"Digits": ""}, Silence()),
        ({"Digits": "A"}, Silence()),
        ({"Digits": "9" * 100_000}, Silence()),
        (RECORDED, Utterance(recording_sid="RE1", seconds=4)),
        (RECORDED | {"Digits": "1"}, Utterance(recording_sid="RE1", seconds=4, key="1")),
        (RECORDED | {"RecordingDuration": "0"}, Silence()),
    ],
)
def test_an_answer_becomes_one_event(
    phone: SignedClient, calls: ScriptedCalls, fields: dict[str, str], event: Any
) -> None:
    verbs(phone.post("/twilio/turn/7", **fields))
    assert calls.asked == [("answer", "CA1", 7, event, RECORDING if isinstance(event, Utterance) else None)]


@pytest.mark.parametrize(
    ("fields", "outcome", "seconds"),
    [
        ({"DialCallStatus": "completed", "DialCallDuration": "61"}, "answered", 61),
        ({"DialCallStatus": "busy"}, "busy", 0),
        ({"DialCallStatus": "no-answer"}, "no_answer", 0),
        ({"DialCallStatus": "canceled"}, "failed", 0),
        ({}, "failed", 0),
    ],
)
def test_a_transfer_comes_back_with_its_outcome(
    phone: SignedClient, calls: ScriptedCalls, fields: dict[str, str], outcome: Any, seconds: int
) -> None:
    verbs(phone.post("/twilio/turn/7?transfer=1", **fields))
    assert calls.events == [TransferResult(outcome=outcome, seconds=seconds)]


def test_a_transfer_that_ends_with_the_call_was_ended_by_the_caller(phone: SignedClient, calls: ScriptedCalls) -> None:
    phone.post("/twilio/turn/7?transfer=1", DialCallStatus="canceled", CallStatus="completed")
    assert calls.events == [Hangup()]
    assert calls.asked[-1] == ("status", "CA1", "completed", None)


def test_a_caller_who_hangs_up_after_talking_to_an_officer_has_been_answered(
    phone: SignedClient, calls: ScriptedCalls
) -> None:
    phone.post("/twilio/turn/7?transfer=1", DialCallStatus="completed", DialCallDuration="9", CallStatus="completed")
    assert calls.events == [TransferResult(outcome="answered", seconds=9)]
    assert calls.asked[-1][0] == "status"


def test_a_message_ended_by_hanging_up_is_kept_before_the_call_ends(phone: SignedClient, calls: ScriptedCalls) -> None:
    phone.post("/twilio/turn/7", **RECORDED, Digits="hangup", CallStatus="completed")
    assert calls.events == [Utterance(recording_sid="RE1", seconds=4), Hangup()]
    assert calls.asked[0][4] == RECORDING
    assert calls.asked[-1] == ("status", "CA1", "completed", None)


def test_hanging_up_without_a_word_is_not_silence(phone: SignedClient, calls: ScriptedCalls) -> None:
    phone.post("/twilio/turn/7", Digits="hangup")
    assert calls.events == [Hangup()]


# --- Silence while recording


def test_silence_is_waited_out_without_a_word(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(spoken_menu())
    waits = []
    address = "/twilio/turn/7?waited=2"
    while not calls.events:
        found = verbs(phone.post(address))
        waits.append(found[0].name)
        address = found[-1].text
    assert waits == ["Record", "Record", "Record", "Record", "Gather"]
    assert calls.events == [Silence()]


def test_a_message_that_has_not_begun_is_waited_for_too(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(message())
    assert verbs(phone.post("/twilio/turn/7?waited=3"))[0].name == "Record"


def test_a_key_counts_at_once_while_silence_is_waited_out(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(spoken_menu())
    phone.post("/twilio/turn/7?waited=2", Digits="1")
    assert calls.events == [Key(key="1")]


def test_waiting_at_an_older_turn_gets_the_current_one(phone: SignedClient, calls: ScriptedCalls) -> None:
    calls.current = a_turn(spoken_menu(), number=9)
    assert verbs(phone.post("/twilio/turn/7?waited=2"))[0]["action"].endswith("/turn/9")
    assert calls.asked == [("answer", "CA1", 7, Silence(), None)]


@pytest.mark.parametrize("waited", ["", "x", "1e9", "99999999999999999999"])
def test_a_wait_that_is_no_number_is_silence(phone: SignedClient, calls: ScriptedCalls, waited: str) -> None:
    calls.current = a_turn(spoken_menu())
    verbs(phone.post(f"/twilio/turn/7?waited={waited}"))
    assert calls.events == [Silence()]


# --- Callbacks


def test_a_status_is_passed_on_with_its_duration(phone: SignedClient, calls: ScriptedCalls) -> None:
    answer = phone.post("/twilio/status", CallStatus="completed", CallDuration="61", SequenceNumber="0")
    assert (answer.status_code, answer.data) == (204, b"")
    assert calls.asked == [("status", "CA1", "completed", 61)]


def test_a_status_callback_without_a_status_changes_nothing(phone: SignedClient, calls: ScriptedCalls) -> None:
    assert phone.post("/twilio/status", CallStatus="").status_code == 204
    assert calls.asked == []


def test_a_finished_recording_is_registered(phone: SignedClient, calls: ScriptedCalls) -> None:
    assert phone.post("/twilio/recording-status", **RECORDED, RecordingStatus="completed").status_code == 204
    assert calls.asked == [("recording", "CA1", "RE1", RECORDING)]


@pytest.mark.parametrize("status", ["absent", "failed", "in-progress", ""])
def test_a_recording_that_is_not_there_is_not_registered(
    phone: SignedClient, calls: ScriptedCalls, status: str
) -> None:
    with capture_logs() as logs:
        assert phone.post("/twilio/recording-status", **RECORDED, RecordingStatus=status).status_code == 204
    assert calls.asked == []
    assert bool(logs) is (status != "in-progress")


# --- Bad input


@pytest.mark.parametrize(
    "path", [path for path in WEBHOOKS if path not in {"/twilio/fallback", "/twilio/fallback/ring/1"}]
)
@pytest.mark.parametrize("sid", ["", "C" * 65, "CA\x00"])
def test_a_webhook_that_names_no_call_is_told_so(
    phone: SignedClient, calls: ScriptedCalls, path: str, sid: str
) -> None:
    answer = phone.post(path, CallSid=sid)
    assert (answer.status_code, answer.text) == (400, "CallSid is missing")
    assert calls.asked == []


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_webhook_is_a_post(phone: SignedClient, path: str) -> None:
    assert phone.get(path).status_code == 405


def test_enormous_fields_are_ignored(phone: SignedClient, calls: ScriptedCalls) -> None:
    huge = "9" * 200_000
    verbs(phone.post("/twilio/voice", From=huge, To="\x00", CallerName=huge))
    assert calls.asked == [("start", "CA1", "inbound", None, None)]


# --- When the line itself fails


@pytest.mark.parametrize(("broken", "path"), [("start", "/twilio/voice"), ("answer", "/twilio/turn/7")])
def test_a_failure_takes_a_message_and_is_reported(
    phone: SignedClient, app: Flask, calls: ScriptedCalls, broken: str, path: str
) -> None:
    calls.broken = {broken}
    failures = []
    signal = got_request_exception.connected_to(lambda _sender, exception: failures.append(exception), app)
    with signal, capture_logs() as logs:
        found = verbs(phone.post(path, Digits="1"))
    assert shape(found) == ["Play", "Record", "Redirect"]
    assert found[1]["action"] == f"{BASE}/twilio/fallback/message"
    assert [type(failure) for failure in failures] == [RuntimeError]
    assert [(entry["event"], entry["error"]) for entry in logs] == [("webhook_failed", "RuntimeError")]
    assert "13812345678" not in str(logs)


@pytest.mark.parametrize(("broken", "path"), [("status", "/twilio/status"), ("recording", "/twilio/recording-status")])
def test_a_callback_that_could_not_be_kept_is_not_acknowledged(
    phone: SignedClient, calls: ScriptedCalls, broken: str, path: str
) -> None:
    calls.broken = {broken}
    with capture_logs():
        assert phone.post(path, **RECORDED, RecordingStatus="completed").status_code == 503
