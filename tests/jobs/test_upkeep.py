"""Who does what is done over and over: one worker at a time, and another one when it dies."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Upkeep
from care_records.services import upkeep
from tests.care_records.builders import NOW

LONGEST = timedelta(minutes=5)
LEASE = timedelta(seconds=10)
SECOND = timedelta(seconds=1)

Sessions = sessionmaker[Session]


def begin(sessions: Sessions, worker: str, after: timedelta) -> bool:
    with sessions.begin() as session:
        return upkeep.begin(session, "plan", worker, NOW + after, longest=LONGEST)


def end(sessions: Sessions, worker: str, after: timedelta, error: str | None = None) -> None:
    with sessions.begin() as session:
        upkeep.ended(session, "plan", worker, NOW + after, error)


def hold(sessions: Sessions, worker: str, after: timedelta) -> bool:
    with sessions.begin() as session:
        return upkeep.hold(session, "sweep", worker, NOW + after, lease=LEASE)


def known(sessions: Sessions) -> Upkeep:
    with sessions() as session:
        (row,) = upkeep.everything(session)
        return row


def test_a_part_that_somebody_is_at_is_nobody_elses(sessions: Sessions) -> None:
    assert begin(sessions, "one", 0 * SECOND)
    assert not begin(sessions, "two", SECOND)
    assert not begin(sessions, "one", SECOND)


def test_a_part_that_has_ended_is_begun_again_by_whoever_comes(sessions: Sessions) -> None:
    begin(sessions, "one", 0 * SECOND)
    end(sessions, "one", SECOND)
    assert begin(sessions, "two", 2 * SECOND)


def test_a_part_whose_worker_has_died_is_begun_again(sessions: Sessions) -> None:
    begin(sessions, "one", 0 * SECOND)
    assert begin(sessions, "two", LONGEST)


@pytest.mark.parametrize("error", [None, "OperationalError"])
def test_the_records_know_how_a_part_ended(sessions: Sessions, error: str | None) -> None:
    begin(sessions, "one", 0 * SECOND)
    end(sessions, "one", SECOND, error)
    assert (known(sessions).ended_at, known(sessions).error) == (NOW + SECOND, error)


def test_a_worker_that_comes_too_late_says_nothing_of_a_part_that_is_anothers_by_now(sessions: Sessions) -> None:
    begin(sessions, "one", 0 * SECOND)
    begin(sessions, "two", LONGEST)
    end(sessions, "one", LONGEST, "OperationalError")
    assert (known(sessions).ended_at, known(sessions).error) == (None, None)


def test_one_worker_keeps_the_sweep_as_long_as_it_sweeps(sessions: Sessions) -> None:
    for second in range(0, 60, 9):
        assert hold(sessions, "one", second * SECOND)
        assert not hold(sessions, "two", (second + 1) * SECOND)


def test_another_worker_has_the_sweep_when_the_one_is_gone(sessions: Sessions) -> None:
    hold(sessions, "one", 0 * SECOND)
    assert hold(sessions, "two", LEASE)
    assert not hold(sessions, "one", LEASE + SECOND)


def test_a_sweep_that_was_let_go_is_anothers_at_once(sessions: Sessions) -> None:
    hold(sessions, "one", 0 * SECOND)
    with sessions.begin() as session:
        upkeep.let_go(session, "sweep", "two")
    assert not hold(sessions, "two", SECOND)
    with sessions.begin() as session:
        upkeep.let_go(session, "sweep", "one")
    assert hold(sessions, "two", SECOND)
