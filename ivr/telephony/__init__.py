"""One provider interface: webhooks and TwiML, signatures, audio for the provider to play, and its REST API."""

from ivr.telephony.hearing import Hearing
from ivr.telephony.provider import (
    CallStatus,
    PlacedCall,
    Provider,
    ProviderError,
    ProviderFinal,
    ProviderRetryable,
    ProviderUncertain,
)
from ivr.telephony.rest import TwilioProvider
from ivr.telephony.webhooks import create_blueprint

__all__ = [
    "CallStatus",
    "Hearing",
    "PlacedCall",
    "Provider",
    "ProviderError",
    "ProviderFinal",
    "ProviderRetryable",
    "ProviderUncertain",
    "TwilioProvider",
    "create_blueprint",
]
