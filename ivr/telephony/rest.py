"""The provider's REST API: Twilio itself, or whoever answers at TWILIO_API_URL in its stead."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from ivr.config import Settings
from ivr.telephony.provider import (
    CallStatus,
    PlacedCall,
    ProviderError,
    ProviderFinal,
    ProviderRetryable,
    ProviderUncertain,
)

TWILIO = "https://api.twilio.com"
TWILIO_DOMAIN = ".twilio.com"
VERSION = "/2010-04-01"
"""The API's version, which the library puts into every path: TWILIO_API_URL may end with it or not."""

TIMEOUT_S = 10
"""For connecting, and for each piece of an answer."""
LARGEST_RECORDING = 16 * 1024 * 1024
"""Bytes. Five minutes, the longest message that can be configured, are 4.8 MB of 8 kHz 16-bit audio."""
PIECE = 64 * 1024
REDIRECTS = 3

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
NOT_IN_PROGRESS = 21220
CLOCKS_DIFFER = timedelta(minutes=1)
LISTED = 50
"""Calls to one number within the time that anybody asks about: one officer in a night of alarms has fewer."""

T = TypeVar("T")


class HttpClient(TwilioHttpClient):  # type: ignore[misc] # the library has no types
    """The library's own client, sending every request to the configured provider and giving up in time."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._api_url = api_url
        if self.session:
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        return super().request(method, at_provider(self._api_url, url), *args, **options)


class TwilioProvider:
    """A Provider behind the Twilio API."""

    def __init__(self, settings: Settings) -> None:
        if not settings.twilio_account_sid or not settings.twilio_auth_token:
            raise ValueError("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are needed to speak to the provider")
        self._api_url = (settings.twilio_api_url or TWILIO).removesuffix(VERSION)
        self._line_number = settings.line_number
        self._auth = (settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
        self._client = Client(*self._auth, http_client=HttpClient(self._api_url))
        self._media = requests.Session()
        self._media.trust_env = False  # settings are the only source: no .netrc, no proxy of the environment

    def fetch_recording(self, url: str) -> bytes:
        """See Provider. The credentials go to the provider's own hosts alone, also after a redirect."""
        if not self._is_own(url):
            raise ProviderFinal("the recording's address is not the provider's")
        address, auth = with_extension(url), True
        for _ in range(REDIRECTS + 1):
            response = self._get(address, auth=auth)
            with response:
                target = response.next.url if response.next else None
                if target is None:
                    _check(response.status_code)
                    return _body(response)
            address, auth = target, auth and self._is_own(target)
        raise ProviderFinal("the recording's address redirects without end")

    def call_status(self, sid: str) -> CallStatus | None:
        try:
            call = _asked(lambda: self._client.calls(quote(sid, safe="")).fetch(), otherwise=ProviderRetryable)
        except NotFound:
            return None
        return CallStatus(status=str(call.status), duration_s=int(call.duration) if call.duration else None)

    def send_sms(self, to: str, body: str) -> str:
        message = _asked(
            lambda: self._client.messages.create(to=to, from_=self._line_number, body=body),
            otherwise=ProviderUncertain,
        )
        return str(message.sid)

    def place_call(
        self, to: str, *, url: str, status_url: str, ring_s: int, machine_detection_url: str | None = None
    ) -> str:
        call = _asked(
            lambda: self._client.calls.create(
                to=to,
                from_=self._line_number,
                url=url,
                status_callback=status_url,
                status_callback_event=STATUS_EVENTS,
                timeout=ring_s,
                **_detection(machine_detection_url),
            ),
            otherwise=ProviderUncertain,
        )
        if not call.sid:
            raise ProviderUncertain("the provider's answer names no call")
        return str(call.sid)

    def list_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        after = (since - CLOCKS_DIFFER).astimezone(UTC)
        found = _asked(
            lambda: self._client.calls.list(to=to, from_=self._line_number, start_time_after=after, limit=LISTED),
            otherwise=ProviderRetryable,
        )
        began = [(call.date_created or call.start_time or after, call) for call in found]
        calls = [PlacedCall(str(call.sid), str(call.status), at) for at, call in began if at >= after]
        return sorted(calls, key=lambda call: call.created_at, reverse=True)

    def end_call(self, sid: str) -> None:
        try:
            _asked(
                lambda: self._client.calls(quote(sid, safe="")).update(status="completed"), otherwise=ProviderRetryable
            )
        except NotFound:
            return
        except ProviderFinal as error:
            if error.code != NOT_IN_PROGRESS:
                raise

    def _get(self, address: str, *, auth: bool) -> requests.Response:
        try:
            return self._media.get(
                address, auth=self._auth if auth else None, timeout=TIMEOUT_S, stream=True, allow_redirects=False
            )
        except requests.RequestException as error:
            raise ProviderRetryable(f"the recording could not be fetched: {type(error).__name__}") from error

    def _is_own(self, url: str) -> bool:
        """The configured API's origin, or Twilio's over HTTPS when Twilio is the provider."""
        try:
            given, api = urlsplit(url), urlsplit(self._api_url)
            same = (given.scheme, given.hostname, given.port) == (api.scheme, api.hostname, api.port)
        except ValueError:
            return False
        twilio = self._api_url == TWILIO and given.scheme == "https" and (given.hostname or "").endswith(TWILIO_DOMAIN)
        return same or twilio


