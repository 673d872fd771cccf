"""Real workers, real brokers: what is due is done once, whoever dies and whatever is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from care_records.models import OutboundCall
from care_records.models.check_ins import OutboundCallState
from ivr.config import Settings
from ivr.jobs.broker import make_celery
from ivr.jobs.dispatcher import Dispatcher
from ivr.jobs.duties import Duties
from ivr.jobs.sender import Sender
from ivr.outbound.engine import Outbound
from ivr.telephony.rest import TwilioProvider
from tests.jobs.machines import (
    WHOLE_DAY,
    CountingProvider,
    Program,
    Redis,
    counting_provider,
    due_people,
    eventually,
    noon,
)
from tests.postgres import PostgresServer

MakeWorker = Callable[..., Program]
LINES = ("+8651252880001", "+8651252880002")


@pytest.fixture
def provider() -> Iterator[CountingProvider]:
    with counting_provider() as provider:
        yield provider


@pytest.fixture
def redis() -> Iterator[Redis]:
    redis = Redis()
    yield redis
    redis.stop()


@pytest.fixture
def postgres_sessions(postgres_server: PostgresServer, postgres_template: str) -> Iterator[sessionmaker[Session]]:
    url = postgres_server.create(postgres_template)
    engine = make_engine(url)
    yield make_sessions(engine)
    engine.dispose()
    postgres_server.drop(url)


@pytest.fixture
def make_worker(tmp_path: Path, provider: CountingProvider) -> Iterator[MakeWorker]:
    """Starts a worker on the database of these sessions; each has a data folder of its own unless it is given one."""
    started: list[Program] = []

    def make(sessions: sessionmaker[Session], **values: object) -> Program:
        folder = tmp_path / f"worker-{len(started)}"
        values = environment(sessions, provider) | {"CARELINE_DATA_DIR": folder} | values
        started.append(Program(folder, "worker", **values))
        return started[-1]

    yield make
    for program in started:
        if program.process.poll() is None:
            program.kill()


def environment(sessions: sessionmaker[Session], provider: CountingProvider) -> dict[str, Any]:
    with sessions() as session:
        url = session.get_bind().engine.url
    if url.database and url.database.startswith("file:"):
        url = make_url(f"sqlite:///{url.database.removeprefix('file:')}")
    return {
        "CARELINE_DATABASE_URL": url.render_as_string(hide_password=False),
        "CARELINE_TIMEZONE": noon(),
        "CARELINE_CALL_WINDOWS": WHOLE_DAY,
        "CARELINE_CALLS_PER_SECOND": 1000,
        "CARELINE_SPEECH_MODEL": "off",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_API_URL": provider.url,
    }


def sent(sessions: sessionmaker[Session], *states: OutboundCallState) -> set[str]:
    """The numbers of the calls in these states."""
    with sessions() as session:
        return set(session.scalars(select(OutboundCall.to_number).where(OutboundCall.state.in_(states))))


def all_once(provider: CountingProvider, numbers: list[str]) -> bool:
    return provider.rung == dict.fromkeys(numbers, 1)


def test_without_any_server_a_worker_rings_everybody_once(
    sqlite_sessions: sessionmaker[Session], provider: CountingProvider, make_worker: MakeWorker, tmp_path: Path
) -> None:
    numbers = due_people(sqlite_sessions, 8)
    worker = make_worker(sqlite_sessions, CARELINE_DATA_DIR=tmp_path / "data")
    assert eventually(lambda: sent(sqlite_sessions, OutboundCallState.PLACED) == set(numbers))
    assert worker.end() == 0
    assert all_once(provider, numbers)
    queued = [file.name for file in (tmp_path / "data" / "queue").iterdir() if not file.name.endswith(".msg")]
    assert queued == []


@pytest.mark.postgres
def test_two_workers_share_what_is_due_and_ring_everybody_once(
    postgres_sessions: sessionmaker[Session], provider: CountingProvider, make_worker: MakeWorker, redis: Redis
) -> None:
    redis.start()
    workers = [
        make_worker(postgres_sessions, CARELINE_BROKER_URL=redis.url, CARELINE_LINE_NUMBER=line) for line in LINES
    ]
    assert eventually(lambda: all("worker_started" in worker.events for worker in workers))
    numbers = due_people(postgres_sessions, 60)
    assert eventually(lambda: sent(postgres_sessions, OutboundCallState.PLACED) == set(numbers))
    assert [worker.end() for worker in workers] == [0, 0]
    assert all_once(provider, numbers)
    assert set(provider.by_line) == set(LINES)


@pytest.mark.postgres
def test_when_a_worker_is_killed_the_other_goes_on_and_nobody_is_rung_twice(
    postgres_sessions: sessionmaker[Session], provider: CountingProvider, make_worker: MakeWorker, redis: Redis
) -> None:
    redis.start()
    first, _ = (
        make_worker(postgres_sessions, CARELINE_BROKER_URL=redis.url, CARELINE_LINE_NUMBER=line) for line in LINES
    )
    numbers = due_people(postgres_sessions, 100)
    assert eventually(lambda: provider.by_line[LINES[0]] >= 5)
    first.kill()

    begun = (OutboundCallState.SENDING, OutboundCallState.PLACED, OutboundCallState.UNCERTAIN)
    assert eventually(lambda: sent(postgres_sessions, *begun) == set(numbers))
    in_the_dark = sent(postgres_sessions, OutboundCallState.SENDING, OutboundCallState.UNCERTAIN)
    assert set(numbers) - set(provider.rung) <= in_the_dark
    assert len(in_the_dark) <= 4
    assert set(provider.rung.values()) == {1}


@pytest.mark.postgres
def test_without_its_broker_a_worker_rings_everybody_all_the_same(
    postgres_sessions: sessionmaker[Session], provider: CountingProvider, make_worker: MakeWorker, redis: Redis
) -> None:
    numbers = due_people(postgres_sessions, 8)
    worker = make_worker(postgres_sessions, CARELINE_BROKER_URL=redis.url)
    assert eventually(lambda: sent(postgres_sessions, OutboundCallState.PLACED) == set(numbers))
    assert all_once(provider, numbers)
    assert "broker_away" in worker.events
    assert worker.end() == 0


@pytest.mark.postgres
def test_a_broker_that_has_lost_everything_has_lost_nothing(
    postgres_sessions: sessionmaker[Session],
    provider: CountingProvider,
    make_worker: MakeWorker,
    redis: Redis,
    tmp_path: Path,
) -> None:
    redis.start()
    numbers = due_people(postgres_sessions, 8)
    values = environment(postgres_sessions, provider) | {"CARELINE_BROKER_URL": redis.url}
    settings = Settings(_env_file=None, CARELINE_DATA_DIR=tmp_path, **values)
    sender = Sender(make_celery(settings))
    swept_by_somebody_who_died(settings, postgres_sessions, sender)
    assert sum(sender.waiting().values()) == 8

    redis.empty()
    make_worker(postgres_sessions, CARELINE_BROKER_URL=redis.url)
    assert eventually(lambda: sent(postgres_sessions, OutboundCallState.PLACED) == set(numbers))
    assert all_once(provider, numbers)


def swept_by_somebody_who_died(settings: Settings, sessions: sessionmaker[Session], sender: Sender) -> None:
    outbound = Outbound(sessions, settings, TwilioProvider(settings), lambda: "http://127.0.0.1")
    duties = Duties("dead", sessions, outbound, parts={})
    dispatcher = Dispatcher("dead", sessions, outbound, every={}, sender=sender, duties=duties, threads=1)
    dispatcher.sweep(datetime.now(UTC) - timedelta(seconds=1))
    dispatcher.sweep(datetime.now(UTC))
    dispatcher.stop()
