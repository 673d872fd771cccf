"""What the pages of accounts read."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from care_records.console.paging import Page, Place, read_page
from care_records.models import AuditEvent


def trail(  # noqa: PLR0913
    session: Session,
    place: Place,
    zone: ZoneInfo,
    *,
    account_id: int | None = None,
    action: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Page[AuditEvent]:
    """The lines of the audit trail, newest first: of one account, of one kind, of the local days `first` to `last`."""
    query = select(AuditEvent).options(joinedload(AuditEvent.account))
    if account_id is not None:
        query = query.where(AuditEvent.account_id == account_id)
    if action is not None:
        query = query.where(AuditEvent.action == action)
    if first is not None:
        query = query.where(AuditEvent.at >= datetime.combine(first, time.min, zone))
    if last is not None:
        query = query.where(AuditEvent.at < datetime.combine(last + timedelta(days=1), time.min, zone))
    return read_page(session, query, (AuditEvent.at, AuditEvent.id), place, newest_first=True)
