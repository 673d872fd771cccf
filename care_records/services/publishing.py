"""What the office writes for the line to tell: bulletins, by draft and by date, and activities.

What the line reads out is `services.content`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from care_records.models import Activity, Bulletin, BulletinPlay, HelpRequest
from care_records.services.text import storable


class BulletinState(StrEnum):
    """SCHEDULED is published later; ON_AIR is what callers hear; OVER is past its end."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ON_AIR = "on_air"
    OVER = "over"


@dataclass(frozen=True)
class Heard:
    """How often somebody began to listen, and how often to the end."""

    begun: int = 0
    completed: int = 0


def state_of(bulletin: Bulletin, now: datetime) -> BulletinState:
    if bulletin.published_at is None:
        return BulletinState.DRAFT
    if bulletin.expires_at is not None and bulletin.expires_at <= now:
        return BulletinState.OVER
    return BulletinState.ON_AIR if bulletin.published_at <= now else BulletinState.SCHEDULED


def write(session: Session, bulletin: Bulletin | None, *, title: str, text: str) -> Bulletin:
    """A new draft, or, of one that is there, its words: callers hear the new ones from then on."""
    written = bulletin or Bulletin()
    written.title, written.text = storable(title, 100), storable(text)
    session.add(written)
    session.flush()
    return written


def publish(session: Session, bulletin: Bulletin, *, begins: datetime, ends: datetime | None) -> None:
    """Callers hear it from `begins` until `ends`; None: until it is withdrawn. Raises ValueError unless it ends after
    it begins."""
    if ends is not None and ends <= begins:
        raise ValueError("a bulletin ends after it begins")
    bulletin.published_at, bulletin.expires_at = begins, ends
    session.flush()


def withdraw(session: Session, bulletin: Bulletin) -> None:
    """A draft again: nobody hears it. How often it was heard is kept."""
    bulletin.published_at = bulletin.expires_at = None
    session.flush()


def discard(session: Session, bulletin: Bulletin) -> bool:
    """Deletes a draft that nobody has ever heard; False for any other."""
    played = session.scalar(select(exists().where(BulletinPlay.bulletin_id == bulletin.id)))
    if bulletin.published_at is not None or played:
        return False
    session.delete(bulletin)
    session.flush()
    return True


def heard(session: Session, bulletins: Sequence[Bulletin]) -> dict[int, Heard]:
    """Of each of them, by its id."""
    completed = func.count(BulletinPlay.id).filter(BulletinPlay.completed)
    counted = select(BulletinPlay.bulletin_id, func.count(BulletinPlay.id), completed)
    those = BulletinPlay.bulletin_id.in_([bulletin.id for bulletin in bulletins])
    rows = session.execute(counted.where(those).group_by(BulletinPlay.bulletin_id))
    return {bulletin.id: Heard() for bulletin in bulletins} | {number: Heard(*counts) for number, *counts in rows}


# --- Activities


def arrange(  # noqa: PLR0913 - columns are given by name
    session: Session,
    activity: Activity | None,
    *,
    title: str,
    place: str,
    text: str,
    starts_at: datetime,
    community_id: int | None,
) -> Activity:
    """A new activity, or one that is there with what has changed. `community_id` None: it is for everybody."""
    arranged = activity or Activity()
    arranged.title, arranged.place, arranged.text = storable(title, 100), storable(place, 100), storable(text)
    arranged.starts_at, arranged.community_id = starts_at, community_id
    session.add(arranged)
    session.flush()
    return arranged


def cancel(session: Session, activity: Activity) -> bool:
    """Deletes it. False, and it stays, when somebody has put their name down: they have to be told."""
    if signed_up(session, [activity])[activity.id]:
        return False
    session.delete(activity)
    session.flush()
    return True


def signed_up(session: Session, activities: Sequence[Activity]) -> dict[int, int]:
    """How many have put their name down for each of them, by its id."""
    those = HelpRequest.activity_id.in_([activity.id for activity in activities])
    counted = select(HelpRequest.activity_id, func.count(HelpRequest.id)).where(those)
    rows = session.execute(counted.group_by(HelpRequest.activity_id))
    return {activity.id: 0 for activity in activities} | {number: count for number, count in rows if number is not None}
