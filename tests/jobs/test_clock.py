"""What is done every so often is done at once, and again, whatever happens."""

import threading
from datetime import datetime

from ivr.jobs.clock import Clock


def test_a_clock_goes_on_after_a_failure() -> None:
    ticks = threading.Semaphore(0)

    def failing(now: datetime) -> None:
        ticks.release()
        raise OSError("no room")

    clock = Clock("test", failing, 0.001)
    clock.start()
    assert all(ticks.acquire(timeout=10) for _ in range(3))
    clock.stop()


def test_a_clock_begins_at_once() -> None:
    ticked = threading.Event()
    clock = Clock("test", lambda _: ticked.set(), 3600)
    clock.start()
    assert ticked.wait(10)
    clock.stop()


def test_after_a_failure_a_clock_may_wait_longer() -> None:
    ticks: list[datetime] = []
    failed = threading.Event()

    def failing(now: datetime) -> None:
        ticks.append(now)
        failed.set()
        raise OSError("no room")

    clock = Clock("test", failing, 0.001, after_failure_s=3600)
    clock.start()
    assert failed.wait(10)
    clock.stop()
    assert len(ticks) == 1


def test_a_clock_that_is_stopped_has_ended_what_it_was_at() -> None:
    begun, go_on = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work(now: datetime) -> None:
        begun.set()
        go_on.wait(10)
        ended.append(True)

    clock = Clock("test", work, 3600)
    clock.start()
    assert begun.wait(10)
    go_on.set()
    clock.stop()
    assert ended == [True]


def test_a_clock_that_never_ran_can_be_stopped() -> None:
    Clock("test", lambda _: None, 1).stop()
