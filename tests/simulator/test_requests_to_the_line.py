"""What the line gets over HTTP: signed, complete, and not always in order."""

import threading
from typing import Any

import pytest

from ivr.simulator import Line, Mishaps
from ivr.simulator.events import Problem
from ivr.simulator.webhooks import Courier, WebhookError, signature

HELLO = "<Play>/sound/hello</Play><Hangup/>"


def test_the_signature_is_the_one_of_the_providers_documents() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    assert signature("https://example.com/myapp.php?foo=1&bar=2", fields, "12345") == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_every_request_is_signed(rig: Any) -> None:
    rig.line.answers = {
        "/twilio/voice": '<Gather action="/a?question=冷"/><Redirect method="GET">/b</Redirect>',
        "/b": HELLO,
    }
    rig.call(("hear", "hello"))
    assert [request.path for request in rig.line.requests if not request.signed] == []
    assert {"/twilio/voice", "/b", "/sound/hello", "/twilio/status"} <= {r.path for r in rig.line.requests}


def test_the_first_request_says_who_calls_whom(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": HELLO}
    call = rig.call(("hear", "hello"))
    (form,) = rig.line.to("/twilio/voice")
    assert form["CallSid"] == call.sid
    assert (form["From"], form["To"]) == ("+8613800000001", "+8651200000000")
    assert (form["Direction"], form["CallStatus"], form["ApiVersion"]) == ("inbound", "ringing", "2010-04-01")


def test_a_withheld_number_arrives_as_the_provider_writes_it(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": HELLO}
    rig.call(("hear", "hello"), from_number=None)
    assert rig.line.to("/twilio/voice")[0]["From"] == "+266696687"


def statuses(rig: Any, **mishaps: Any) -> list[tuple[str, str]]:
    rig.line.answers = {"/twilio/voice": HELLO}
    rig.call(("hear", "hello"), mishaps=Mishaps(**mishaps))
    return [(form["CallStatus"], form["SequenceNumber"]) for form in rig.line.to("/twilio/status")]


RINGING, ANSWERED, COMPLETED = ("ringing", "0"), ("in-progress", "1"), ("completed", "2")


@pytest.mark.parametrize(
    ("mishaps", "arrived"),
    [
        ({}, [RINGING, ANSWERED, COMPLETED]),
        ({"late_status": True}, [RINGING, ANSWERED, COMPLETED]),
        ({"reorder_status": True}, [COMPLETED, ANSWERED, RINGING]),
        ({"drop_status": frozenset({"completed"})}, [RINGING, ANSWERED]),
        ({"duplicate_status": True}, [RINGING, RINGING, ANSWERED, ANSWERED, COMPLETED, COMPLETED]),
    ],
)
def test_status_callbacks_are_numbered_and_arrive_as_well_as_the_network_lets_them(
    rig: Any, mishaps: dict[str, Any], arrived: list[tuple[str, str]]
) -> None:
    assert statuses(rig, **mishaps) == arrived


def test_the_last_status_says_how_long_the_call_was(rig: Any) -> None:
    statuses(rig)
    assert rig.line.to("/twilio/status")[-1]["CallDuration"] == "1"


def test_a_request_may_arrive_twice(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": HELLO}
    rig.call(("hear", "hello"), mishaps=Mishaps(duplicate_webhooks=True))
    first, second = rig.line.to("/twilio/voice")
    assert first == second


FAULTS = [
    ((500, "", "text/xml"), 11200),
    ((404, "", "text/xml"), 11200),
    ((200, "<Response><Play>", "text/xml"), 12100),
    ((200, "<Response/>", "application/json"), 12300),
    ((200, "<Response><Answer/></Response>", "text/xml"), 12200),
]


@pytest.mark.parametrize(("answer", "code"), FAULTS)
def test_a_useless_answer_goes_to_the_fallback_address_with_its_error(rig: Any, answer: Any, code: int) -> None:
    rig.network.line = Line(rig.network.line.number, f"{rig.line.url}/twilio/voice", f"{rig.line.url}/rescue")
    rig.line.answers = {"/twilio/voice": answer, "/rescue": HELLO}
    rig.call(("hear", "hello"))
    (form,) = rig.line.to("/rescue")
    assert (form["ErrorCode"], form["ErrorUrl"]) == (str(code), f"{rig.line.url}/twilio/voice")


@pytest.mark.parametrize(("answer", "code"), FAULTS)
def test_without_a_fallback_the_caller_hears_an_apology_and_the_call_ends(rig: Any, answer: Any, code: int) -> None:
    rig.line.answers = {"/twilio/voice": answer}
    call = rig.call(("wait", 60))
    assert [event.code for event in call.events if isinstance(event, Problem)] == [code]
    assert call.events[-1].by == "network"


def test_a_fallback_that_fails_as_well_is_not_asked_again(rig: Any) -> None:
    rig.network.line = Line(rig.network.line.number, f"{rig.line.url}/twilio/voice", f"{rig.line.url}/rescue")
    call = rig.call(("wait", 60))
    assert len(rig.line.to("/rescue")) == 1
    assert [event.code for event in call.events if isinstance(event, Problem)] == [11200, 11200]


def test_a_line_that_goes_round_in_circles_is_stopped(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.simulator.session.MAX_DOCUMENTS", 5)
    rig.line.answers = {"/twilio/voice": "<Redirect>/twilio/voice</Redirect>"}
    call = rig.call(("wait", 60))
    assert len(rig.line.to("/twilio/voice")) == 5
    assert call.events[-1].by == "network"


def test_an_answer_that_takes_too_long_counts_as_none(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.simulator.webhooks.TIMEOUT_S", 0.05)
    over = threading.Event()
    rig.line.answers = {"/twilio/voice": lambda _form: HELLO * over.wait(5)}
    with pytest.raises(WebhookError) as error:
        Courier("token").ask(f"{rig.line.url}/twilio/voice", "POST", {})
    over.set()
    assert error.value.code == 11205


def test_a_line_that_is_not_there_is_a_failed_retrieval() -> None:
    with pytest.raises(WebhookError) as error:
        Courier("token").ask("http://127.0.0.1:9/twilio/voice", "POST", {})
    assert error.value.code == 11200
