"""Asking the provider: recordings, calls and messages, and every way in which that can fail."""

import base64
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from ivr.config import Settings
from ivr.telephony import ProviderError, ProviderFinal, ProviderRetryable, ProviderUncertain, TwilioProvider, rest
from ivr.telephony.provider import CallStatus, Provider
from tests.telephony.peer import Answer, Peer, a_peer
from tests.telephony.signing import ACCOUNT, TOKEN

BASIC = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
RECORDING = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1"
WAV = b"RIFF....WAVE"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with a_peer() as peer:
        yield peer


@pytest.fixture
def elsewhere() -> Iterator[Peer]:
    with a_peer() as peer:
        yield peer


@pytest.fixture
def provider(settings: Settings, peer: Peer) -> TwilioProvider:
    return TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url}))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> None:
    """The provider answers nothing, and the line gives up at once."""
    peer.hold.clear()
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.1)


# --- Recordings


def test_a_recording_is_fetched_with_the_credentials_and_as_a_wav_file(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer(200, WAV)]
    assert provider.fetch_recording(peer.url + RECORDING) == WAV
    assert [(asked.path, asked.authorization) for asked in peer.asked] == [(RECORDING + ".wav", BASIC)]


@pytest.mark.parametrize("address", [RECORDING + ".wav", RECORDING + ".mp3", RECORDING + ".wav?a=1"])
def test_an_address_that_names_a_file_is_taken_as_it_is(provider: Provider, peer: Peer, address: str) -> None:
    peer.answers = [Answer(200, WAV)]
    provider.fetch_recording(peer.url + address)
    assert peer.asked[0].path == address


def test_a_recording_that_is_not_there_yet_can_be_fetched_later(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer(404), Answer(404), Answer(200, WAV)]
    for _ in range(2):
        with pytest.raises(ProviderRetryable, match="404"):
            provider.fetch_recording(peer.url + RECORDING)
    assert provider.fetch_recording(peer.url + RECORDING) == WAV


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401), ProviderFinal),
        (Answer(403), ProviderFinal),
        (Answer(410), ProviderFinal),
        (Answer(204), ProviderFinal),
        (Answer(429), ProviderRetryable),
        (Answer(500), ProviderRetryable),
        (Answer(503), ProviderRetryable),
        (None, ProviderRetryable),
        (Answer(200, WAV, declared=1000), ProviderRetryable),
    ],
)
def test_a_recording_is_tried_again_only_when_that_can_help(
    provider: Provider, peer: Peer, answer: Answer | None, error: type[ProviderError]
) -> None:
    peer.answers = [answer]
    with pytest.raises(error):
        provider.fetch_recording(peer.url + RECORDING)


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_does_not_answer_is_asked_again_later(provider: Provider, peer: Peer) -> None:
    with pytest.raises(ProviderRetryable, match="Timeout"):
        provider.fetch_recording(peer.url + RECORDING)


def test_a_provider_that_is_not_there_is_asked_again_later(settings: Settings) -> None:
    with a_peer() as gone:
        url = gone.url
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": url}))
    with pytest.raises(ProviderRetryable):
        provider.fetch_recording(url + RECORDING)


def test_a_recording_larger_than_any_message_is_refused(
    provider: Provider, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "LARGEST_RECORDING", 1000)
    peer.answers = [Answer(200, b"x" * 1000)]
    assert len(provider.fetch_recording(peer.url + RECORDING)) == 1000
    peer.answers = [Answer(200, b"x" * 1001)]
    with pytest.raises(ProviderFinal, match="larger"):
        provider.fetch_recording(peer.url + RECORDING)


def test_a_redirect_elsewhere_is_followed_without_the_credentials(
    provider: Provider, peer: Peer, elsewhere: Peer
) -> None:
    elsewhere.answers = [Answer(302, headers={"Location": peer.url + "/back"})]
    peer.answers = [Answer(302, headers={"Location": elsewhere.url + "/media?token=1"}), Answer(200, WAV)]
    assert provider.fetch_recording(peer.url + RECORDING) == WAV
    assert [asked.authorization for asked in elsewhere.asked] == [None]
    assert [asked.authorization for asked in peer.asked] == [BASIC, None]


def test_a_redirect_within_the_provider_keeps_the_credentials(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer(307, headers={"Location": "/media"}), Answer(200, WAV)]
    assert provider.fetch_recording(peer.url + RECORDING) == WAV
    assert [(asked.path, asked.authorization) for asked in peer.asked][1] == ("/media", BASIC)


def test_redirects_without_end_are_given_up(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer(302, headers={"Location": "/round"})]
    with pytest.raises(ProviderFinal, match="redirects"):
        provider.fetch_recording(peer.url + RECORDING)
    assert len(peer.asked) == rest.REDIRECTS + 1


def test_an_address_that_is_not_the_providers_is_never_asked(provider: Provider, elsewhere: Peer) -> None:
    with pytest.raises(ProviderFinal, match="not the provider's"):
        provider.fetch_recording(elsewhere.url + RECORDING)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("api", "address", "own"),
    [
        (None, "https://api.twilio.com/x", True),
        (None, "https://api.ie1.twilio.com/x", True),
        (None, "https://API.TWILIO.COM/x", True),
        (None, "http://api.ie1.twilio.com/x", False),
        (None, "https://api.twilio.com.evil.example/x", False),
        (None, "https://eviltwilio.com/x", False),
        (None, "https://evil.example/api.twilio.com", False),
        (None, "https://api.twilio.com@evil.example/x", False),
        (None, "https://[", False),
        (None, "file:///etc/passwd", False),
        (None, "", False),
        ("https://sip.example/api", "https://sip.example/recordings/1", True),
        ("https://sip.example/api", "https://sip.example:8443/recordings/1", False),
        ("https://sip.example/api", "https://api.twilio.com/x", False),
        ("http://127.0.0.1:8080/simulator", "http://127.0.0.1:8080/x", True),
        ("http://127.0.0.1:8080/simulator", "http://127.0.0.1:9090/x", False),
    ],
)
def test_the_providers_own_hosts_are_known(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, api: str | None, address: str, own: bool
) -> None:
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": api}))
    asked: list[str] = []

    def refuse(url: str, **_options: Any) -> requests.Response:
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(provider._media, "get", refuse)
    with pytest.raises(ProviderRetryable if own else ProviderFinal):
        provider.fetch_recording(address)
    assert bool(asked) is own


