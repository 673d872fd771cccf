"""Requests from the network to the line: signed as the provider signs them, answers read as the provider reads them."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests

from ivr.simulator import audio, twiml

TIMEOUT_S = 15
RETRIEVAL_FAILURE = 11200
TOO_SLOW = 11205
CONTENT_TYPE = 12300

_TWIML_TYPES = ("text/xml", "application/xml", "text/html")
_SOUND_TYPES = ("audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave")

Fields = Mapping[str, str]


class WebhookError(Exception):
    """The line's answer is of no use. `code` is the provider's number for the fault."""

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Reply:
    """An answer that arrived in time with a status of 2xx. `url` is where it came from, after redirects."""

    url: str
    status: int
    content_type: str
    body: bytes
    took_ms: int


def signature(url: str, fields: Fields, token: str) -> str:
    """X-Twilio-Signature: HMAC-SHA1 of the address followed by every POST field and its value, by name."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _with_query(url: str, fields: Fields) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(dict(fields))) if part)
    return urlunsplit(parts._replace(query=query, fragment=""))


class Courier:
    """Carries one call's requests to the line. Not for use by two threads at once."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["User-Agent"] = "TwilioProxy/1.1"

    def close(self) -> None:
        self._http.close()

    def ask(self, url: str, method: str, fields: Fields) -> Reply:
        """Send the fields, signed. Raises WebhookError unless a 2xx answer comes within 15 s."""
        url = _with_query(url, fields) if method == "GET" else urlunsplit(urlsplit(url)._replace(fragment=""))
        form = {} if method == "GET" else dict(fields)
        signed = {"X-Twilio-Signature": signature(url, form, self._token)}
        began = time.monotonic()
        try:
            answer = self._http.request(method, url, data=form or None, headers=signed, timeout=TIMEOUT_S)
        except requests.Timeout as error:
            raise WebhookError(TOO_SLOW, f"{url}: no answer within {TIMEOUT_S} s") from error
        except requests.RequestException as error:
            raise WebhookError(RETRIEVAL_FAILURE, f"{url}: {error}") from error
        if not answer.ok:
            raise WebhookError(RETRIEVAL_FAILURE, f"{url}: HTTP {answer.status_code}", answer.status_code)
        took_ms = round((time.monotonic() - began) * 1000)
        content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Reply(answer.url, answer.status_code, content_type, answer.content, took_ms)

    def sound(self, url: str) -> audio.Wave:
        """A sound to play. Raises WebhookError when it cannot be fetched or cannot be played on a telephone."""
        reply = self.ask(url, "GET", {})
        if reply.content_type not in _SOUND_TYPES:
            raise WebhookError(CONTENT_TYPE, f"{url}: {reply.content_type or 'no content type'} is no sound")
        try:
            return audio.read_wav(reply.body)
        except audio.AudioError as error:
            raise WebhookError(CONTENT_TYPE, f"{url}: {error}") from error


def document(reply: Reply) -> tuple[twiml.Verb, ...]:
    """The verbs that an answer asks for. Raises WebhookError or TwimlError."""
    if reply.content_type == "text/plain":
        return (twiml.Say(reply.body.decode(errors="replace")),)
    if reply.content_type not in _TWIML_TYPES:
        raise WebhookError(CONTENT_TYPE, f"{reply.url}: {reply.content_type or 'no content type'} is no TwiML")
    return twiml.parse(reply.body.decode(errors="replace"))
