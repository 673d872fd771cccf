"""What is done over and over, by whichever worker comes to it first."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from care_records.models.base import Base


class Upkeep(Base):
    """The last time that a part of the upkeep was done. The part `sweep` belongs to the worker that sweeps."""

    __tablename__ = "upkeep"

    part: Mapped[str] = mapped_column(String(30), primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    """The worker."""
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it last came to its end; before `begun_at` while it is under way, or its worker is dead."""
    error: Mapped[str | None] = mapped_column(String(100))
    """The kind of error with which it last ended; None: it went well."""
