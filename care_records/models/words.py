"""What callers said, in a form that can be searched."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from care_records.models.base import Base


class CallWords(Base):
    """All that was made out in one call. Kept by `services.words`, made anew from the turns and recordings."""

    __tablename__ = "call_words"
    __table_args__ = (Index("ix_call_words_pieces", "pieces", postgresql_using="gin"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """A line for each thing that was said."""
    pieces: Mapped[list[Any] | None] = mapped_column(ARRAY(String(2)).with_variant(JSON(none_as_null=True), "sqlite"))
    """The characters of the text, and their pairs, by which PostgreSQL finds it; None on SQLite, which reads on."""
