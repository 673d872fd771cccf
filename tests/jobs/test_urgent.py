"""What a commit makes urgent is with the workers at once; a broker that is away loses nothing and holds nobody up."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from care_records.models import HelpRequest
from care_records.models.escalations import StepKind
from care_records.models.requests import Urgency
from care_records.services import escalations
from ivr.jobs.broker import URGENT
from ivr.jobs.sender import BrokerAwayError
from ivr.jobs.urgent import Announcer
from ivr.outbound.engine import Work
from tests.care_records.builders import make_call, make_request
from tests.jobs.stubs import StubSender

Sessions = sessionmaker[Session]
HOUR = timedelta(hours=1)


def case(session: Session) -> HelpRequest:
    request = make_request(call=make_call(), urgency=Urgency.RED)
    session.add(request)
    session.flush()
    return request


def open_case(sessions: Sessions, *, begins_in: timedelta = timedelta(0)) -> int:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        return escalations.open_for(session, case(session), begins_at=now + begins_in, at=now).id


@pytest.fixture
def announcer(sqlite_sessions: Sessions, sender: StubSender) -> Announcer:
    announcer = Announcer(sender)
    announcer.watch(sqlite_sessions)
    return announcer


def test_a_case_that_begins_now_is_sent_at_once(
    sqlite_sessions: Sessions, announcer: Announcer, sender: StubSender
) -> None:
    escalation_id = open_case(sqlite_sessions)
    announcer.stop()
    assert sender.in_queue(URGENT) == [Work("escalation", escalation_id)]


def test_a_case_that_begins_later_is_left_to_the_sweep(
    sqlite_sessions: Sessions, announcer: Announcer, sender: StubSender
) -> None:
    open_case(sqlite_sessions, begins_in=HOUR)
    announcer.stop()
    assert sender.sent == []


def test_a_case_that_was_rolled_back_is_none(
    sqlite_sessions: Sessions, announcer: Announcer, sender: StubSender
) -> None:
    now = datetime.now(UTC)
    with sqlite_sessions() as session:
        escalations.open_for(session, case(session), begins_at=now, at=now)
        session.rollback()
        session.commit()
    announcer.stop()
    assert sender.sent == []


def test_the_ring_that_a_case_asks_for_is_sent_at_once(
    sqlite_sessions: Sessions, announcer: Announcer, sender: StubSender
) -> None:
    now = datetime.now(UTC)
    step = escalations.Step(kind=StepKind.OFFICER, name="值班员甲", phone="+8651200009001", staff_id=None)
    with sqlite_sessions.begin() as session:
        escalation = escalations.open_for(session, case(session), begins_at=now + HOUR, at=now)
        assert escalations.begin(session, escalation, [step], now)
        ring = escalations.begin_ring(session, escalation, now)
        assert ring
        ring_id = ring.id
    announcer.stop()
    assert Work("place", ring_id) in sender.in_queue(URGENT)


def test_nobody_waits_for_a_broker_that_is_away(sqlite_sessions: Sessions) -> None:
    asked, answer = threading.Event(), threading.Event()

    class Hanging(StubSender):
        def send(self, works: Iterable[Work], queue: str) -> None:
            asked.set()
            assert answer.wait(10)
            raise BrokerAwayError("TimeoutError")

    announcer = Announcer(Hanging())
    announcer.watch(sqlite_sessions)
    for _ in range(3):  # each returns while the broker has not answered the first
        open_case(sqlite_sessions)
    assert asked.wait(10)
    with capture_logs() as logs:
        answer.set()
        announcer.stop()
    assert [entry["event"] for entry in logs] == ["urgent_work_not_sent"]
