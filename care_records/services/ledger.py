"""The ledger (台账): the help requests of a period, in the order in which they came."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from care_records.models import HelpRequest
from care_records.services.periods import Period
from care_records.services.reporting import within


def entries(period: Period, zone: ZoneInfo) -> Select[HelpRequest]:
    """Those that were opened in the period, each with its person and its owner; in no order."""
    related = joinedload(HelpRequest.person), joinedload(HelpRequest.assignee)
    return select(HelpRequest).where(_opened(period, zone)).options(*related)


def count(session: Session, period: Period, zone: ZoneInfo) -> int:
    return session.scalars(select(func.count(HelpRequest.id)).where(_opened(period, zone))).one()


def late(entry: HelpRequest, now: datetime) -> bool:
    """It was done after its time, or its time is over and it is not done."""
    return (entry.resolved_at or now) > entry.due_at


def _opened(period: Period, zone: ZoneInfo) -> ColumnElement[bool]:
    return within(HelpRequest.created_at, *period.span(zone))
