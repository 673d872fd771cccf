"""What the line has to tell: the 彩虹桥 bulletin, and activities close to home (四就近)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from care_records.models.base import Base


class Bulletin(Base):
    __tablename__ = "bulletins"
    __table_args__ = (Index("ix_bulletins_published_at", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    """None is a draft."""
    expires_at: Mapped[datetime | None]


class BulletinPlay(Base):
    """Somebody listened to a bulletin; `completed` when it was heard to the end."""

    __tablename__ = "bulletin_plays"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    completed: Mapped[bool]
    at: Mapped[datetime]


class Activity(Base):
    """`community_id` None: for everybody, at the activity centre."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_community_id_starts_at", "community_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("communities.id"))
    title: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(100), default="")
    text: Mapped[str] = mapped_column(Text)
    """What it is, to be read out after the day, the hour and the place."""
    starts_at: Mapped[datetime]
