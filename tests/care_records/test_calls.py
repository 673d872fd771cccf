from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call
from care_records.services import calls
from tests.care_records.builders import NOW, make_call, make_officer

LATER = NOW + timedelta(seconds=40)


def start(session: Session, sid: str = "CA1", **values: Any) -> Call:
    defaults: dict[str, Any] = {
        "direction": "inbound",
        "person_id": None,
        "from_number": "+8651200001234",
        "to_number": "+8651200000000",
        "at": NOW,
        "state": {"at": "menu"},
        "turn": {"number": 1},
        "context": {"officers": []},
        "turn_number": 1,
    }
    return calls.start(session, sid=sid, **defaults | values)


def exchange(session: Session, call: Call, number: int, **values: Any) -> None:
    defaults: dict[str, Any] = {
        "said": [{"key": "menu", "text": "您好"}],
        "asked": "menu",
        "answer": "key",
        "heard": None,
        "key": "2",
        "confidence": None,
        "recording_sid": None,
        "at": NOW,
        "took_ms": 4200,
    }
    calls.add_turn(session, call, number=number, **defaults | values)


def test_a_call_that_starts_twice_is_one_call_with_its_first_state(session: Session) -> None:
    first = start(session)
    second = start(session, state={"at": "elsewhere"}, turn_number=7)

    assert second is first
    assert (second.state, second.turn_number) == ({"at": "menu"}, 1)
    assert session.scalar(select(func.count(Call.id))) == 1


