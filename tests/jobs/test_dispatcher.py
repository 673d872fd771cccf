"""The sweep: what is due is handed out once, cases first, never more than workers can do, with a broker or without."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Upkeep
from care_records.services import upkeep
from ivr.jobs.broker import CALLS, UPKEEP, URGENT
from ivr.jobs.dispatcher import AGAIN_OTHERWISE, LEASE, MOST, Dispatcher
from ivr.jobs.duties import Duties
from ivr.outbound.engine import Work
from tests.care_records.builders import NOW
from tests.jobs.stubs import MINUTE, SECOND, StubOutbound, StubSender

MakeDispatcher = Callable[..., Dispatcher]

CASE, CALL = Work("escalation", 1), Work("place", 2)


@pytest.fixture
def upkept() -> list[str]:
    """The parts of the upkeep that were done."""
    return []


@pytest.fixture
def make_dispatcher(
    sqlite_sessions: sessionmaker[Session], outbound: StubOutbound, sender: StubSender, upkept: list[str]
) -> Iterator[MakeDispatcher]:
    made: list[Dispatcher] = []
    working: list[Duties] = []

    def note(part: str, _now: datetime) -> int:
        upkept.append(part)
        return 1

    def make(worker: str = "one", sender: StubSender = sender, **every: timedelta) -> Dispatcher:
        parts = {part: partial(note, part) for part in every}
        duties = Duties(worker, sqlite_sessions, outbound, parts=parts)
        working.append(duties)
        made.append(Dispatcher(worker, sqlite_sessions, outbound, every=every, sender=sender, duties=duties, threads=4))
        return made[-1]

    yield make
    for dispatcher in made:
        dispatcher.stop()
    for duties in working:
        duties.stop()


def swept(sessions: sessionmaker[Session]) -> Upkeep:
    with sessions() as session:
        return next(row for row in upkeep.everything(session) if row.part == "sweep")


def test_a_row_that_is_due_is_sent_once(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    dispatcher = make_dispatcher()
    outbound.due = [CALL]
    dispatcher.sweep(NOW)
    dispatcher.sweep(NOW + SECOND)
    assert sender.sent == [(CALLS, CALL)]


def test_a_row_that_is_due_still_is_sent_again_later(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    """The message, or the whole queue, may be lost."""
    dispatcher = make_dispatcher()
    outbound.due = [CALL]
    dispatcher.sweep(NOW)
    sender.sent.clear()
    dispatcher.sweep(NOW + AGAIN_OTHERWISE)
    assert sender.sent == [(CALLS, CALL)]


def test_a_case_does_not_wait_in_the_queue_for_calls(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    outbound.due = [CALL, CASE]
    make_dispatcher().sweep(NOW)
    assert sender.in_queue(URGENT) == [CASE]
    assert sender.in_queue(CALLS) == [CALL]


def test_the_queue_does_not_grow_while_workers_are_slower_than_the_sweep(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    dispatcher = make_dispatcher()
    outbound.due = [Work("place", number) for number in range(3 * MOST)]
    for minute in range(60):
        dispatcher.sweep(NOW + minute * MINUTE)
    assert len(sender.sent) == MOST


def test_a_full_queue_for_calls_does_not_keep_a_case_waiting(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    dispatcher = make_dispatcher()
    outbound.due = [Work("place", number) for number in range(MOST)]
    dispatcher.sweep(NOW)
    outbound.due = [CASE, *outbound.due]
    dispatcher.sweep(NOW + SECOND)
    assert sender.in_queue(URGENT) == [CASE]


def test_what_is_beyond_a_full_queue_follows_as_it_is_worked_off(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    dispatcher = make_dispatcher()
    outbound.due = [Work("place", number) for number in range(MOST + 10)]
    dispatcher.sweep(NOW)
    outbound.due = outbound.due[100:]
    del sender.sent[:100]
    dispatcher.sweep(NOW + SECOND)
    assert sender.in_queue(CALLS) == outbound.due


def test_one_worker_of_all_sweeps(make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender) -> None:
    one, two = make_dispatcher("one"), make_dispatcher("two")
    outbound.due = [CALL]
    for second in range(8):
        one.sweep(NOW + second * SECOND)
        two.sweep(NOW + second * SECOND)
    assert sender.sent == [(CALLS, CALL)]


def test_the_next_worker_sweeps_when_the_one_is_gone(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    make_dispatcher("one").sweep(NOW)
    outbound.due = [CALL]
    two = make_dispatcher("two")
    two.sweep(NOW + LEASE - SECOND)
    assert sender.sent == []
    two.sweep(NOW + LEASE)
    assert sender.sent == [(CALLS, CALL)]


def test_a_worker_that_ends_gives_the_sweep_to_the_next(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    one, two = make_dispatcher("one"), make_dispatcher("two")
    one.sweep(NOW)
    one.stop()
    outbound.due = [CALL]
    two.sweep(NOW + SECOND)
    assert sender.sent == [(CALLS, CALL)]


def test_each_part_of_the_upkeep_is_sent_when_it_is_due(make_dispatcher: MakeDispatcher, sender: StubSender) -> None:
    dispatcher = make_dispatcher(alerts=2 * SECOND, plan=MINUTE)
    for second in range(5):
        dispatcher.sweep(NOW + second * SECOND)
    assert sender.in_queue(UPKEEP) == ["alerts", "plan", "alerts", "alerts"]


def test_the_records_know_when_somebody_last_swept(
    make_dispatcher: MakeDispatcher, sqlite_sessions: sessionmaker[Session]
) -> None:
    dispatcher = make_dispatcher("one")
    for second in range(60):
        dispatcher.sweep(NOW + second * SECOND)
    row = swept(sqlite_sessions)
    assert row.by == "one"
    assert row.error is None
    assert row.ended_at
    assert timedelta(0) <= NOW + 59 * SECOND - row.ended_at < 5 * SECOND


def test_without_a_broker_the_worker_does_what_is_due_by_itself(
    make_dispatcher: MakeDispatcher,
    outbound: StubOutbound,
    sender: StubSender,
    upkept: list[str],
    sqlite_sessions: sessionmaker[Session],
) -> None:
    sender.away = True
    outbound.due = [CASE, CALL]
    dispatcher = make_dispatcher(alerts=MINUTE)
    dispatcher.sweep(NOW)
    dispatcher._own.shutdown()
    dispatcher._duties._upkeep.shutdown()
    assert sorted(work.id for work in outbound.done) == [1, 2]
    assert upkept == ["alerts"]
    assert swept(sqlite_sessions).error == "ConnectionError"


def test_a_broker_that_is_back_is_used_again(
    make_dispatcher: MakeDispatcher, outbound: StubOutbound, sender: StubSender
) -> None:
    dispatcher = make_dispatcher()
    sender.away = True
    outbound.due = [CALL]
    dispatcher.sweep(NOW)
    sender.away = False
    outbound.due = [Work("place", 3)]
    dispatcher.sweep(NOW + SECOND)
    assert sender.sent == [(CALLS, Work("place", 3))]
