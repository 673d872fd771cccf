"""The audit trail: who did what, who looked at what, and from where."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care_records.models import AuditEvent

SIGN_IN_REFUSED: Final = "sign_in.refused"


def record(  # noqa: PLR0913
    session: Session,
    action: str,
    *,
    at: datetime,
    account_id: int | None,
    address: str | None,
    subject: tuple[str, int] | None = None,
) -> AuditEvent:
    """Adds a line to the trail. `action` reads `subject.verb`; `subject` is a kind and an id: ("recording", 7)."""
    kind, number = subject or (None, None)
    event = AuditEvent(
        at=at, account_id=account_id, action=action, subject_kind=kind, subject_id=number, address=address
    )
    session.add(event)
    return event


def refused_sign_ins(session: Session, address: str, since: datetime) -> int:
    """How many tries to sign in from that address have been refused since then."""
    refused = AuditEvent.action == SIGN_IN_REFUSED, AuditEvent.address == address, AuditEvent.at >= since
    return session.scalar(select(func.count(AuditEvent.id)).where(*refused)) or 0
