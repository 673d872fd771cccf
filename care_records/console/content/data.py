"""What the pages of bulletins and activities show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.console.paging import Page, Place, read_page
from care_records.models import Activity, Bulletin, Community
from care_records.services import publishing
from care_records.services.publishing import BulletinState, Heard, state_of

_BY_TIME: Final = (Activity.starts_at, Activity.id)


@dataclass(frozen=True)
class Broadcast:
    bulletin: Bulletin
    state: BulletinState
    heard: Heard


@dataclass(frozen=True)
class Plan:
    """An activity; `where`: the community that it is for, None for everybody."""

    activity: Activity
    where: str | None
    signed_up: int


def bulletins(session: Session, place: Place, now: datetime) -> Page[Broadcast]:
    """The newest first."""
    page = read_page(session, select(Bulletin), (Bulletin.id,), place, newest_first=True)
    heard = publishing.heard(session, page.items)
    rows = [Broadcast(bulletin, state_of(bulletin, now), heard[bulletin.id]) for bulletin in page.items]
    return Page(rows, page.next_cursor, page.previous_cursor)


def bulletin(session: Session, number: int, now: datetime) -> Broadcast | None:
    found = session.get(Bulletin, number)
    if found is None:
        return None
    return Broadcast(found, state_of(found, now), publishing.heard(session, [found])[number])


def activities(session: Session, place: Place, now: datetime, *, over: bool) -> Page[Plan]:
    """Those to come, the soonest first, or those that are over, the latest first."""
    begun = Activity.starts_at <= now if over else Activity.starts_at > now
    page = read_page(session, select(Activity).where(begun), _BY_TIME, place, newest_first=over)
    return Page(_plans(session, page.items), page.next_cursor, page.previous_cursor)


def activity(session: Session, number: int) -> Plan | None:
    found = session.get(Activity, number)
    return _plans(session, [found])[0] if found else None


def communities(session: Session) -> Sequence[tuple[int, str]]:
    """The id and the name of each."""
    return [
        (number, name)
        for number, name in session.execute(select(Community.id, Community.name).order_by(Community.name))
    ]


def _plans(session: Session, found: Sequence[Activity]) -> list[Plan]:
    names, signed_up = dict(communities(session)), publishing.signed_up(session, found)
    return [Plan(one, names.get(one.community_id or 0), signed_up[one.id]) for one in found]
