"""What the pages of reports read beyond what the services give."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.console.paging import Page, Place, read_page
from care_records.models import HelpRequest, RetentionRun
from care_records.services import ledger
from care_records.services.periods import Period

AT_ONCE = 500


def entries(session: Session, period: Period, zone: ZoneInfo, place: Place) -> Page[HelpRequest]:
    """A page of the ledger, the newest first."""
    key = HelpRequest.created_at, HelpRequest.id
    return read_page(session, ledger.entries(period, zone), key, place, newest_first=True)


def all_entries(session: Session, period: Period, zone: ZoneInfo) -> Iterator[HelpRequest]:
    """The whole ledger of a period, the oldest first, read as it is needed."""
    ordered = ledger.entries(period, zone).order_by(HelpRequest.created_at, HelpRequest.id)
    yield from session.scalars(ordered.execution_options(yield_per=AT_ONCE))


def retention_runs(session: Session, place: Place) -> Page[RetentionRun]:
    """The latest first."""
    return read_page(session, select(RetentionRun), (RetentionRun.id,), place, newest_first=True)
