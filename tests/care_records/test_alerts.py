from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from care_records.models import Alert, HelpRequest
from care_records.models.requests import AlertState
from care_records.services import alerts
from tests.care_records.builders import NOW, make_officer, make_request

OFFICERS = ("+8651200009001", "+8651200009002")
SECOND = timedelta(seconds=1)


@pytest.fixture
def request_(session: Session) -> HelpRequest:
    request = make_request()
    session.add(request)
    session.flush()
    return request


@pytest.fixture
def raised(session: Session, request_: HelpRequest) -> list[Alert]:
    return tell(session, request_, *OFFICERS, OFFICERS[0])


def tell(session: Session, request: HelpRequest, *phones: str, reason: str = "recording-5") -> list[Alert]:
    officer = make_officer()
    session.add(officer)
    session.flush()
    to = [alerts.Recipient(phone, officer.id) for phone in phones]
    return alerts.raise_for(session, request, to, reason=reason, body="请马上回电。", at=NOW)


def test_each_telephone_gets_one_alert_for_a_reason(
    session: Session, raised: list[Alert], request_: HelpRequest
) -> None:
    assert [alert.to_number for alert in raised] == list(OFFICERS)
    (late,) = tell(session, request_, OFFICERS[0], "+8651200009003")
    assert late.to_number == "+8651200009003"
    assert len(tell(session, request_, *OFFICERS, reason="escalation-3-1")) == 2


def test_an_alert_is_due_at_once_and_whoever_claims_it_has_it_alone(session: Session, raised: list[Alert]) -> None:
    assert alerts.due(session, NOW - SECOND) == []
    assert alerts.due(session, NOW) == raised
    assert alerts.claim(session, raised[0], NOW)
    assert raised[0].attempts == 1
    assert alerts.due(session, NOW) == [raised[1]]
    assert alerts.due(session, NOW + 15 * SECOND) == [raised[1], raised[0]]


def test_an_alert_that_somebody_else_has_claimed_is_not_claimed_again(session: Session, raised: list[Alert]) -> None:
    session.execute(Alert.__table__.update().values(attempts=1))  # type: ignore[attr-defined]
    assert not alerts.claim(session, raised[0], NOW)
    assert raised[0].attempts == 1


def test_an_alert_that_was_sent_is_never_due_again(session: Session, raised: list[Alert]) -> None:
    for alert in raised:
        alerts.claim(session, alert, NOW)
        alerts.sent(session, alert, "SM1")
    assert alerts.due(session, NOW + timedelta(days=365)) == []
    assert not alerts.claim(session, raised[0], NOW)


def test_an_alert_is_tried_until_the_retries_run_out(session: Session, raised: list[Alert]) -> None:
    at, tries = NOW, 0
    while raised[0].state is AlertState.WAITING:
        at, tries = max(at, raised[0].due_at), tries + 1
        assert alerts.claim(session, raised[0], at)
        alerts.failed(session, raised[0], "ProviderRetryable: 503", final=False)
    assert tries == len(alerts.RETRY_AFTER_S) + 1
    assert at - NOW == timedelta(seconds=sum(alerts.RETRY_AFTER_S))


def test_a_refusal_for_good_is_the_end_of_it(session: Session, raised: list[Alert]) -> None:
    alerts.claim(session, raised[0], NOW)
    alerts.failed(session, raised[0], "x" * 1000, final=True)
    assert (raised[0].state, len(raised[0].error or "")) == (AlertState.FAILED, 300)
