"""The outbound engine: what is due now, and doing one piece of it. Rows are the truth; this only carries ids."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from threading import Lock
from typing import Final, Literal

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import check_ins, escalations, outbound_calls
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.outbound.auditing import Audit, Auditor
from ivr.outbound.checkins import CheckIns
from ivr.outbound.escalation import Escalations
from ivr.outbound.gate import Gate
from ivr.outbound.placing import Placer
from ivr.outbound.planning import Planner
from ivr.outbound.rounds import RoundPlanner
from ivr.outbound.settling import Settler
from ivr.telephony.provider import Provider

log = structlog.get_logger()

WorkKind = Literal["check_in", "escalation", "place", "settle"]

ASK_EVERY: Final = timedelta(minutes=1)
"""How long the engine leaves the provider alone about a call that it has just asked about."""
AT_ONCE: Final = 500
MOST_TIMES: Final = 20
"""So often one piece of work may be due at one moment; one that is due more often has gone wrong."""


@dataclass(frozen=True)
class Work:
    """Something that is due: the row's id, in check_ins, in escalations or (place, settle) in outbound_calls."""

    kind: WorkKind
    id: int


@dataclass(frozen=True)
class Summary:
    """What one `run_due` came to."""

    planned: int
    done: int
    failed: int
    audit: Audit


class Outbound:
    """Safe between threads and between processes: two may do the same work at once, and any may die at any point."""

    def __init__(
        self, sessions: sessionmaker[Session], settings: Settings, provider: Provider, base_url: Callable[[], str]
    ) -> None:
        """`base_url` gives the address at which the provider reaches this line, without a slash at its end."""
        gate = Gate(settings)
        self._sessions = sessions
        self._zone = settings.zone
        self._planner = Planner(sessions, settings)
        self._rounds = RoundPlanner(sessions, settings)
        self._check_ins = CheckIns(sessions, settings, gate)
        self._escalations = Escalations(sessions, settings)
        self._placer = Placer(sessions, settings, provider, base_url, gate)
        self._settler = Settler(sessions, settings, provider)
        self._auditor = Auditor(sessions, settings)
        self._asked: dict[int, datetime] = {}
        self._asking = Lock()

    def plan_day(self, day: date | None, now: datetime) -> int:
        """Writes down who is called on `day`, the local day of `now` when None, and in the rounds that have begun;
        how many check-ins are new. Twice is as once."""
        today = day or now.astimezone(self._zone).date()
        return self._planner.plan(today, now) + self._rounds.plan(now)

    def due_work(self, now: datetime, limit: int) -> list[Work]:
        """At most `limit` pieces of work that are due: cases that wait for people first, then some of everything."""
        with reading(self._sessions) as session:
            urgent = [Work("escalation", id_) for id_ in escalations.due(session, now, limit)]
            kinds = (
                [Work("place", id_) for id_ in outbound_calls.due(session, now, limit)],
                [Work("check_in", id_) for id_ in check_ins.due(session, now, limit)],
                self._to_settle(session, now, limit),
            )
        others = (work for row in zip_longest(*kinds) for work in row if work is not None)
        due = [*urgent, *others][:limit]
        with self._asking:
            self._asked |= {work.id: now for work in due if work.kind == "settle"}
        return due

    def do(self, work: Work, now: datetime) -> None:
        """Does one piece, if it is still due; a call that follows is placed at once.

        Raises what the database raises: it is then due still.
        """
        match work.kind:
            case "check_in":
                self._place(self._check_ins.advance(work.id, now), now)
            case "escalation":
                self._place(self._escalations.advance(work.id, now), now)
            case "place":
                self._place(work.id, now)
            case "settle":
                self._settler.settle(work.id, now)

    def audit(self, now: datetime) -> Audit:
        """Looks for what does not move by itself, says so in the log, and sets it going again."""
        return self._auditor.audit(now)

    def run_due(self, now: datetime) -> Summary:
        """Plans, audits, and does everything that is due until nothing is."""
        planned = self.plan_day(None, now)
        audit = self.audit(now)
        times: Counter[Work] = Counter()
        failed: set[Work] = set()
        while due := [one for one in self.due_work(now, AT_ONCE) if times[one] < MOST_TIMES and one not in failed]:
            times.update(due)
            failed.update(work for work in due if not self._attempt(work, now))
        return Summary(planned, done=times.total() - len(failed), failed=len(failed), audit=audit)

    def _attempt(self, work: Work, now: datetime) -> bool:
        """The error's text, which may hold somebody's words, is not logged."""
        try:
            self.do(work, now)
        except Exception as error:  # noqa: BLE001 - the row is due still, and the others are not to wait for it
            log.error("outbound_work_failed", kind=work.kind, id=work.id, error=type(error).__name__)
            return False
        return True

    def _place(self, outbound_id: int | None, now: datetime) -> None:
        if outbound_id is not None:
            self._placer.place(outbound_id, now)

    def _to_settle(self, session: Session, now: datetime, limit: int) -> list[Work]:
        """Calls to ask the provider about, each of them once in a while."""
        with self._asking:
            self._asked = {id_: at for id_, at in self._asked.items() if now - at < ASK_EVERY}
            return [Work("settle", id_) for id_ in self._settler.due(session, now, limit) if id_ not in self._asked]
