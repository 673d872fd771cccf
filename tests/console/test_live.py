"""Pages are told what has changed, and that nothing else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import enumerate as running
from time import monotonic, sleep

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import end_streams_when, live, watching
from care_records.console.marks import marks
from care_records.console.watching import Listener, TooManyError, Watcher
from care_records.models import Call, CheckIn
from care_records.models.check_ins import CheckInState
from care_records.services import requests
from tests.care_records.builders import make_call, make_check_in, make_request
from tests.console.conftest import ZONE, MakeApp
from tests.console.visitor import Visitor

WAIT_S = 10


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY_S", 0.02)


@pytest.fixture
def watcher(sessions: sessionmaker[Session]) -> Watcher:
    return Watcher(sessions, marks(lambda: datetime.now(UTC), ZONE), limit=2)


@pytest.fixture
def listener(watcher: Watcher) -> Iterator[Listener]:
    found = watcher.join()
    assert found.next(0.1) is None
    yield found
    watcher.leave(found)


def told(listener: Listener) -> set[str]:
    """Everything that is told within a moment of the first thing."""
    topics = {listener.next(WAIT_S)}
    while topic := listener.next(0.1):
        topics.add(topic)
    return {topic for topic in topics if topic}


def test_a_new_turn_of_a_call_is_told(listener: Listener, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        call = make_call(started_at=datetime.now(UTC))
        session.add(call)
    assert told(listener) == {"calls", "today"}

    with sessions.begin() as session:
        session.get_one(Call, call.id).turn_number = 2
    assert told(listener) == {"calls", "today"}


def test_whatever_happens_to_a_request_is_told(listener: Listener, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        request = make_request()
        session.add(request)
        session.flush()
        requests.note(session, request, "看过了。", at=datetime.now(UTC))

    assert told(listener) == {"requests", "today"}


def test_a_check_in_of_today_that_moves_on_is_told(listener: Listener, sessions: sessionmaker[Session]) -> None:
    today = datetime.now(UTC).astimezone(ZONE).date()
    with sessions.begin() as session:
        check_in = make_check_in(day=today)
        session.add(check_in)
    assert told(listener) == {"check_ins", "today"}

    with sessions.begin() as session:
        session.get_one(CheckIn, check_in.id).state = CheckInState.CALLING
    assert told(listener) == {"check_ins", "today"}


def test_every_page_is_told(watcher: Watcher, listener: Listener, sessions: sessionmaker[Session]) -> None:
    other = watcher.join()
    with sessions.begin() as session:
        session.add(make_call(started_at=datetime.now(UTC)))

    assert told(other) == told(listener)
    watcher.leave(other)


def test_no_more_pages_listen_than_may(watcher: Watcher, listener: Listener) -> None:
    other = watcher.join()
    with pytest.raises(TooManyError):
        watcher.join()

    watcher.leave(other)
    watcher.leave(watcher.join())


def test_nobody_looks_when_nobody_listens(watcher: Watcher, listener: Listener) -> None:
    watcher.leave(listener)
    end = monotonic() + WAIT_S
    while any(thread.name == "console-watcher" for thread in running()):
        assert monotonic() < end
        sleep(0.01)


def test_a_database_that_is_away_for_a_while_ends_nothing(sessions: sessionmaker[Session]) -> None:
    answers: Iterator[Callable[[], object]] = iter([dict, _away, _away])

    def look(_: Session) -> dict[str, object]:
        next(answers, dict)()
        return {"calls": monotonic()}

    watcher = Watcher(sessions, look, limit=1)
    listener = watcher.join()
    assert listener.next(WAIT_S) == "calls"
    watcher.leave(listener)


def _away() -> None:
    raise OperationalError("SELECT", None, Exception("away"))


def test_a_page_that_does_not_come_for_its_news_costs_no_more_memory(listener: Listener) -> None:
    for _ in range(1000):
        listener.tell("calls")
    received = 0
    while listener.next(0):
        received += 1

    assert received == 20


# --- The stream


def test_the_stream_names_what_has_changed_and_tells_nothing_of_it(
    viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    stream = viewer.open("/live", buffered=False)
    events = iter(stream.response)
    assert next(events) == b": listening\n\n"
    with sessions.begin() as session:
        session.add(make_call(started_at=datetime.now(UTC)))
    found = {next(events), next(events)}
    stream.close()

    assert found == {b"event: calls\ndata:\n\n", b"event: today\ndata:\n\n"}
    assert stream.mimetype == "text/event-stream"
    assert stream.headers["Cache-Control"] == "no-store"


def test_a_stream_without_news_beats_and_ends_by_itself(viewer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    monkeypatch.setattr(live, "LONGEST_S", 0.2)
    events = viewer.open("/live").data

    assert events.count(b": nothing new\n\n") >= 1


def test_a_page_too_many_is_told_to_come_back(make_app: MakeApp, viewer: Visitor) -> None:
    visitor = Visitor(make_app(streams=1))
    visitor.sign_in("viewer", "apples-and-7-pears")
    first = visitor.open("/live", buffered=False)
    assert visitor.open("/live").status_code == 503

    first.close()
    again = visitor.open("/live", buffered=False)
    assert again.status_code == 200
    again.close()


def test_a_server_that_ends_lets_its_pages_go(make_app: MakeApp, viewer: Visitor) -> None:
    app = make_app()
    end_streams_when(app, lambda: True)
    visitor = Visitor(app)
    visitor.sign_in("viewer", "apples-and-7-pears")

    assert visitor.open("/live").data == b": listening\n\n"
