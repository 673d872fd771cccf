"""What there is to tell: bulletins and activities."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from care_records.models import Activity, Bulletin, BulletinPlay, Call


def current_bulletins(session: Session, now: datetime, limit: int = 10) -> list[Bulletin]:
    """Published and not expired, the newest first."""
    published = Bulletin.published_at <= now
    unexpired = or_(Bulletin.expires_at.is_(None), Bulletin.expires_at > now)
    newest_first = Bulletin.published_at.desc(), Bulletin.id.desc()
    return list(session.scalars(select(Bulletin).where(published, unexpired).order_by(*newest_first).limit(limit)))


def upcoming_activities(session: Session, community_id: int | None, now: datetime, limit: int = 10) -> list[Activity]:
    """What has not begun, in that community and for everybody, the soonest first; None: only what is for everybody."""
    near: ColumnElement[bool] = Activity.community_id.is_(None)
    if community_id is not None:
        near = or_(near, Activity.community_id == community_id)
    soonest_first = select(Activity).where(near, Activity.starts_at > now).order_by(Activity.starts_at, Activity.id)
    return list(session.scalars(soonest_first.limit(limit)))


def heard(session: Session, call: Call, *, bulletin_id: int, completed: bool, at: datetime) -> BulletinPlay | None:
    """A caller listened to a bulletin. None when it has been deleted meanwhile."""
    if session.get(Bulletin, bulletin_id) is None:
        return None
    play = BulletinPlay(bulletin_id=bulletin_id, call_id=call.id, completed=completed, at=at)
    session.add(play)
    session.flush()
    return play
