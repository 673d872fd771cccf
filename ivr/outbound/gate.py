"""The provider's calls a second, kept by all workers together: every check-in call has a moment of its own."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from care_records.services import outbound_calls
from ivr.config import Settings

AHEAD_S: Final = 0.1
"""So long a time is reserved together, where more than one call falls into it: workers then seldom meet at the gate."""


class Gate:
    """Safe between threads."""

    def __init__(self, settings: Settings) -> None:
        self._a_second = settings.calls_per_second
        self._count = max(1, int(self._a_second * AHEAD_S))
        self._lock = Lock()
        self._left = 0
        self._next = datetime.min.replace(tzinfo=UTC)

    def slot(self, session: Session, now: datetime) -> datetime:
        """From when the next call may be sent: now, or as soon as its turn comes."""
        with self._lock:
            if self._left == 0 or self._next < now - timedelta(seconds=AHEAD_S):
                self._next = outbound_calls.reserve_slot(session, now, self._a_second, self._count)
                self._left = self._count
            slot = self._next
            self._next += timedelta(seconds=1 / self._a_second)
            self._left -= 1
            return slot
