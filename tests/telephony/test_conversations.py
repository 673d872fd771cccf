"""Whole calls over webhooks, with the conversations and the records behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from ivr.telephony import create_blueprint
from prompts import load_catalogue
from tests.calls.line import CALLER, OFFICERS, Line, seed
from tests.calls.outages import sqlite_gone
from tests.care_records.conftest import sqlite_template, sqlite_url
from tests.telephony.scripted import ScriptedEnder, ScriptedStudio, deaf
from tests.telephony.signing import ACCOUNT, BASE, TOKEN, SignedClient
from tests.telephony.turns import Verb, verbs

__all__ = ["sqlite_template", "sqlite_url"]

RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
RECORDED = {"RecordingUrl": RECORDING, "RecordingSid": "RE1", "RecordingDuration": "4"}


@contextmanager
def signed_line(sqlite_url: str, folder: Path, *, hears: bool = False) -> Iterator[Line]:
    """With two officers on duty and one person in the roster."""
    seed(sqlite_url)
    line = Line(
        sqlite_url,
        folder / "data",
        hears=hears,
        public_url=BASE,
        secret_key=SecretStr("a secret of the tests"),
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=SecretStr(TOKEN),
    )
    yield line
    line.engine.dispose()


@pytest.fixture
def line(sqlite_url: str, tmp_path: Path) -> Iterator[Line]:
    with signed_line(sqlite_url, tmp_path) as line:
        yield line


@pytest.fixture
def phone(line: Line) -> SignedClient:
    app = Flask("line")
    catalogue = load_catalogue("zh_CN")
    app.register_blueprint(
        create_blueprint(line.settings, line.service, ScriptedStudio(), catalogue, deaf(), end_call=ScriptedEnder())  # type: ignore[arg-type]
    )
    return SignedClient(app)


class Caller:
    """Executes what the line answers, as far as it matters: where the next answer goes."""

    def __init__(self, phone: SignedClient, sid: str = "CA1") -> None:
        self.phone = phone
        self.sid = sid
        self.heard = verbs(self.send("/twilio/voice", CallStatus="ringing"))

    def send(self, address: str, **fields: str):  # type: ignore[no-untyped-def]
        return self.phone.post(address, **{"CallSid": self.sid, "From": CALLER} | fields)

    @property
    def address(self) -> str:
        """Where the last verb that waits sends its answer."""
        return next(verb["action"] for verb in reversed(self.heard) if "action" in verb.attributes)

    def does(self, **fields: str) -> list[Verb]:
        self.heard = verbs(self.send(self.address, **fields))
        return self.heard

    @property
    def rings(self) -> list[str]:
        return [verb.inside[0].text for verb in self.heard if verb.name == "Dial"]


@pytest.fixture
def caller(phone: SignedClient) -> Caller:
    return Caller(phone)


def test_an_urgent_call_rings_the_officers_and_is_in_the_records_first(caller: Caller, line: Line) -> None:
    caller.does(Digits="1")
    assert caller.rings == [OFFICERS[0]]
    assert [request.urgency for request in line.requests()] == ["red"]
    caller.does(DialCallStatus="no-answer")
    assert caller.rings == [OFFICERS[1]]
    caller.does(DialCallStatus="completed", DialCallDuration="30")
    assert [transfer.outcome for transfer in line.call().transfers] == ["no_answer", "answered"]


def test_a_message_is_recorded_and_registered_to_be_fetched(caller: Caller, line: Line) -> None:
    caller.does(Digits="2")
    assert "Record" in [verb.name for verb in caller.heard]
    caller.does(**RECORDED, Digits="1")
    (recording,) = line.call().recordings
    assert (recording.sid, recording.url) == ("RE1", RECORDING)


def test_a_message_ended_by_hanging_up_has_its_request_and_its_recording(caller: Caller, line: Line) -> None:
    caller.does(Digits="2")
    caller.does(**RECORDED, Digits="hangup", CallStatus="completed")
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]
    assert len(line.requests()) == 1
    assert line.call().ended_at
    assert line.call().status == "completed"


def test_a_webhook_that_arrives_twice_gets_the_same_answer_and_has_no_second_effect(caller: Caller, line: Line) -> None:
    address = caller.address
    first = caller.send(address, Digits="1").data
    again = caller.send(address, Digits="1").data
    assert first == again
    assert len(line.requests()) == 1
    assert [turn.number for turn in line.call().turns] == [1]


def test_a_call_that_is_announced_twice_is_one_call(caller: Caller, line: Line) -> None:
    caller.does(Digits="2")
    again = verbs(caller.send("/twilio/voice", CallStatus="ringing"))
    assert again == caller.heard
    assert len(line.calls()) == 1


def test_a_webhook_that_comes_late_gets_the_current_turn(caller: Caller, line: Line) -> None:
    old = caller.address
    current = caller.does(Digits="2")
    late = verbs(caller.send(old, Digits="1"))
    assert late == current
    assert line.requests() == []


def test_a_recording_that_comes_late_is_kept_all_the_same(caller: Caller, line: Line) -> None:
    old = caller.address
    caller.does(Digits="2")
    caller.send(old, **RECORDED)
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (2, 0, 1), (1, 2, 0)])
def test_status_callbacks_settle_to_the_same_record_in_any_order(caller: Caller, line: Line, order: list[int]) -> None:
    callbacks = [
        {"CallStatus": "ringing", "SequenceNumber": "0"},
        {"CallStatus": "in-progress", "SequenceNumber": "0"},
        {"CallStatus": "completed", "CallDuration": "61", "SequenceNumber": "0"},
    ]
    for index in order * 2:
        assert caller.send("/twilio/status", **callbacks[index]).status_code == 204
    call = line.call()
    assert (call.status, call.duration_s, call.ended_at is not None) == ("completed", 61, True)


def test_the_recordings_callback_and_the_answer_may_come_in_any_order(caller: Caller, line: Line) -> None:
    caller.does(Digits="2")
    caller.send("/twilio/recording-status", **RECORDED, RecordingStatus="completed")
    caller.does(**RECORDED)
    caller.send("/twilio/recording-status", **RECORDED, RecordingStatus="completed")
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_an_answer_from_a_call_that_nobody_knows_starts_it(phone: SignedClient, line: Line) -> None:
    with capture_logs():
        found = verbs(phone.post("/twilio/turn/5", CallSid="CA9", From=CALLER, Digits="1"))
    assert found[0]["action"] == f"{BASE}/twilio/turn/6"
    assert line.call("CA9").from_number == CALLER


def test_a_status_of_a_call_that_nobody_knows_is_accepted(phone: SignedClient) -> None:
    with capture_logs():
        assert phone.post("/twilio/status", CallSid="CA9", CallStatus="completed").status_code == 204


@pytest.mark.parametrize(
    "number", ["anonymous", "", "+266696687", "+86282452253", "sip:gate@10.0.0.1", "12345", "\x00"]
)
def test_a_caller_without_a_number_is_served_like_any_other(phone: SignedClient, line: Line, number: str) -> None:
    verbs(phone.post("/twilio/voice", CallSid="CA2", From=number))
    assert line.call("CA2").person_id is None


# --- With the database gone


@pytest.fixture
def database_gone(caller: Caller, sqlite_url: str) -> Iterator[None]:
    """In the middle of a call."""
    with sqlite_gone(sqlite_url):
        yield


@pytest.mark.usefixtures("database_gone")
def test_help_is_rung_for_with_the_database_gone(caller: Caller, line: Line) -> None:
    with capture_logs():
        caller.does(Digits="1")
    assert caller.rings == [OFFICERS[0]]
    assert line.journal.pending > 0


@pytest.mark.usefixtures("database_gone")
def test_the_fallback_takes_a_message_with_the_database_gone(caller: Caller, line: Line) -> None:
    with capture_logs():
        found = verbs(caller.send("/twilio/fallback", ErrorCode="11205"))
        caller.heard = verbs(caller.send(found[-1].text, **RECORDED))
    assert caller.rings == [OFFICERS[0]]
    kinds = {type(record).__name__ for record in line.journal.pending_for("CA1")}
    assert kinds == {"StepRecord", "RecordingRecord"}


# --- Anything at all

VALUES = ("1", "0", "*", "#", "12", "hangup", "completed", "no-answer", "busy", "in-progress", "-1", RECORDING, "\x00")
FIELDS = (
    *("CallSid", "From", "To", "CallStatus", "CallDuration", "Direction", "Digits", "AccountSid", "ErrorCode"),
    *("RecordingUrl", "RecordingSid", "RecordingDuration", "RecordingStatus", "DialCallStatus", "DialCallDuration"),
)
ADDRESSES = (
    *("/twilio/voice", "/twilio/turn/0", "/twilio/turn/1", "/twilio/turn/2", "/twilio/turn/99999999999999"),
    *("/twilio/turn/1?waited=2", "/twilio/turn/2?waited=-1", "/twilio/turn/2?transfer=1", "/twilio/status"),
    *("/twilio/recording-status", "/twilio/fallback", "/twilio/fallback/message", "/twilio/fallback/ring/1"),
)
values = st.text(max_size=80) | st.sampled_from(VALUES)
names = st.text(max_size=10) | st.sampled_from(FIELDS)
forms = st.lists(st.tuples(names, values), max_size=12)
addresses = st.sampled_from(ADDRESSES)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(addresses, forms), min_size=1, max_size=6), st.booleans())
def test_no_signed_form_is_answered_with_an_error(
    phone: SignedClient, webhooks: list[tuple[str, list[tuple[str, str]]]], named: bool
) -> None:
    with capture_logs() as logs:
        for address, form in webhooks:
            answer = phone.post_form(address, [("CallSid", "CA1"), *form] if named else form)
            assert answer.status_code in {200, 204, 400}
            if answer.status_code == 200:
                assert verbs(answer)
    assert not [entry for entry in logs if entry["event"] == "webhook_failed"]
