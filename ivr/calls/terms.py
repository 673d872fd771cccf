"""What applying a record needs of the settings."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.config import Settings


@dataclass(frozen=True)
class Terms:
    """`grace` is how long the officers whom a conversation rings itself have, before others are rung as well;
    `resolve_after` is how long whoever takes a case has to resolve it."""

    zone: ZoneInfo
    grace: timedelta
    resolve_after: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Terms":
        return cls(settings.zone, timedelta(seconds=settings.alarm_grace_s), timedelta(minutes=settings.resolve_min))
