"""What the provider keeps and shows over REST: calls, recordings, messages."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal

from ivr.simulator.events import Event

API_VERSION = "2010-04-01"
FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")

Direction = Literal["inbound", "outbound-api", "outbound-dial"]


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def _now() -> datetime:
    return datetime.now(UTC)


def _rfc2822(at: datetime | None) -> str | None:
    return format_datetime(at.astimezone(UTC)) if at else None


@dataclass
class Call:
    """One leg. `events` is its log; `end_requested` is set when the account ends it over REST."""

    account_sid: str
    from_number: str
    to_number: str
    direction: Direction
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "queued"
    parent_sid: str | None = None
    created_at: datetime = field(default_factory=_now)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    status_url: str | None = None
    status_events: tuple[str, ...] = STATUS_EVENTS
    end_requested: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    def as_json(self) -> dict[str, Any]:
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "parent_call_sid": self.parent_sid,
            "api_version": API_VERSION,
            "date_created": _rfc2822(self.created_at),
            "date_updated": _rfc2822(self.ended_at or self.started_at or self.created_at),
            "start_time": _rfc2822(self.started_at),
            "end_time": _rfc2822(self.ended_at),
            "duration": None if self.duration_s is None else str(self.duration_s),
            "status": self.status,
            "direction": self.direction,
            "from": self.from_number,
            "from_formatted": self.from_number,
            "to": self.to_number,
            "to_formatted": self.to_number,
            "phone_number_sid": None,
            "answered_by": None,
            "caller_name": None,
            "forwarded_from": None,
            "group_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"{uri}.json",
            "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        }


@dataclass
class Recording:
    """A recording. `seconds` is its length as reported; its audio is 16-bit PCM at 8 kHz, on the network's disk.

    `refusals`: how many times its audio is "not there yet" before it can be fetched; None: it is lost for good.
    """

    account_sid: str
    call_sid: str
    seconds: int
    refusals: int | None = 0
    sid: str = field(default_factory=lambda: new_sid("RE"))
    created_at: datetime = field(default_factory=_now)

    def as_json(self) -> dict[str, Any]:
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "call_sid": self.call_sid,
            "conference_sid": None,
            "api_version": API_VERSION,
            "date_created": _rfc2822(self.created_at),
            "date_updated": _rfc2822(self.created_at),
            "start_time": _rfc2822(self.created_at),
            "duration": str(self.seconds),
            "status": "completed",
            "channels": 1,
            "source": "RecordVerb",
            "error_code": None,
            "price": None,
            "price_unit": "USD",
            "encryption_details": None,
            "uri": f"{uri}.json",
            "subresource_uris": {},
        }


@dataclass
class Message:
    account_sid: str
    from_number: str
    to_number: str
    body: str
    sid: str = field(default_factory=lambda: new_sid("SM"))
    created_at: datetime = field(default_factory=_now)

    @property
    def segments(self) -> int:
        """A message in the wide alphabet holds 70 characters, a part of a longer one 67; otherwise 160 and 153."""
        wide = not self.body.isascii()
        whole, part = (70, 67) if wide else (160, 153)
        return 1 if len(self.body) <= whole else -(-len(self.body) // part)

    def as_json(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "date_created": _rfc2822(self.created_at),
            "date_updated": _rfc2822(self.created_at),
            "date_sent": _rfc2822(self.created_at),
            "direction": "outbound-api",
            "from": self.from_number,
            "to": self.to_number,
            "body": self.body,
            "num_segments": str(self.segments),
            "num_media": "0",
            "status": "queued",
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "USD",
            "uri": f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


def page(
    name: str, resources: Sequence[dict[str, Any]], address: Callable[[int], str], *, number: int, size: int
) -> dict[str, Any]:
    """One page of a list resource. `address` gives the path of the page with a number; they count from 0."""
    start = number * size
    shown = resources[start : start + size]
    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": address(number),
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1) if start + size < len(resources) else None,
        "previous_page_uri": address(number - 1) if number else None,
    }
