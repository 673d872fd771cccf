"""What the pages read and write works on PostgreSQL too."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import watching
from care_records.database import make_engine, make_sessions
from care_records.models import CallTurn, Escalation, EscalationStep, Pause
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.requests import Urgency
from care_records.services import audit
from tests.care_records.builders import make_call, make_check_in, make_person, make_request
from tests.console.conftest import PASSWORD, ZONE
from tests.console.visitor import Visitor
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def sessions(postgres_server: PostgresServer, postgres_template: str) -> Iterator[sessionmaker[Session]]:
    url = postgres_server.create(postgres_template)
    engine = make_engine(url)
    yield make_sessions(engine)
    engine.dispose()
    postgres_server.drop(url)


def test_wrong_tries_lock_an_account(anybody: Visitor, viewer: Visitor) -> None:
    for _ in range(5):
        anybody.sign_in("viewer", "wrong-password")

    assert anybody.sign_in("viewer", PASSWORD).one("h1").text == "登录"
    assert viewer.get("/").one("h1").text == "今天"


def test_the_first_page_shows_everything(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    person = make_person(name="张示例")
    alarm = make_request(person=person, urgency=Urgency.RED, created_at=now)
    escalation = Escalation(request=alarm, state=EscalationState.RINGING, created_at=now)
    step = EscalationStep(alarm=1, position=0, kind=StepKind.OFFICER, name="王值班", phone="+8651252880000")
    escalation.chain.append(step)
    call = make_call(person=person, started_at=now)
    call.turns.append(CallTurn(number=1, said=[], answer="utterance", heard="要修水管", at=now, took_ms=9))
    check_in = make_check_in(day=today, state=CheckInState.DONE, outcome=CheckInOutcome.FINE)
    late = make_request(number="20261101-001", due_at=now - timedelta(hours=2))
    with sessions.begin() as session:
        session.add_all([escalation, call, check_in, late])
        session.flush()
        session.add(Pause(person_id=person.id, first_day=today, last_day=today, created_at=now))
    page = viewer.get("/")

    assert "正在打给 王值班" in page.one("div", id="alarms").text
    assert "要修水管" in page.one("div", id="calls").text
    assert "20261101-001" in page.one("div", id="overdue").text
    assert "1 平安" in page.one("div", id="board").text
    assert "1 暂停 张示例" in page.one("div", id="board").text


def test_a_long_trail_is_read_in_both_directions(admin: Visitor, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for _ in range(60):
            audit.record(session, "person.opened", at=datetime.now(UTC), account_id=None, address=None)
    first = admin.get("/accounts/trail?action=person.opened")
    second = admin.get(first.one("a", rel="next").attributes["href"])
    back = admin.get(second.one("a", rel="prev").attributes["href"])

    assert [len(page.one("tbody").all("tr")) for page in (first, second, back)] == [50, 10, 50]


def test_news_reaches_a_page(viewer: Visitor, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY_S", 0.02)
    stream = viewer.open("/live", buffered=False)
    events = iter(stream.response)
    next(events)
    with sessions.begin() as session:
        session.add(make_call(started_at=datetime.now(UTC)))
    found = {next(events), next(events)}
    stream.close()

    assert found == {b"event: calls\ndata:\n\n", b"event: today\ndata:\n\n"}
