"""What the line needs of a telephone provider, whichever it is, and the ways in which asking it can fail.

ProviderError
├── ProviderRetryable   it did not happen now and may later: the same request can be sent again
├── ProviderFinal       it will never happen: sending the same request again is useless
└── ProviderUncertain   it may have happened: sending again could do it twice; settle it some other way first
"""

from dataclasses import dataclass
from typing import Protocol


class ProviderError(Exception):
    """The provider did not do what it was asked. The text is for operators and has no telephone number in it."""


class ProviderRetryable(ProviderError):  # noqa: N818 - named for what to do next
    """Not now: a timeout of a request that changes nothing, an overloaded server, media that is not there yet."""


class ProviderFinal(ProviderError):  # noqa: N818 - named for what to do next
    """Never: wrong credentials, a number that does not exist, an address that is not the provider's."""


class ProviderUncertain(ProviderError):  # noqa: N818 - named for what to do next
    """Nobody knows: a request that changes something was sent, and no answer came back."""


@dataclass(frozen=True)
class CallStatus:
    """A call as the provider has it. `duration_s` is None until the call has ended."""

    status: str
    duration_s: int | None


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
