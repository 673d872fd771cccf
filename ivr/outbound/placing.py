"""Placing a call: the row is claimed and committed, then the provider is asked once, then the answer is written down.

Whatever dies between two of these, nothing is sent twice: a row that was claimed and of which no more is known is
settled from callbacks and from the provider's list of calls (ivr.outbound.settling).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import OutboundCall
from care_records.models.check_ins import OutboundCallState
from care_records.services import outbound_calls
from care_records.services.statements import compare_and_set
from ivr.config import Settings
from ivr.outbound.eligibility import may_be_rung
from ivr.outbound.gate import Gate
from ivr.outbound.protocol import BAD_NUMBER
from ivr.telephony.provider import Provider, ProviderFinal, ProviderRetryable, ProviderUncertain

log = structlog.get_logger()

LATE: Final = timedelta(minutes=1)
"""Whoever missed the moment that was reserved for their call by more than this gets another one."""
ENGAGED_PAUSE: Final = timedelta(seconds=30)
"""How long a call waits for another one of the line's own to the same number."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE_OF_ALARM: Final = timedelta(seconds=15)
LASTING: Final = 5
"""Put off that often, a call tells the staff that the provider is away: that is two minutes, of an alarm one."""


@dataclass(frozen=True)
class Outgoing:
    """A call to place, outside of any session."""

    row_id: int
    to: str
    ring_s: int


class Placer:
    def __init__(
        self,
        sessions: sessionmaker[Session],
        settings: Settings,
        provider: Provider,
        base_url: Callable[[], str],
        gate: Gate,
    ) -> None:
        self._sessions = sessions
        self._settings = settings
        self._provider = provider
        self._base_url = base_url
        self._gate = gate

    def place(self, outbound_id: int, now: datetime) -> None:
        """Sends the call if it is due and still wanted. No session is open while the provider is asked."""
        outgoing = self._claimed(outbound_id, now)
        if outgoing is None:
            return
        try:
            sid = self._send(outgoing)
        except ProviderFinal as error:
            self._refused(outgoing, error, now)
        except ProviderRetryable as error:
            self._put_off(outgoing, error, now)
        except ProviderUncertain as error:
            self._uncertain(outgoing, error)
        else:
            self._placed(outgoing, sid, now)

    def _claimed(self, outbound_id: int, now: datetime) -> Outgoing | None:
        """The call, which from now on counts as sent."""
        with self._sessions.begin() as session:
            row = session.get(OutboundCall, outbound_id, with_for_update={"skip_locked": True, "of": OutboundCall})
            if row is None or row.state is not OutboundCallState.READY or row.due_at > now:
                return None
            if row.check_in is not None and not self._in_time(session, row, now):
                return None
            if not outbound_calls.claim(session, row, now):
                log.info("outbound_call_not_needed", outbound_call=row.id)
                return None
            ring_s = self._settings.check_in_ring_s if row.check_in_id else self._settings.officer_ring_s
            return Outgoing(row.id, row.to_number, ring_s)

    def _in_time(self, session: Session, row: OutboundCall, now: datetime) -> bool:
        """Whether a check-in call may be sent now. One that may not be at all ends without having been a try."""
        assert row.check_in is not None
        if not may_be_rung(session, row.check_in, row.to_number, self._settings, now):
            outbound_calls.ended(session, row, result=outbound_calls.NOT_WANTED, at=now)
            log.info("outbound_call_not_allowed", outbound_call=row.id)
            return False
        slot = now
        if _engaged(session, row):
            slot = now + ENGAGED_PAUSE
        elif now - row.due_at > LATE:
            slot = self._gate.slot(session, now)
        if slot <= now:
            return True
        compare_and_set(session, row, OutboundCall.state == OutboundCallState.READY, {"due_at": slot})
        return False

    def _send(self, outgoing: Outgoing) -> str:
        base, query = self._base_url(), f"?outbound={outgoing.row_id}"
        return self._provider.place_call(
            outgoing.to,
            url=f"{base}/twilio/voice{query}",
            status_url=f"{base}/twilio/status{query}",
            ring_s=outgoing.ring_s,
            machine_detection_url=f"{base}/twilio/answered-by{query}" if self._settings.machine_detection else None,
        )

    def _placed(self, outgoing: Outgoing, sid: str, now: datetime) -> None:
        with self._sessions.begin() as session:
            row = session.get(OutboundCall, outgoing.row_id, with_for_update={"of": OutboundCall})
            if row is None:
                log.warning("outbound_call_gone", outbound_call=outgoing.row_id, sid=sid)
            elif not outbound_calls.placed(session, row, sid, now):
                log.error("outbound_call_not_bound", outbound_call=row.id, sid=sid, state=row.state.value)

    def _refused(self, outgoing: Outgoing, error: ProviderFinal, now: datetime) -> None:
        result = BAD_NUMBER if error.bad_number else "failed"
        with self._sessions.begin() as session:
            row = outbound_calls.get(session, outgoing.row_id)
            if row is not None:
                outbound_calls.ended(session, row, result=result, at=now, error=_told(error))
        log.log(30 if error.bad_number else 40, "outbound_call_refused", outbound_call=outgoing.row_id, code=error.code)

    def _put_off(self, outgoing: Outgoing, error: ProviderRetryable, now: datetime) -> None:
        with self._sessions.begin() as session:
            row = outbound_calls.get(session, outgoing.row_id)
            if row is None:
                return
            longest = LONGEST_PAUSE if row.check_in_id else LONGEST_PAUSE_OF_ALARM
            outbound_calls.put_off(session, row, now + min(FIRST_PAUSE * 2 ** min(row.put_off, 10), longest))
            times = row.put_off
        lasting = times % LASTING == 0
        event = "provider_away" if lasting else "outbound_call_put_off"
        log.log(50 if lasting else 30, event, outbound_call=outgoing.row_id, times=times, code=error.code)

    def _uncertain(self, outgoing: Outgoing, error: ProviderUncertain) -> None:
        with self._sessions.begin() as session:
            row = outbound_calls.get(session, outgoing.row_id)
            if row is not None:
                outbound_calls.uncertain(session, row, _told(error))
        log.warning("outbound_call_uncertain", outbound_call=outgoing.row_id, code=error.code)


def _engaged(session: Session, row: OutboundCall) -> bool:
    """Whether the line is calling that number already: couples share telephones, and may have the same slot."""
    live = OutboundCall.state.in_((OutboundCallState.SENDING, OutboundCallState.PLACED, OutboundCallState.UNCERTAIN))
    same = OutboundCall.id != row.id, OutboundCall.to_number == row.to_number
    return session.scalar(select(OutboundCall.id).where(live, *same).limit(1)) is not None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
