"""Alerts sent to officers as SMS. An alert that may not have arrived is sent again: read twice, it does no harm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Alert, Staff
from care_records.models.requests import AlertState
from care_records.services import alerts, requests
from ivr.telephony.provider import ProviderError, ProviderFinal

log = structlog.get_logger()

SendSms = Callable[[str, str], str]
"""Sends a text to a number; the message's id. Raises ProviderError."""


@dataclass(frozen=True)
class Outgoing:
    """An alert to send, outside of any session."""

    row_id: int
    to: str
    body: str


class Alerter:
    def __init__(self, sessions: sessionmaker[Session], send_sms: SendSms) -> None:
        self._sessions = sessions
        self._send_sms = send_sms

    def send_due(self, now: datetime) -> int:
        """Tries each alert that is due once. Returns how many went out; raises what the database raises."""
        return sum(self._send(alert, now) for alert in self._claimed(now))

    def _claimed(self, now: datetime) -> list[Outgoing]:
        """A try is written down before it is made."""
        with self._sessions.begin() as session:
            found = [alert for alert in alerts.due(session, now) if alerts.claim(session, alert, now)]
            return [Outgoing(alert.id, alert.to_number, alert.body) for alert in found]

    def _send(self, outgoing: Outgoing, now: datetime) -> bool:
        """No session is open while the provider is asked."""
        try:
            message_sid = self._send_sms(outgoing.to, outgoing.body)
        except ProviderError as error:
            self._failed(outgoing, error, now)
            return False
        with self._sessions.begin() as session:
            alert = session.get_one(Alert, outgoing.row_id)
            alerts.sent(session, alert, message_sid)
            requests.note(session, alert.request, f"已发短信通知{_name(session, alert)}。", at=now)
        return True

    def _failed(self, outgoing: Outgoing, error: ProviderError, now: datetime) -> None:
        with self._sessions.begin() as session:
            alert = session.get_one(Alert, outgoing.row_id)
            reason = f"{type(error).__name__}: {error}"
            alerts.failed(session, alert, reason, final=isinstance(error, ProviderFinal))
            lost = alert.state is AlertState.FAILED
            if lost:
                requests.note(session, alert.request, f"短信没有发到{_name(session, alert)}，请另行通知。", at=now)
        log.log(50 if lost else 30, "alert_lost" if lost else "alert_not_sent", alert=outgoing.row_id)


def _name(session: Session, alert: Alert) -> str:
    officer = session.get(Staff, alert.staff_id) if alert.staff_id is not None else None
    return officer.name if officer else "值班人员"
