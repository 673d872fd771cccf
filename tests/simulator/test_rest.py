"""The REST API, asked by the provider's own client library."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ivr.simulator.officers import BUSY, NO_ANSWER, Answers, Switchboard
from ivr.simulator.script import PressKeys
from ivr.simulator.scripted import ScriptedCaller

OFFICER = "+8651252880000"
NUMBER = "+8651200000000"
HELLO = "<Play>/sound/hello</Play><Hangup/>"


class ToTheSimulator(TwilioHttpClient):
    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        return super().request(method, url.replace("https://api.twilio.com", self._base), *args, **options)


def client(rig: Any, token: str | None = None) -> Client:
    network = rig.network
    return Client(network.account_sid, token or network.auth_token, http_client=ToTheSimulator(network.api_url))


def place(rig: Any, **options: Any) -> Any:
    wanted = {"to": OFFICER, "from_": NUMBER, "url": f"{rig.line.url}/out", **options}
    return client(rig).calls.create(**wanted)


def test_a_wrong_token_is_refused(rig: Any) -> None:
    with pytest.raises(TwilioRestException) as error:
        client(rig, "wrong").calls("CAany").fetch()
    assert (error.value.status, error.value.code) == (401, 20003)


def test_nobody_gets_in_without_credentials_or_into_another_account(rig: Any) -> None:
    base = f"{rig.network.api_url}/2010-04-01/Accounts"
    mine = (rig.network.account_sid, rig.network.auth_token)
    assert requests.get(f"{base}/{mine[0]}/Calls.json", timeout=5).status_code == 401
    assert requests.get(f"{base}/AC{'9' * 32}/Calls.json", auth=mine, timeout=5).status_code == 401


def test_a_call_that_is_over_can_be_fetched(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": HELLO}
    made = rig.call(("hear", "hello"))
    call = client(rig).calls(made.sid).fetch()
    assert (call.status, call.direction, call.duration) == ("completed", "inbound", "1")
    assert (call._from, call.to) == ("+8613800000001", NUMBER)
    assert call.start_time.tzinfo is not None


def test_what_does_not_exist_is_not_found(rig: Any) -> None:
    for fetch in (client(rig).calls("CAnone").fetch, client(rig).recordings("REnone").fetch):
        with pytest.raises(TwilioRestException) as error:
            fetch()
        assert (error.value.status, error.value.code) == (404, 20404)


def test_calls_are_listed_by_number_status_and_time_page_by_page(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": HELLO}
    for _ in range(3):
        rig.call(("hear", "hello"))
    calls = client(rig).calls
    assert len(calls.list(page_size=1)) == 3
    assert len(calls.list(to=NUMBER, from_="+8613800000001", status="completed")) == 3
    assert calls.list(to=OFFICER) == []
    now = datetime.now(UTC)
    assert len(calls.list(start_time_after=now - timedelta(hours=1))) == 3
    assert calls.list(start_time_after=now + timedelta(hours=1)) == []
    assert calls.list(start_time_before=now - timedelta(hours=1)) == []


def test_a_call_from_the_line_rings_is_answered_and_gets_its_document(rig: Any) -> None:
    rig.line.answers = {"/out": HELLO, "/progress": (204, "", "text/plain")}
    placed = place(
        rig,
        status_callback=f"{rig.line.url}/progress",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    rig.network.settle()
    (form,) = rig.line.to("/out")
    assert (form["CallSid"], form["Direction"], form["CallStatus"]) == (placed.sid, "outbound-api", "in-progress")
    progress = [(form["CallStatus"], form["SequenceNumber"]) for form in rig.line.to("/progress")]
    assert progress == [("queued", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


def test_only_the_end_is_reported_unless_more_is_asked_for(rig: Any) -> None:
    rig.line.answers = {"/out": HELLO, "/progress": (204, "", "text/plain")}
    place(rig, status_callback=f"{rig.line.url}/progress")
    rig.network.settle()
    assert [form["CallStatus"] for form in rig.line.to("/progress")] == ["completed"]


@pytest.mark.parametrize(
    ("behaviour", "status"), [(BUSY, "busy"), (NO_ANSWER, "no-answer"), (Answers(after_s=30), "no-answer")]
)
def test_a_call_that_nobody_answers_never_asks_for_a_document(rig: Any, behaviour: Any, status: str) -> None:
    rig.surround(switchboard=Switchboard(anyone=behaviour))
    placed = place(rig, timeout=20)
    rig.network.settle()
    assert client(rig).calls(placed.sid).fetch().status == status
    assert rig.line.to("/out") == []


def test_somebody_may_be_at_the_other_telephone(rig: Any) -> None:
    rig.line.answers = {"/out": '<Gather numDigits="1" action="/key"/>', "/key": "<Hangup/>"}
    rig.surround(phones={OFFICER: lambda clock: ScriptedCaller((PressKeys(1, "1"),), clock)})
    place(rig)
    rig.network.settle()
    assert rig.line.to("/key")[0]["Digits"] == "1"


def test_a_call_in_progress_can_be_ended_once(rig: Any) -> None:
    answered, go_on = threading.Event(), threading.Event()

    def voice(_form: dict[str, str]) -> str:
        answered.set()
        go_on.wait(5)
        return '<Pause length="60"/>'

    rig.line.answers = {"/twilio/voice": voice}
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(rig.call(("wait", 60))))
    thread.start()
    assert answered.wait(5)
    (running,) = client(rig).calls.list()
    running.update(status="completed")
    go_on.set()
    thread.join(5)
    assert (made[0].events[-1].by, made[0].duration_s) == ("provider", 0)
    with pytest.raises(TwilioRestException) as error:
        client(rig).calls(running.sid).update(status="completed")
    assert error.value.code == 21220


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "0512-52880000"}, 21211),
        ({"from_": "+8613900000000"}, 21210),
        ({"from_": "nobody"}, 21212),
        ({"url": ""}, 21205),
        ({"status_callback_event": ["finished"]}, 21626),
        ({"timeout": 1}, 20001),
    ],
)
def test_a_call_that_cannot_be_placed_is_refused_with_the_providers_code(
    rig: Any, options: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as error:
        place(rig, **options)
    assert (error.value.status, error.value.code) == (400, code)
    assert rig.network.calls == {}


def test_a_message_is_taken_and_its_parts_are_counted(rig: Any) -> None:
    messages = client(rig).messages
    short = messages.create(to=OFFICER, from_=NUMBER, body="字" * 70)
    long = messages.create(to=OFFICER, from_=NUMBER, body="字" * 71)
    assert (short.num_segments, long.num_segments) == ("1", "2")
    assert messages(short.sid).fetch().body == "字" * 70


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "12"}, 21211),
        ({"from_": "+8613900000000"}, 21606),
        ({"body": ""}, 21602),
        ({"body": "字" * 1601}, 21617),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused(rig: Any, options: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as error:
        client(rig).messages.create(**{"to": OFFICER, "from_": NUMBER, "body": "您好", **options})
    assert error.value.code == code


def test_a_recording_can_be_looked_up(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": '<Record action="/said"/>', "/said": "<Hangup/>"}
    rig.call(("say", "一二三四五六七八"), ("press", "1"))
    (sid,) = rig.network.recordings
    recording = client(rig).recordings(sid).fetch()
    assert (recording.duration, recording.source, recording.channels) == ("2", "RecordVerb", 1)
