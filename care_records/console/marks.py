"""What tells that there is something new to see, by topic: a few small look-ups in indexes, once a second."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care_records.console.watching import Marks
from care_records.models import Call, CheckIn, Escalation, HelpRequestEvent
from care_records.models.escalations import EscalationState

LONGEST_CALL: Final = timedelta(hours=4)
"""A call that began longer ago is not going on, whatever its row says."""


def marks(clock: Callable[[], datetime], zone: ZoneInfo) -> Callable[[Session], Marks]:
    """`today`: cases, check-ins of the day or calls; `requests`, `check_ins` and `calls`: only these."""

    def look(session: Session) -> Marks:
        now = clock()
        calls, requests = _calls(session, now), _requests(session)
        check_ins = _check_ins(session, now.astimezone(zone))
        return {
            "calls": calls,
            "requests": requests,
            "check_ins": check_ins,
            "today": (calls, requests, check_ins),
        }

    return look


def _calls(session: Session, now: datetime) -> object:
    recent = Call.started_at >= now - LONGEST_CALL
    going_on = select(Call.id, Call.turn_number, Call.status).where(recent, Call.ended_at.is_(None))
    newest = session.scalar(select(func.max(Call.id)))
    return newest, [tuple(row) for row in session.execute(going_on.order_by(Call.id))]


def _requests(session: Session) -> object:
    unresolved = Escalation.state != EscalationState.RESOLVED
    alarms = select(Escalation.id, Escalation.state, Escalation.alarm, Escalation.lap, Escalation.position)
    newest = session.scalar(select(func.max(HelpRequestEvent.id)))
    return newest, [tuple(row) for row in session.execute(alarms.where(unresolved).order_by(Escalation.id))]


def _check_ins(session: Session, local_now: datetime) -> object:
    counted = select(CheckIn.state, CheckIn.outcome, CheckIn.flag, func.count(CheckIn.id), func.sum(CheckIn.tries))
    today = counted.where(CheckIn.day == local_now.date()).group_by(CheckIn.state, CheckIn.outcome, CheckIn.flag)
    return sorted(tuple(map(str, row)) for row in session.execute(today))
