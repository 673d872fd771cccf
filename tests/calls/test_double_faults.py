"""More than one thing fails: a restart without the database, a full disk, records that the database will not have."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete

from care_records.models import Call, HelpRequest, Person
from ivr.calls import Leg
from ivr.dialog.model import Dial, HangUp, Listen
from tests.calls.conftest import MakeLine
from tests.calls.line import ANSWERED, CALLER, MESSAGE, NO_ANSWER, OFFICERS, ONE, TWO, ZERO, Line, seed
from tests.calls.outages import disk_full, file_of, outage


@contextmanager
def refusing_requests(line: Line) -> Iterator[None]:
    """The database works, but will not have any help request."""
    with sqlite3.connect(file_of(line.settings.database)) as other:
        other.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON help_requests BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    yield
    with other:
        other.execute("DROP TRIGGER refuse")
    other.close()


def test_once_the_database_is_back_the_next_step_takes_along_what_was_journalled(
    sqlite_url: str, make_line: MakeLine
) -> None:
    seed(sqlite_url)
    line = make_line(sqlite_url, database_wait_s=1e-9)
    line.start()
    with outage(sqlite_url, "gone"):
        line.answer(1, ONE)
        line.answer(2, NO_ANSWER)
    line.answer(3, ANSWERED)

    assert [turn.number for turn in line.call().turns] == [1, 2, 3]
    line.service.replay()
    assert [turn.number for turn in line.call().turns] == [1, 2, 3]
    assert (len(line.requests()), len(line.call().transfers)) == (1, 2)


def test_a_restart_without_the_database_goes_on_from_the_journal(
    line: Line, sqlite_url: str, make_line: MakeLine
) -> None:
    line.start()
    with outage(sqlite_url, "gone"):
        ringing = line.answer(1, ONE)
        restarted = make_line(sqlite_url)
        assert restarted.service.turn("CA1") == ringing
        restarted.answer(2, NO_ANSWER)
    restarted.service.replay()

    assert len(line.requests()) == 1
    assert [turn.number for turn in line.call().turns] == [1, 2]


def test_a_restart_without_the_database_still_rings_the_officer(
    line: Line, sqlite_url: str, make_line: MakeLine
) -> None:
    line.play()
    with outage(sqlite_url, "gone"):
        restarted = make_line(sqlite_url)
        turn = restarted.start("CA2")
        turn = restarted.answer(turn.number, ONE, "CA2")
        assert isinstance(turn.then, Dial)
        assert turn.then.officer.phone == OFFICERS[0]
    restarted.service.replay()

    (request,) = line.requests()
    assert request.person_id is not None
    assert line.call("CA2").person_id == request.person_id


def test_a_call_whose_conversation_is_lost_begins_anew_and_keeps_both_requests(
    line: Line, sqlite_url: str, make_line: MakeLine
) -> None:
    lost = line.play(TWO, MESSAGE, ONE)
    with outage(sqlite_url, "gone"):
        restarted = make_line(sqlite_url)
        turn = restarted.service.answer("CA1", lost.number, ONE, line.at, leg=Leg(from_number=CALLER))
        assert isinstance(turn.then, Listen)
        assert turn.then.question == "menu"
        assert isinstance(restarted.answer(turn.number, ONE).then, Dial)
    restarted.service.replay()

    assert [request.category for request in line.requests()] == ["medical", "emergency"]
    assert len({turn.number for turn in line.call().turns}) == 4


def test_a_full_disk_and_no_database_still_ring_the_officer(line: Line, sqlite_url: str) -> None:
    line.start()
    with outage(sqlite_url, "gone"), disk_full():
        turn = line.answer(1, ONE)
        assert isinstance(turn.then, Dial)
        assert isinstance(line.answer(2, NO_ANSWER).then, Dial)
        assert line.journal.unwritten == line.journal.pending == 2
    line.service.replay()

    assert line.journal.unwritten == line.journal.pending == 0
    assert len(line.requests()) == 1


def test_what_a_full_disk_refused_is_journalled_as_soon_as_there_is_room(line: Line, sqlite_url: str) -> None:
    line.start()
    with outage(sqlite_url, "gone"):
        with disk_full():
            line.answer(1, ONE)
        line.answer(2, NO_ANSWER)
        assert (line.journal.unwritten, line.journal.pending) == (0, 2)
    line.service.replay()
    assert [turn.number for turn in line.call().turns] == [1, 2]


def test_a_record_that_the_database_will_not_have_is_kept_aside_and_the_rest_goes_on(line: Line) -> None:
    with refusing_requests(line):
        turn = line.play(ONE)
        assert isinstance(turn.then, Dial)
        line.start("CA2")
        line.service.replay()
        assert (line.journal.pending, line.journal.rejected) == (0, 1)
    turn = line.answer(turn.number, ANSWERED)

    assert turn.number == 3
    assert [turn.number for turn in line.call().turns] == [2]
    assert line.call("CA2").turn_number == 1


def test_what_is_learnt_about_a_rejected_request_opens_it(line: Line) -> None:
    with refusing_requests(line):
        turn = line.play(TWO, MESSAGE)
        line.service.replay()
    line.answer(turn.number, TWO)

    (request,) = line.requests()
    assert (request.category, request.reason) == ("home", "recovered")


def test_a_record_that_is_replayed_again_undoes_nothing_that_staff_did_since(line: Line) -> None:
    with outage(line.settings.database, "gone"):
        line.play(TWO, MESSAGE, ONE, TWO)
        pending = line.journal.pending_for("CA1")
    line.service.replay()
    (request,) = line.requests()
    with line.sessions.begin() as session:
        session.get_one(HelpRequest, request.id).category = "transport"
    line.journal.append(pending)
    line.service.replay()

    (again,) = line.requests()
    assert again.category == "transport"
    assert len(again.history) == len(request.history)


def test_a_rejected_record_is_kept_aside_once(line: Line) -> None:
    with refusing_requests(line):
        line.play(ONE)
        pending = line.journal.pending_for("CA1")
        line.service.replay()
        line.journal.append(pending)
        line.service.replay()
    assert line.journal.rejected == 1


def test_a_call_that_went_another_way_elsewhere_still_keeps_what_was_asked_for(
    sqlite_url: str, line: Line, make_line: MakeLine
) -> None:
    elsewhere = make_line(sqlite_url, "elsewhere")
    line.start()
    with outage(sqlite_url, "gone"):
        line.answer(1, ONE)
    elsewhere.status()
    line.service.replay()
    line.service.replay()

    assert [request.category for request in line.requests()] == ["emergency"]
    assert line.call().outcome == "hung_up_in_menu"
    assert line.journal.rejected == 0


def test_a_status_that_only_the_journal_has_ends_the_conversation(
    line: Line, sqlite_url: str, make_line: MakeLine
) -> None:
    line.play(TWO)
    with outage(sqlite_url, "gone"):
        restarted = make_line(sqlite_url)
        restarted.status()
        assert restarted.service.turn("CA1") is None
    restarted.service.replay()

    assert (line.call().status, line.call().outcome) == ("completed", "hung_up_in_help")
    assert len(line.requests()) == 1
    ended = restarted.service.turn("CA1")
    assert ended
    assert isinstance(ended.then, HangUp)


def test_a_call_survives_the_loss_of_all_records(line: Line) -> None:
    turn = line.play(ONE)
    with line.sessions.begin() as session:
        for request in line.requests():
            session.delete(request)
        session.execute(delete(Call))
        session.execute(delete(Person))
    line.answer(turn.number, NO_ANSWER)

    assert line.call().turn_number == 3
    assert line.call().person_id is None


def test_a_stored_conversation_that_cannot_be_read_begins_anew(
    line: Line, sqlite_url: str, make_line: MakeLine
) -> None:
    turn = line.play(TWO)
    with line.sessions.begin() as session:
        session.get_one(Call, line.call().id).state = {"from": "another release"}
    restarted = make_line(sqlite_url)
    turn = restarted.answer(turn.number, ZERO)
    assert isinstance(turn.then, Listen)
    assert isinstance(restarted.answer(turn.number, ONE).then, Dial)


def test_a_recording_of_a_call_that_never_appears_is_kept_aside(line: Line) -> None:
    line.service.recording("CA9", "RE9", "https://provider.example/RE9", line.at)
    assert line.journal.pending == 1
    line.service.replay()
    assert (line.journal.pending, line.journal.rejected) == (0, 1)


@pytest.mark.parametrize("officers", ["", "{", "[]"])
def test_a_damaged_copy_of_the_duty_list_does_not_stop_the_line(
    sqlite_url: str, make_line: MakeLine, line: Line, officers: str
) -> None:
    (line.settings.data_dir / "duty.json").write_text(officers)
    with outage(sqlite_url, "gone"):
        turn = make_line(sqlite_url).play(ONE)
    assert isinstance(turn.then, Listen)


def test_a_data_folder_that_disappears_does_not_stop_the_calls(line: Line) -> None:
    line.start()
    shutil.rmtree(line.settings.data_dir)
    assert isinstance(line.answer(1, ONE).then, Dial)
    assert isinstance(line.start("CA2").then, Listen)

    assert len(line.requests()) == 1
    assert line.journal.rejected == 0
