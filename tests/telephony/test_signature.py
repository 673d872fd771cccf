"""Who may speak for the provider."""

import pytest
from werkzeug.datastructures import MultiDict

from ivr.telephony.signature import is_signed
from tests.telephony.signing import signature

PUBLISHED_URL = "https://example.com/myapp.php?foo=1&bar=2"
PUBLISHED_FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
PUBLISHED_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_the_signature_that_the_provider_publishes_is_accepted() -> None:
    assert is_signed("12345", PUBLISHED_URL, MultiDict(PUBLISHED_FORM), PUBLISHED_SIGNATURE)


@pytest.mark.parametrize(
    ("token", "url", "change", "signature"),
    [
        ("12346", PUBLISHED_URL, {}, PUBLISHED_SIGNATURE),
        ("12345", "https://example.com/myapp.php?foo=1&bar=3", {}, PUBLISHED_SIGNATURE),
        ("12345", "http://example.com/myapp.php?foo=1&bar=2", {}, PUBLISHED_SIGNATURE),
        ("12345", "https://example.org/myapp.php?foo=1&bar=2", {}, PUBLISHED_SIGNATURE),
        ("12345", PUBLISHED_URL, {"Digits": "1235"}, PUBLISHED_SIGNATURE),
        ("12345", PUBLISHED_URL, {"Added": ""}, PUBLISHED_SIGNATURE),
        ("12345", PUBLISHED_URL, {}, PUBLISHED_SIGNATURE[:-1]),
        ("12345", PUBLISHED_URL, {}, PUBLISHED_SIGNATURE.lower()),
        ("12345", PUBLISHED_URL, {}, "签名"),
        ("12345", PUBLISHED_URL, {}, ""),
        ("12345", PUBLISHED_URL, {}, None),
    ],
    ids=["token", "query", "scheme", "host", "value", "field", "short", "case", "not-ascii", "empty", "missing"],
)
def test_any_difference_is_refused(token: str, url: str, change: dict[str, str], signature: str | None) -> None:
    assert not is_signed(token, url, MultiDict(PUBLISHED_FORM | change), signature)


def test_every_value_of_a_repeated_key_is_signed() -> None:
    url, form = "https://line.example/twilio/voice", [("A", "2"), ("A", "1"), ("B", "3")]
    assert is_signed("t", url, MultiDict(form), signature(url, form, "t"))
    assert not is_signed("t", url, MultiDict([("A", "2"), ("B", "3")]), signature(url, form, "t"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://line.example:8443/x?a=1", "https://line.example/x?a=1"),
        ("https://line.example:8443/x?a=1", "https://line.example:8443/x?a=1"),
        ("https://line.example/x", "https://line.example:443/x"),
        ("http://line.example/x", "http://line.example:80/x"),
        ("http://[::1]:8080/x", "http://[::1]/x"),
        ("https://line.example/x?q=%7e%E6%98%AF", "https://line.example/x?q=%7e%E6%98%AF"),
        ("https://line.example/x?q=是", "https://line.example/x?q=是"),
    ],
)
def test_the_port_may_be_signed_or_left_out(ours: str, theirs: str) -> None:
    assert is_signed("t", ours, MultiDict({"A": "b"}), signature(theirs, {"A": "b"}, "t"))


@pytest.mark.parametrize("url", ["http://[::1/x", "http://line.example:port/x", "http://line.example:999999/x", ""])
def test_an_address_that_is_none_is_refused_and_not_an_error(url: str) -> None:
    assert not is_signed("t", url, MultiDict(), "c2lnbmF0dXJl")
