"""What /healthz and /metrics look at: the records, the journal, the queue, and what listens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Upkeep
from care_records.services import standing, upkeep
from care_records.services.standing import Standing
from ivr.calls.journal import Journal
from ivr.calls.reading import reading
from ivr.jobs.dispatcher import LEASE
from ivr.jobs.sender import Sender

LATE_SWEEPS: Final = 4
"""After this many missed sweeps nobody sweeps any more."""


@dataclass(frozen=True)
class Watch:
    """Each method raises what the database or the broker raises."""

    sessions: sessionmaker[Session]
    journal: Journal
    sender: Sender
    listening: Callable[[], dict[str, object]]
    sweep_s: float
    stalled_after: timedelta

    def database(self) -> None:
        with reading(self.sessions) as session:
            session.execute(text("SELECT id FROM calls LIMIT 1"))

    def standing(self, now: datetime) -> Standing:
        with reading(self.sessions) as session:
            return standing.at(session, now, stalled_after=self.stalled_after)

    def upkeep(self) -> dict[str, Upkeep]:
        """When each part was last done, by its name; the sweep is one of them."""
        with reading(self.sessions) as session:
            return {row.part: row for row in upkeep.everything(session)}

    def sweeping(self, sweep: Upkeep | None, now: datetime) -> bool:
        """Whether some worker, on whichever machine, looks for what is due."""
        late = max(LEASE * 2, timedelta(seconds=LATE_SWEEPS * self.sweep_s))
        return sweep is not None and sweep.ended_at is not None and now - sweep.ended_at < late
