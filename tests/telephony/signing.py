"""The provider's side of a webhook: a test client that signs what it posts, in an implementation of its own."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

TOKEN = "twelve-green-bottles"
ACCOUNT = "AC" + "7" * 32
BASE = "https://line.example/care"

Fields = Mapping[str, str] | list[tuple[str, str]]


def signature(url: str, fields: Fields, token: str = TOKEN) -> str:
    """X-Twilio-Signature for a form; of a repeated key every distinct value counts."""
    pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class SignedClient:
    """Posts webhooks to an application. `base` is the public URL that the application is configured with."""

    def __init__(self, app: Flask, token: str = TOKEN, base: str = BASE, account_sid: str = ACCOUNT) -> None:
        self._client = app.test_client()
        self._token = token
        self._base = base
        self._account_sid = account_sid

    def post(self, address: str, **fields: str) -> TestResponse:
        """A webhook of the call CA1, unless `fields` say otherwise, to a path or to an address taken from TwiML."""
        form = {
            "CallSid": "CA1",
            "AccountSid": self._account_sid,
            "From": "+8651252880001",
            "To": "+8651200000000",
            "CallStatus": "in-progress",
            "Direction": "inbound",
        } | fields
        return self.post_form(address, form)

    def post_form(self, address: str, form: Fields) -> TestResponse:
        """Exactly this form."""
        path = address.removeprefix(self._base)
        headers = {"X-Twilio-Signature": signature(self._base + path, form, self._token)}
        pairs = list(form.items()) if isinstance(form, Mapping) else form
        content_type = "application/x-www-form-urlencoded"
        return self._client.post(path, data=urlencode(pairs), headers=headers, content_type=content_type)

    def unsigned(self, address: str, **fields: str) -> TestResponse:
        return self._client.post(address.removeprefix(self._base), data=fields)

    def get(self, address: str, **headers: str) -> TestResponse:
        return self._client.get(address.removeprefix(self._base), headers=headers)
