"""Calls of which too little is known: sent and not confirmed, or placed and never reported to have ended.

Callbacks settle most of them. The others are looked up at the provider; what cannot be found there is given up as lost
once it cannot ring any more, and counts as not answered. None is ever sent again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import and_, case, literal, or_, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, OutboundCall
from care_records.models.base import UtcDateTime
from care_records.models.calls import Direction
from care_records.models.check_ins import OutboundCallState
from care_records.services import outbound_calls
from ivr.calls.placed import RESULTS
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.telephony.provider import Provider, ProviderError

log = structlog.get_logger()

UNCONFIRMED: Final = timedelta(seconds=30)
"""After this, whoever claimed a call is dead, and a call whose sending was uncertain is looked up."""
SILENT: Final = timedelta(minutes=1)
"""How long after its ringing must have ended a placed call may say nothing before the provider is asked."""
GIVEN_UP: Final = timedelta(minutes=5)
"""How long after its ringing must have ended a call that nobody can find is given up."""
LOST: Final = "lost"


@dataclass(frozen=True)
class Unsettled:
    """A call, outside of any session."""

    row_id: int
    to: str
    sid: str | None
    sent_at: datetime
    ring: timedelta


@dataclass(frozen=True)
class Found:
    """The call as the provider has it; `status` is the provider's own word."""

    sid: str
    status: str


class Settler:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings, provider: Provider) -> None:
        self._sessions = sessions
        self._check_in_ring = timedelta(seconds=settings.check_in_ring_s)
        self._officer_ring = timedelta(seconds=settings.officer_ring_s)
        self._provider = provider

    def due(self, session: Session, now: datetime, limit: int) -> list[int]:
        """The ids of calls to look up, the longest sent first."""
        unconfirmed = and_(
            OutboundCall.state.in_((OutboundCallState.SENDING, OutboundCallState.UNCERTAIN)),
            OutboundCall.sent_at <= now - UNCONFIRMED,
        )
        silent_since = case(
            (OutboundCall.check_in_id.is_(None), literal(now - self._officer_ring - SILENT, UtcDateTime())),
            else_=literal(now - self._check_in_ring - SILENT, UtcDateTime()),
        )
        silent = and_(OutboundCall.state == OutboundCallState.PLACED, OutboundCall.sent_at <= silent_since)
        found = select(OutboundCall.id).where(or_(unconfirmed, silent)).order_by(OutboundCall.sent_at)
        return list(session.scalars(found.limit(limit)))

    def settle(self, outbound_id: int, now: datetime) -> None:
        """Looks the call up once, unless it has been settled. No session is open while the provider is asked."""
        call = self._unsettled(outbound_id, now)
        if call is None:
            return
        try:
            found = self._look_up(call)
        except ProviderError as error:
            log.warning("outbound_call_unknown", outbound_call=call.row_id, error=type(error).__name__)
            return
        if found is not None:
            self._found(call, found, now)
        elif now >= call.sent_at + call.ring + GIVEN_UP:
            self._lost(call, now)

    def _unsettled(self, outbound_id: int, now: datetime) -> Unsettled | None:
        with self._sessions.begin() as session:
            row = session.get(OutboundCall, outbound_id)
            if row is None or row.sent_at is None or row.state is OutboundCallState.ENDED:
                return None
            if row.state is OutboundCallState.SENDING:
                if row.sent_at > now - UNCONFIRMED:
                    return None
                outbound_calls.uncertain(session, row, "nobody has written down what the provider said")
            ring = self._check_in_ring if row.check_in_id else self._officer_ring
            return Unsettled(row.id, row.to_number, row.sid, row.sent_at, ring)

    def _look_up(self, call: Unsettled) -> Found | None:
        if call.sid is not None:
            status = self._provider.call_status(call.sid)
            return Found(call.sid, status.status) if status else None
        listed = self._provider.list_calls(call.to, call.sent_at)
        with reading(self._sessions) as session:
            taken = _bound(session, [one.sid for one in listed])
        # The oldest one: a later call to the same number belongs to a later row.
        return next((Found(one.sid, one.status) for one in reversed(listed) if one.sid not in taken), None)

    def _found(self, call: Unsettled, found: Found, now: datetime) -> None:
        with self._sessions.begin() as session:
            row = session.get(OutboundCall, call.row_id, with_for_update={"of": OutboundCall})
            if row is None or not outbound_calls.placed(session, row, found.sid, now):
                return
            result = RESULTS.get(found.status)
            if result is not None and outbound_calls.ended(session, row, result=result, at=now):
                log.warning("outbound_call_settled_late", outbound_call=row.id, status=found.status)

    def _lost(self, call: Unsettled, now: datetime) -> None:
        with self._sessions.begin() as session:
            row = session.get(OutboundCall, call.row_id, with_for_update={"of": OutboundCall})
            if row is not None and outbound_calls.ended(session, row, result=LOST, at=now):
                log.error("outbound_call_lost", outbound_call=row.id)


def _bound(session: Session, sids: list[str]) -> set[str]:
    """Those that are known to be something else: another row's call, or one in which somebody rang the line."""
    rows = select(OutboundCall.sid).where(OutboundCall.sid.in_(sids))
    inbound = select(Call.sid).where(Call.sid.in_(sids), Call.direction == Direction.INBOUND)
    return {sid for sid in session.scalars(rows.union(inbound)) if sid is not None}
