"""Asking the provider to ring somebody, and what it says of the calls that it has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ivr.config import Settings
from ivr.telephony import ProviderError, ProviderFinal, ProviderRetryable, ProviderUncertain, TwilioProvider, rest
from ivr.telephony.provider import PlacedCall, Provider
from tests.telephony.peer import Answer, Peer, a_peer
from tests.telephony.signing import ACCOUNT

CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
TO = "+8651200001234"
SENT = datetime(2026, 11, 23, 2, 0, 30, 400_000, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with a_peer() as peer:
        yield peer


@pytest.fixture
def provider(settings: Settings, peer: Peer) -> TwilioProvider:
    return TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url}))


def place(provider: Provider, detection: str | None = None) -> str:
    return provider.place_call(
        TO,
        url="https://line.example/voice?outbound=7",
        status_url="https://line.example/status?outbound=7",
        ring_s=45,
        machine_detection_url=detection,
    )


def refused(code: int, status: int = 400) -> Answer:
    return Answer.json(status, code=code, message=f"no call to {TO}", status=status)


def listed(sid: str, at: datetime, status: str = "completed") -> dict[str, str]:
    return {"sid": sid, "status": status, "date_created": f"{at:%a, %d %b %Y %H:%M:%S} +0000"}


def test_a_call_is_ordered_once_with_all_that_it_needs(provider: Provider, peer: Peer, settings: Settings) -> None:
    peer.answers = [Answer.json(201, sid="CA1", status="queued")]
    assert place(provider) == "CA1"
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", CALLS)
    assert parse_qs(asked.body) == {
        "To": [TO],
        "From": [settings.line_number],
        "Url": ["https://line.example/voice?outbound=7"],
        "StatusCallback": ["https://line.example/status?outbound=7"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": ["45"],
    }


def test_a_machine_is_looked_for_while_the_call_goes_on(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer.json(201, sid="CA1")]
    place(provider, "https://line.example/answered-by?outbound=7")
    sent = parse_qs(peer.asked[0].body)
    assert (sent["MachineDetection"], sent["AsyncAmd"]) == (["Enable"], ["true"])
    assert sent["AsyncAmdStatusCallback"] == ["https://line.example/answered-by?outbound=7"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(21211), ProviderFinal),
        (refused(20003, 401), ProviderFinal),
        (refused(20429, 429), ProviderRetryable),
        (Answer(500), ProviderUncertain),
        (Answer(503), ProviderUncertain),
        (Answer(201, b"<html>"), ProviderUncertain),
        (Answer(201, b"{}", declared=1000), ProviderUncertain),
        (Answer.json(201, status="queued"), ProviderUncertain),
        (None, ProviderUncertain),
    ],
    ids=["number", "credentials", "too-many", "500", "503", "no-json", "cut-off", "no-sid", "closed"],
)
def test_a_failed_order_says_whether_somebody_may_be_rung(
    provider: Provider, peer: Peer, answer: Answer | None, error: type[ProviderError]
) -> None:
    peer.answers = [answer]
    with pytest.raises(error) as raised:
        place(provider)
    assert len(peer.asked) == 1
    assert TO not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "bad"), [(21211, True), (21214, True), (21215, True), (21217, True), (21210, False), (20003, False)]
)
def test_a_number_that_cannot_be_rung_is_told_from_other_refusals(
    provider: Provider, peer: Peer, code: int, bad: bool
) -> None:
    peer.answers = [refused(code)]
    with pytest.raises(ProviderFinal) as raised:
        place(provider)
    assert (raised.value.code, raised.value.bad_number) == (code, bad)


def test_an_order_without_an_answer_in_time_may_have_been_carried_out(
    settings: Settings, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.hold.clear()
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.1)
    with pytest.raises(ProviderUncertain):
        place(TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url})))


def test_an_order_that_found_no_connection_was_not_sent(settings: Settings) -> None:
    with a_peer() as gone:
        url = gone.url
    with pytest.raises(ProviderRetryable):
        place(TwilioProvider(settings.model_copy(update={"twilio_api_url": url})))


def test_calls_are_looked_up_by_their_number_and_their_time(provider: Provider, peer: Peer, settings: Settings) -> None:
    peer.answers = [Answer.json(200, calls=[])]
    assert provider.list_calls(TO, SENT) == []
    query = parse_qs(urlsplit(peer.asked[0].path).query)
    assert (query["To"], query["From"]) == ([TO], [settings.line_number])
    assert query["StartTime>"] == ["2026-11-23T01:59:30Z"]


def test_calls_are_listed_newest_first_without_those_from_before(provider: Provider, peer: Peer) -> None:
    second, first, earlier = SENT + timedelta(minutes=15), SENT - timedelta(seconds=20), SENT - timedelta(minutes=2)
    calls = [listed("CA0", earlier), listed("CA1", first, "no-answer"), listed("CA2", second, "ringing")]
    peer.answers = [Answer.json(200, calls=calls)]
    assert provider.list_calls(TO, SENT) == [
        PlacedCall("CA2", "ringing", second.replace(microsecond=0)),
        PlacedCall("CA1", "no-answer", first.replace(microsecond=0)),
    ]


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, b"<html>"), None])
def test_a_list_that_does_not_come_is_asked_for_again(provider: Provider, peer: Peer, answer: Answer | None) -> None:
    peer.answers = [answer]
    with pytest.raises(ProviderRetryable):
        provider.list_calls(TO, SENT)


def test_a_call_is_ended(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer.json(200, sid="CA1", status="in-progress")]
    provider.end_call("CA1")
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", CALLS.replace("Calls", "Calls/CA1"))
    assert parse_qs(asked.body) == {"Status": ["completed"]}


@pytest.mark.parametrize("answer", [refused(21220), refused(20404, 404)])
def test_a_call_that_is_over_need_not_be_ended(provider: Provider, peer: Peer, answer: Answer) -> None:
    peer.answers = [answer]
    provider.end_call("CA1")
    assert len(peer.asked) == 1


@pytest.mark.parametrize(("answer", "error"), [(refused(21218), ProviderFinal), (Answer(500), ProviderRetryable)])
def test_a_call_that_was_not_ended_says_so(
    provider: Provider, peer: Peer, answer: Answer, error: type[ProviderError]
) -> None:
    peer.answers = [answer]
    with pytest.raises(error):
        provider.end_call("CA1")
