"""What a worker does when it is given a task: nothing that fails stops it, and the upkeep never takes all of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from care_records.models import Upkeep
from care_records.services import upkeep
from ivr.jobs.duties import UPKEEP_THREADS, Duties
from ivr.outbound.engine import Work
from ivr.outbound.sweep import Part
from tests.care_records.builders import NOW
from tests.jobs.stubs import SECOND, StubOutbound

CALL = Work("place", 2)

Sessions = sessionmaker[Session]


@contextmanager
def duties(sessions: Sessions, outbound: StubOutbound, **parts: Part) -> Iterator[Duties]:
    worker = Duties("one", sessions, outbound, parts=parts)
    try:
        yield worker
        worker._upkeep.shutdown()  # which, unlike `stop`, lets what waits have its turn
    finally:
        worker.stop()


def known(sessions: Sessions) -> Upkeep:
    with sessions() as session:
        (row,) = upkeep.everything(session)
        return row


def test_work_that_fails_is_logged_without_its_words_and_stops_nobody(
    sqlite_sessions: Sessions, outbound: StubOutbound
) -> None:
    outbound.failing = {CALL}
    with capture_logs() as logs, duties(sqlite_sessions, outbound) as worker:
        worker.do(CALL, NOW)
    assert outbound.done == [CALL]
    assert logs == [{"event": "work_failed", "log_level": "error", "kind": "place", "id": 2, "error": "RuntimeError"}]


def test_a_part_that_was_done_is_known(sqlite_sessions: Sessions, outbound: StubOutbound) -> None:
    with duties(sqlite_sessions, outbound, alerts=lambda _: 3) as worker:
        worker.keep_up("alerts", NOW)
    row = known(sqlite_sessions)
    assert (row.part, row.by, row.ended_at, row.error) == ("alerts", "one", NOW, None)


def test_a_part_that_failed_is_known_and_done_again(sqlite_sessions: Sessions, outbound: StubOutbound) -> None:
    failures: list[Exception] = [KeyError("somebody's words")]

    def part(_now: datetime) -> int:
        if failures:
            raise failures.pop()
        return 0

    for after, error in ((0 * SECOND, "KeyError"), (SECOND, None)):
        with duties(sqlite_sessions, outbound, alerts=part) as worker:
            worker.keep_up("alerts", NOW + after)
        assert known(sqlite_sessions).error == error


class Slow:
    """A part of the upkeep that takes as long as it is let."""

    def __init__(self) -> None:
        self.times: list[datetime] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, now: datetime) -> int:
        self.times.append(now)
        self.begun.set()
        assert self.go_on.wait(10)
        return 0


def test_a_part_is_done_by_one_worker_at_a_time(sqlite_sessions: Sessions, outbound: StubOutbound) -> None:
    slow = Slow()
    with duties(sqlite_sessions, outbound, alerts=slow) as first:
        first.keep_up("alerts", NOW)
        assert slow.begun.wait(10)
        with duties(sqlite_sessions, outbound, alerts=slow) as second:
            second.keep_up("alerts", NOW + SECOND)
        slow.go_on.set()
    assert slow.times == [NOW]


def test_calls_do_not_wait_for_the_upkeep_and_each_part_has_its_turn(
    sqlite_sessions: Sessions, outbound: StubOutbound
) -> None:
    slow, last = [Slow() for _ in range(UPKEEP_THREADS)], Slow()
    last.go_on.set()
    parts = {f"slow{number}": part for number, part in enumerate(slow)} | {"last": last}
    with duties(sqlite_sessions, outbound, **parts) as worker:
        for part in (*parts, "last", "last"):
            worker.keep_up(part, NOW)
        assert all(part.begun.wait(10) for part in slow)
        worker.do(CALL, NOW)
        assert (outbound.done, last.times) == ([CALL], [])
        for one in slow:
            one.go_on.set()
        assert last.begun.wait(10)
    assert last.times == [NOW]


@pytest.mark.parametrize("part", ["unheard", ""])
def test_a_part_that_this_worker_has_never_heard_of_is_left_alone(
    sqlite_sessions: Sessions, outbound: StubOutbound, part: str
) -> None:
    """It is from a newer worker on another machine."""
    with duties(sqlite_sessions, outbound) as worker:
        worker.keep_up(part, NOW)
    with sqlite_sessions() as session:
        assert upkeep.everything(session) == []