# --- Calls


def test_a_call_has_its_status_and_its_duration(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer.json(200, sid="CA1", status="completed", duration="61")]
    assert provider.call_status("CA1") == CallStatus("completed", 61)
    assert peer.asked[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/CA1.json"
    assert peer.asked[0].authorization == BASIC


def test_a_call_that_goes_on_has_no_duration(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer.json(200, sid="CA1", status="in-progress", duration=None)]
    assert provider.call_status("CA1") == CallStatus("in-progress", None)


def test_a_call_that_the_provider_does_not_know_is_none(provider: Provider, peer: Peer) -> None:
    peer.answers = [Answer.json(404, code=20404, message="not found", status=404)]
    assert provider.call_status("CA1") is None


def test_a_call_sid_cannot_lead_elsewhere_in_the_api(provider: Provider, peer: Peer) -> None:
    provider.call_status("../Messages/SM1")
    assert peer.asked[0].path.endswith("/Calls/..%2FMessages%2FSM1.json")


@pytest.mark.parametrize(
    ("prefix", "expected"), [("", ""), ("/api/laml", "/api/laml"), ("/2010-04-01", ""), ("/a/2010-04-01", "/a")]
)
def test_the_api_may_live_below_a_path(settings: Settings, peer: Peer, prefix: str, expected: str) -> None:
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url + prefix}))
    provider.call_status("CA1")
    assert peer.asked[0].path == f"{expected}/2010-04-01/Accounts/{ACCOUNT}/Calls/CA1.json"


def test_the_environment_does_not_move_the_api(settings: Settings, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TWILIO_EDGE": "sydney", "TWILIO_REGION": "au1", "HTTP_PROXY": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url}))
    provider.call_status("CA1")
    assert peer.asked[0].authorization == BASIC


# --- Messages


def test_a_message_is_sent_from_the_lines_number(provider: Provider, peer: Peer, settings: Settings) -> None:
    peer.answers = [Answer.json(201, sid="SM1")]
    assert provider.send_sms("+8613800000000", "请回电话") == "SM1"
    sent = parse_qs(peer.asked[0].body)
    assert sent == {"To": ["+8613800000000"], "From": [settings.line_number], "Body": ["请回电话"]}


READ: Callable[[Provider], object] = lambda provider: provider.call_status("CA1")  # noqa: E731
SEND: Callable[[Provider], object] = lambda provider: provider.send_sms("+8613800000000", "x")  # noqa: E731


@pytest.mark.parametrize(
    ("answer", "reading", "sending"),
    [
        (Answer.json(400, code=21211, message="bad number", status=400), ProviderFinal, ProviderFinal),
        (Answer.json(401, code=20003, message="authenticate", status=401), ProviderFinal, ProviderFinal),
        (Answer.json(429, code=20429, message="slow down", status=429), ProviderRetryable, ProviderRetryable),
        (
            Answer.json(400, type="about:blank", title="bad", code=21211, status=400),
            ProviderFinal,
            ProviderFinal,
        ),
        (Answer(500), ProviderRetryable, ProviderUncertain),
        (Answer(502, b"<html>"), ProviderRetryable, ProviderUncertain),
        (Answer(200, b"<html>"), ProviderRetryable, ProviderUncertain),
        (Answer(200, b"{}", declared=1000), ProviderRetryable, ProviderUncertain),
        (None, ProviderRetryable, ProviderUncertain),
    ],
    ids=["number", "credentials", "too-many", "rfc-9457", "500", "502", "no-json", "cut-off", "closed"],
)
def test_a_failure_says_whether_to_ask_again(
    provider: Provider,
    peer: Peer,
    answer: Answer | None,
    reading: type[ProviderError],
    sending: type[ProviderError],
) -> None:
    for ask, error in ((READ, reading), (SEND, sending)):
        peer.answers, peer.asked = [answer], []
        with pytest.raises(error) as raised:
            ask(provider)
        assert len(peer.asked) == 1
        assert "13800000000" not in str(raised.value)


@pytest.mark.usefixtures("impatient")
def test_a_message_without_an_answer_may_have_been_sent(settings: Settings, peer: Peer) -> None:
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": peer.url}))
    with pytest.raises(ProviderUncertain):
        provider.send_sms("+8613800000000", "x")
    with pytest.raises(ProviderRetryable):
        provider.call_status("CA1")


def test_a_message_that_found_no_connection_was_not_sent(settings: Settings) -> None:
    with a_peer() as gone:
        url = gone.url
    provider = TwilioProvider(settings.model_copy(update={"twilio_api_url": url}))
    with pytest.raises(ProviderRetryable):
        provider.send_sms("+8613800000000", "x")


@pytest.mark.parametrize("missing", ["twilio_account_sid", "twilio_auth_token"])
def test_a_provider_without_credentials_is_refused_by_name(settings: Settings, missing: str) -> None:
    with pytest.raises(ValueError, match="TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"):
        TwilioProvider(settings.model_copy(update={missing: None}))
