"""What was removed because it had been kept long enough."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from care_records.models.base import Base


class RetentionRun(Base):
    """One look through the records. Each count is of what was older than the moment before it."""

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    audio_before: Mapped[datetime]
    recordings: Mapped[int]
    """Voices whose file is gone; what was made out in them stays."""
    requests_before: Mapped[datetime]
    requests: Mapped[int]
    accesses_before: Mapped[datetime]
    accesses: Mapped[int]
    """Lines of the audit trail."""
