"""Alerts to officers' telephones: written down before they are sent, and sent again until one went out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Alert, HelpRequest
from care_records.models.requests import AlertState
from care_records.services.statements import compare_and_set
from care_records.services.text import storable

RETRY_AFTER_S: Final = (15, 60, 300, 900, 1800)
"""How long after each try the next one is; after the last of them the alert has failed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A telephone in E.164, and whose it is."""

    phone: str
    staff_id: int


def raise_for(  # noqa: PLR0913 - columns are given by name
    session: Session, request: HelpRequest, to: Iterable[Recipient], *, reason: str, body: str, at: datetime
) -> list[Alert]:
    """An alert, to be sent now, to each telephone that has none for this `reason` yet; see Alert.reason."""
    told = set(session.scalars(select(Alert.to_number).where(Alert.reason == reason)))
    phones = {recipient.phone: recipient.staff_id for recipient in to if recipient.phone not in told}
    alerts = [
        Alert(
            request_id=request.id,
            reason=reason,
            staff_id=staff_id,
            to_number=phone,
            body=storable(body),
            state=AlertState.WAITING,
            attempts=0,
            due_at=at,
            created_at=at,
        )
        for phone, staff_id in phones.items()
    ]
    session.add_all(alerts)
    session.flush()
    return alerts


def due(session: Session, now: datetime, limit: int = 20) -> list[Alert]:
    """What is to be sent now, the longest due first."""
    waiting = select(Alert).where(Alert.state == AlertState.WAITING, Alert.due_at <= now)
    return list(session.scalars(waiting.order_by(Alert.due_at, Alert.id).limit(limit)))


def claim(session: Session, alert: Alert, now: datetime) -> bool:
    """Whether it is the caller's to send now. Nobody else gets it before its next try, which is set here."""
    tries = alert.attempts
    values = {
        "attempts": tries + 1,
        "due_at": now + timedelta(seconds=RETRY_AFTER_S[min(tries, len(RETRY_AFTER_S) - 1)]),
    }
    return compare_and_set(session, alert, (Alert.state == AlertState.WAITING) & (Alert.attempts == tries), values)


def sent(session: Session, alert: Alert, message_sid: str) -> None:
    """The provider has taken it."""
    alert.state = AlertState.SENT
    alert.message_sid = storable(message_sid, 64)
    alert.error = None
    session.flush()


def failed(session: Session, alert: Alert, error: str, *, final: bool) -> None:
    """A try failed; `final` when another one is useless. After the last one the alert has failed."""
    alert.error = storable(error, 300)
    if final or alert.attempts > len(RETRY_AFTER_S):
        alert.state = AlertState.FAILED
    session.flush()