class NotFound(ProviderFinal):
    """The provider has no such thing."""


def at_provider(api_url: str, url: str) -> str:
    """The library's URL with its scheme, host and port replaced, and put below the path of `api_url`."""
    base, wanted = urlsplit(api_url), urlsplit(url)
    return urlunsplit(wanted._replace(scheme=base.scheme, netloc=base.netloc, path=base.path + wanted.path))


def with_extension(url: str) -> str:
    """The address of the WAV file. Twilio's RecordingUrl names a resource, whose audio is at the same name + .wav."""
    parts = urlsplit(url)
    named = "." in parts.path.rpartition("/")[2]
    return url if named else urlunsplit(parts._replace(path=parts.path + ".wav"))


def _detection(url: str | None) -> dict[str, str]:
    """Asynchronous, so that whoever answers hears the line at once."""
    return {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": url} if url else {}


def _asked(send: Callable[[], T], *, otherwise: type[ProviderError]) -> T:
    """What `send` returns. `otherwise` is raised when nobody knows whether the request was carried out."""
    try:
        return send()
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error.status, error.code, otherwise) from error
    except (requests.RequestException, TwilioException, ValueError) as error:
        kind = ProviderRetryable if _never_sent(error) else otherwise
        raise kind(f"no usable answer from the provider: {type(error).__name__}") from error


def _never_sent(error: Exception) -> bool:
    """No connection came about, so that nothing can have been carried out."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _refusal(status: int, code: int | None, otherwise: type[ProviderError]) -> ProviderError:
    """429 was not carried out and may be later, 5xx is anybody's guess, everything else was refused for good."""
    what = f"HTTP {status}, code {code}"
    if status == requests.codes.too_many_requests:
        return ProviderRetryable(what, code)
    if status >= requests.codes.server_error:
        return otherwise(what, code)
    return NotFound(what, code) if status == requests.codes.not_found else ProviderFinal(what, code)


def _check(status: int) -> None:
    """Media that is not there yet is a 404; of the other 4xx only 408, 425 and 429 are worth another try."""
    if status == requests.codes.ok:
        return
    if status in (404, 408, 425, 429) or status >= requests.codes.server_error:
        raise ProviderRetryable(f"the recording could not be fetched: HTTP {status}")
    raise ProviderFinal(f"the recording was refused: HTTP {status}")


def _body(response: requests.Response) -> bytes:
    audio = bytearray()
    try:
        for piece in response.iter_content(PIECE):
            audio += piece
            if len(audio) > LARGEST_RECORDING:
                raise ProviderFinal(f"the recording is larger than {LARGEST_RECORDING} bytes")
    except requests.RequestException as error:
        raise ProviderRetryable(f"the recording broke off: {type(error).__name__}") from error
    return bytes(audio)
