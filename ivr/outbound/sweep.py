"""What is due beside the calls is found again and again in the rows: nothing depends on having been remembered.

The calls themselves, and what follows from them, are ivr.outbound.engine's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from ivr.calls import CallService, Replayed
from ivr.config import Settings
from ivr.outbound.alerts import Alerter
from ivr.outbound.recordings import RecordingFetcher
from ivr.outbound.transcripts import Transcriber, Writer
from ivr.outbound.unfinished import UnfinishedCalls
from ivr.telephony.provider import Provider

log = structlog.get_logger()

T = TypeVar("T")

Part = Callable[[datetime], int]
"""Does what is due at a moment; how much that was. Raises what the database raises."""


@dataclass(frozen=True)
class Swept:
    """What one sweep came to. None stands for a part that failed, which the log says more about."""

    replayed: Replayed | None
    recordings_stored: int | None
    recordings_transcribed: int | None
    alerts_sent: int | None
    calls_settled: int | None


class Sweeper:
    """`parts` are what workers do, each by itself; `sweep_once` does them all, in the order in which they follow."""

    def __init__(
        self,
        calls: CallService,
        sessions: sessionmaker[Session],
        settings: Settings,
        provider: Provider,
        writer: Writer,
    ) -> None:
        self._calls = calls
        self.parts: Mapping[str, Part] = {
            "recordings": RecordingFetcher(sessions, settings, provider.fetch_recording).fetch_due,
            "transcripts": Transcriber(sessions, settings, writer).write_down,
            "alerts": Alerter(sessions, provider.send_sms).send_due,
            "unfinished": UnfinishedCalls(sessions, calls, provider.call_status).settle,
        }

    def sweep_once(self, now: datetime) -> Swept:
        """Replays the journal and does what is due at `now`, each part whether or not another fails."""
        return Swept(
            _attempt("journal", self._calls.replay),
            *(_attempt(name, lambda part=part: part(now)) for name, part in self.parts.items()),  # type: ignore[misc]
        )


def _attempt(part: str, work: Callable[[], T]) -> T | None:
    """What `work` returns, or None when it fails. The error's text, which may hold somebody's words, is not logged."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the next sweep tries again
        log.error("sweep_failed", part=part, error=type(error).__name__)
        return None