def test_a_start_that_lost_the_race_leaves_the_rest_of_its_transaction_usable(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        start(session)
    with sessions.begin() as session:
        start(session)
        start(session, "CA2")

    with sessions() as session:
        assert session.scalars(select(Call.sid).order_by(Call.sid)).all() == ["CA1", "CA2"]


def test_a_call_is_found_by_its_sid(session: Session) -> None:
    call = start(session)

    assert calls.find(session, "CA1") is call
    assert calls.find(session, "CA2") is None


@pytest.mark.parametrize("number", ["+8651200001234", None, "anonymous", "9" * 5000, "ab\x00c", "\ud800"])
def test_whatever_stands_for_a_number_is_kept_as_far_as_it_fits(session: Session, number: str | None) -> None:
    call = start(session, from_number=number)
    session.refresh(call)

    assert (call.from_number is None) == (number is None)
    assert len(call.from_number or "") <= 64


def test_a_turn_is_answered_once(session: Session) -> None:
    call = start(session)
    answer: dict[str, Any] = {"expected_turn": 1, "turn_number": 2, "state": {"at": "help"}, "turn": {"number": 2}}

    calls.advance(session, call, at=LATER, **answer)
    assert (call.turn_number, call.state, call.updated_at) == (2, {"at": "help"}, LATER)

    with pytest.raises(calls.StaleTurn):
        calls.advance(session, call, at=LATER, **answer | {"state": {"at": "twice"}})
    assert call.state == {"at": "help"}


def test_of_two_who_answer_the_same_turn_only_the_first_moves_the_call(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        start(session)
    with sessions() as late:
        seen = calls.find(late, "CA1")
        assert seen is not None
        late.commit()
        with sessions.begin() as quick:
            call = calls.find(quick, "CA1")
            assert call is not None
            calls.advance(quick, call, expected_turn=1, turn_number=2, state={"won": 1}, turn={}, at=LATER)

        with pytest.raises(calls.StaleTurn):
            calls.advance(late, seen, expected_turn=1, turn_number=2, state={"won": 2}, turn={}, at=LATER)
        assert seen.state == {"won": 1}


def test_every_exchange_is_kept_in_order(session: Session) -> None:
    call = start(session)
    exchange(session, call, 2, answer="utterance", key=None, heard="灯\x00坏了", confidence=0.5)
    exchange(session, call, 1)
    session.refresh(call)

    assert [(turn.number, turn.key, turn.heard) for turn in call.turns] == [(1, "2", None), (2, None, "灯坏了")]


def test_a_turn_has_one_answer(session: Session) -> None:
    call = start(session)
    exchange(session, call, 1)

    with pytest.raises(IntegrityError):
        exchange(session, call, 1)


def test_a_transfer_says_who_was_rung_and_how_it_ended(session: Session) -> None:
    officer = make_officer()
    session.add(officer)
    call = start(session)
    calls.add_transfer(
        session,
        call,
        turn_number=3,
        staff_id=officer.id,
        to_number="+8651200009001",
        outcome="no_answer",
        seconds=15,
        at=NOW,
    )

    assert [(t.staff, t.outcome, t.seconds) for t in call.transfers] == [(officer, "no_answer", 15)]


@pytest.mark.parametrize(
    ("words", "settled"),
    [
        (["queued", "ringing", "in-progress", "completed"], "completed"),
        (["completed", "in-progress", "ringing", "queued"], "completed"),
        (["in-progress", "ringing"], "in-progress"),
        (["no-answer", "completed"], "no-answer"),
        (["completed", "completed", "busy"], "completed"),
        (["ringing", "having-tea"], "ringing"),
    ],
)
def test_status_callbacks_settle_whatever_their_order(session: Session, words: list[str], settled: str) -> None:
    call = start(session, status="queued")
    for word in words:
        calls.settle_status(session, call, status=word, duration_s=30, at=LATER)

    assert call.status == settled


def test_a_final_status_dates_the_end_once(session: Session) -> None:
    call = start(session)
    shanghai = timezone(timedelta(hours=8))

    assert calls.settle_status(session, call, status="completed", duration_s=30, at=LATER.astimezone(shanghai))
    assert not calls.settle_status(session, call, status="completed", duration_s=99, at=LATER + timedelta(hours=1))

    assert (call.ended_at, call.duration_s) == (LATER, 30)


def test_the_first_outcome_of_a_conversation_stays(session: Session) -> None:
    call = start(session)
    calls.end(session, call, outcome="request_taken", at=LATER)
    calls.end(session, call, outcome="hung_up_in_menu", at=LATER + timedelta(hours=1))
    calls.settle_status(session, call, status="completed", duration_s=41, at=LATER + timedelta(hours=2))

    assert (call.outcome, call.ended_at, call.status) == ("request_taken", LATER, "completed")


@pytest.mark.parametrize(
    ("heard", "kept"),
    [(["yellow", "red"], "red"), (["red", "yellow"], "red"), (["orange", "yellow"], "orange"), (["yellow"], "yellow")],
)
def test_the_gravest_risk_of_a_call_is_kept(session: Session, heard: list[str], kept: str) -> None:
    call = start(session)
    for risk in heard:
        calls.flag_risk(session, call, risk)

    assert call.risk == kept


def test_calls_that_went_quiet_are_found_the_longest_quiet_first(session: Session) -> None:
    def quiet(sid: str, minutes: int, **values: Any) -> Call:
        return make_call(sid=sid, updated_at=NOW - timedelta(minutes=minutes), **values)

    session.add_all([quiet("CA1", 10), quiet("CA2", 30), quiet("CA3", 1), quiet("CA4", 60, outcome="request_taken")])
    session.add(quiet("CA5", 20, ended_at=NOW, status="completed"))
    session.flush()
    since = NOW - timedelta(minutes=5)

    found = [call.sid for call in calls.unfinished(session, untouched_since=since, limit=10)]

    assert found == ["CA2", "CA5", "CA1"]
    assert len(calls.unfinished(session, untouched_since=since, limit=2)) == 2


def test_a_moment_without_a_time_zone_is_refused(session: Session) -> None:
    session.add(make_call(started_at=datetime(2026, 11, 23, 10, 0)))  # noqa: DTZ001 - that is the point

    with pytest.raises(Exception, match="time zone"):
        session.flush()


def test_a_moment_comes_back_as_the_same_moment_in_utc(session: Session) -> None:
    shanghai = timezone(timedelta(hours=8))
    call = make_call(started_at=datetime(2026, 11, 23, 10, 0, tzinfo=shanghai))
    session.add(call)
    session.flush()
    session.refresh(call)

    assert call.started_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert call.started_at.tzinfo is UTC
