"""Calls whose end the provider never reported: asked about, so that no conversation stays open for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import calls
from ivr.calls import CallService
from ivr.calls.reading import reading
from ivr.telephony.provider import CallStatus, ProviderError

log = structlog.get_logger()

QUIET = timedelta(minutes=10)
"""How long nothing may happen in a call before the provider is asked, and between two times that it is."""
LONGEST_CALL = timedelta(hours=4)
"""Providers end every call by then: what has been quiet for longer is over, whether or not they can be asked."""
AT_ONCE = 100
"""Calls looked at in one sweep."""

AskStatus = Callable[[str], CallStatus | None]
"""How the provider has a call; None when it knows no such call. Raises ProviderError."""

OVER = CallStatus("completed", None)


class UnfinishedCalls:
    def __init__(self, sessions: sessionmaker[Session], service: CallService, ask: AskStatus) -> None:
        self._sessions = sessions
        self._service = service
        self._ask = ask
        self._asked: dict[str, datetime] = {}

    def settle(self, now: datetime) -> int:
        """Ends the conversations of calls that are over. Returns how many; raises what the database raises."""
        quiet = self._quiet(now)
        self._asked = {sid: at for sid, at in self._asked.items() if sid in quiet}
        return sum(self._settle(sid, since, now) for sid, since in quiet.items() if self._to_ask(sid, now))

    def _quiet(self, now: datetime) -> dict[str, datetime]:
        """The SIDs, and since when."""
        with reading(self._sessions) as session:
            found = calls.unfinished(session, untouched_since=now - QUIET, limit=AT_ONCE)
            return {call.sid: call.updated_at for call in found}

    def _to_ask(self, sid: str, now: datetime) -> bool:
        return sid not in self._asked or now - self._asked[sid] >= QUIET

    def _settle(self, sid: str, since: datetime, now: datetime) -> bool:
        self._asked[sid] = now
        status = self._status(sid, since, now)
        if status is None or status.status not in calls.FINAL_STATUSES:
            return False
        log.warning("call_settled_late", sid=sid, status=status.status)
        self._service.status(sid, status.status, status.duration_s, now)
        return True

    def _status(self, sid: str, since: datetime, now: datetime) -> CallStatus | None:
        try:
            return self._ask(sid) or OVER
        except ProviderError as error:
            log.warning("call_status_unknown", sid=sid, error=type(error).__name__)
            return OVER if now - since > LONGEST_CALL else None
