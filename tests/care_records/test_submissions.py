"""Forms that are sent twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Submission
from care_records.services import submissions
from tests.care_records.builders import NOW

Sessions = sessionmaker[Session]


def test_of_two_that_are_sent_at_once_one_is_the_first(sessions: Sessions) -> None:
    both_began = Event()

    def second() -> bool:
        both_began.set()
        with sessions.begin() as session:
            return submissions.first(session, "one", NOW)

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            first = submissions.first(session, "one", NOW)
            waiting = pool.submit(second)
            both_began.wait()

        assert (first, waiting.result()) == (True, False)


def test_one_that_was_not_saved_after_all_is_first_again(sessions: Sessions) -> None:
    with sessions() as session:
        submissions.first(session, "one", NOW)
        session.rollback()

    with sessions.begin() as session:
        assert submissions.first(session, "one", NOW)


def test_what_came_of_it_is_known_to_whoever_sends_it_again(sessions: Sessions) -> None:
    with sessions.begin() as session:
        submissions.first(session, "one", NOW)
        submissions.leads_to(session, "one", "/requests/7")

    with sessions.begin() as session:
        assert not submissions.first(session, "one", NOW)
        assert submissions.place_of(session, "one") == "/requests/7"


def test_old_ones_are_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as session:
        submissions.first(session, "old", NOW)
        submissions.first(session, "new", NOW + submissions.KEPT + timedelta(seconds=1))

    with sessions() as session:
        assert session.scalars(select(Submission.token)).all() == ["new"]
