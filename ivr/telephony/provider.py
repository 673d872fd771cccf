"""What the line needs of a telephone provider, whichever it is, and the ways in which asking it can fail.

ProviderError
├── ProviderRetryable   it did not happen now and may later: the same request can be sent again
├── ProviderFinal       it will never happen: sending the same request again is useless
└── ProviderUncertain   it may have happened: sending again could do it twice; settle it some other way first
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

BAD_NUMBERS = frozenset({21211, 21214, 21215, 21217})
"""The provider's codes for a number that cannot be rung: invalid, unreachable, in a country that is not allowed."""


class ProviderError(Exception):
    """The provider did not do what it was asked. The text is for operators and has no telephone number in it.

    `code` is the provider's own number for the fault; None where it gave none.
    """

    def __init__(self, message: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ProviderRetryable(ProviderError):  # noqa: N818 - named for what to do next
    """Not now: a timeout of a request that changes nothing, an overloaded server, media that is not there yet."""


class ProviderFinal(ProviderError):  # noqa: N818 - named for what to do next
    """Never: wrong credentials, a number that does not exist, an address that is not the provider's."""

    @property
    def bad_number(self) -> bool:
        """It is the number that is at fault, so that nothing sent to it will ever arrive."""
        return self.code in BAD_NUMBERS


class ProviderUncertain(ProviderError):  # noqa: N818 - named for what to do next
    """Nobody knows: a request that changes something was sent, and no answer came back."""


@dataclass(frozen=True)
class CallStatus:
    """A call as the provider has it. `duration_s` is None until the call has ended."""

    status: str
    duration_s: int | None


@dataclass(frozen=True)
class PlacedCall:
    """A call that the line has placed, as the provider lists it. `created_at` is aware, to the second."""

    sid: str
    status: str
    created_at: datetime


class Provider(Protocol):
    """Every method may raise any of the exceptions above unless it says otherwise, and answers within 10 seconds."""

    def fetch_recording(self, url: str) -> bytes:
        """The WAV file behind a webhook's RecordingUrl. Never ProviderUncertain.

        Media may not exist yet when the webhook arrives: that is ProviderRetryable. An address outside the
        provider's own hosts is ProviderFinal, and nothing is sent to it.
        """
        ...

    def call_status(self, sid: str) -> CallStatus | None:
        """How the call stands; None when the provider knows no such call. Never ProviderUncertain."""
        ...

    def send_sms(self, to: str, body: str) -> str:
        """Sends `body` to the E.164 number `to`; the message's id. Sent once: ProviderUncertain on a timeout."""
        ...

    def place_call(
        self, to: str, *, url: str, status_url: str, ring_s: int, machine_detection_url: str | None = None
    ) -> str:
        """Rings the E.164 number `to` for `ring_s` seconds; the call's SID. Sent once: ProviderUncertain on a timeout.

        Once somebody answers, the provider fetches `url`; every change of the call's status is posted to
        `status_url`, and what answered it, a person or a machine, to `machine_detection_url` while the call goes on.
        ProviderFinal.bad_number tells a number that cannot be rung from everything else that is final.
        """
        ...

    def list_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """The line's calls to `to` that began at `since`, less a minute by which clocks may differ, or later, newest
        first. One that is still queued may be missing: absence is no proof. Never ProviderUncertain."""
        ...

    def end_call(self, sid: str) -> None:
        """Ends a call that rings or goes on; one that is over, or unknown, stays as it is. Never ProviderUncertain."""
        ...
