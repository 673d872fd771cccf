"""Forms that have been saved, so that sending one again does nothing twice."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from care_records.models.base import Base


class Submission(Base):
    """A form that was sent and saved. Written in the transaction that saves it: there is one, or neither happened."""

    __tablename__ = "submissions"

    token: Mapped[str] = mapped_column(String(36), primary_key=True)
    """What the form carried; made anew every time that the form is shown."""
    at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    """The page that shows what came of it."""
