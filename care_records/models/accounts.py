"""Accounts of the staff's web pages, and the trail of who did what with them."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care_records.models.base import Base
from care_records.models.people import Staff, text_enum


class Role(StrEnum):
    """What somebody may do. Each may do all that those before it may: VIEWER looks, OFFICER works on cases and calls,
    MANAGER changes people, duty and content, ADMIN looks after accounts."""

    VIEWER = "viewer"
    OFFICER = "officer"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, wanted: "Role") -> bool:
        """Whether somebody with this role may do what asks for `wanted`."""
        return _ORDER.index(self) >= _ORDER.index(wanted)


_ORDER: Final = tuple(Role)


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"


class Account(Base):
    """Somebody who may sign in. Each belongs to a member of staff, so that whatever is done has somebody's name."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    """What is typed to sign in: lower case."""
    display_name: Mapped[str] = mapped_column(String(100))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """The password was set by somebody else: nothing else can be done before it is changed."""
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """The secret of the one-time codes; None: the password is enough."""
    totp_step: Mapped[int | None]
    """The time step of the last code that was accepted: each code opens once."""
    active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    """Wrong tries in a row."""
    locked_until: Mapped[datetime | None]
    session_version: Mapped[int] = mapped_column(default=1)
    """A browser that signed in under another version is signed out."""
    language: Mapped[Language] = mapped_column(text_enum(Language), default=Language.CHINESE)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship()


class AuditEvent(Base):
    """Somebody did something, or looked at something personal. Never changed afterwards."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_at_id", "at", "id"),
        Index("ix_audit_events_account_id_at_id", "account_id", "at", "id"),
        Index("ix_audit_events_action_address_at", "action", "address", "at"),
        Index("ix_audit_events_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    """None: nobody was signed in."""
    action: Mapped[str] = mapped_column(String(40))
    """What was done, as `subject.verb`: `recording.played`, `person.opened`, `account.locked`."""
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(String(45))
    """The network address that it was done from."""

    account: Mapped[Account | None] = relationship()
