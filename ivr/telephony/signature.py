"""Proof that a webhook comes from the provider: X-Twilio-Signature over the URL that the provider called."""

import hmac
from urllib.parse import SplitResult, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

HEADER = "X-Twilio-Signature"


def sign(token: str, url: str, form: MultiDict[str, str]) -> str:
    """The signature of a POST of `form` to `url`: base64 of HMAC-SHA1. Every value of a repeated key counts."""
    signature: str = RequestValidator(token).compute_signature(url, form)
    return signature


def is_signed(token: str, url: str, form: MultiDict[str, str], signature: str | None) -> bool:
    """Whether `signature` belongs to this request. Takes the same time wherever the signatures differ.

    Providers leave the port out of what they sign, or put it in, whatever the webhook's URL says; both are accepted.
    """
    if not signature:
        return False
    given = signature.encode()
    matches = [hmac.compare_digest(sign(token, spelling, form).encode(), given) for spelling in _spellings(url)]
    return any(matches)


def _spellings(url: str) -> set[str]:
    """The URL as it is, without a port and with one."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return {url}
    bare = parts.netloc.removesuffix(f":{port}")
    return {url, _at(parts, bare), _at(parts, f"{bare}:{port}")}


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()
