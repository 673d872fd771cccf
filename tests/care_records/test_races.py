"""Several workers, or several people, at once: one wins, and the others learn of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from care_records.models import CheckIn, Escalation, HelpRequest, OutboundCall, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.escalations import EscalationState, StepKind
from care_records.services import check_ins, escalations, outbound_calls, requests
from tests.care_records.builders import NOW, make_check_in, make_officer, make_request

T = TypeVar("T")
AT_ONCE = 4
HOUR = timedelta(hours=1)
PHONE = "+8651200001234"


@pytest.fixture
def patient(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions that wait for each other as long as it takes."""
    engine = make_engine(database_url, wait_s=20)
    yield make_sessions(engine)
    engine.dispose()


def race(
    sessions: sessionmaker[Session], read: Callable[[Session], T], step: Callable[[Session, T, int], object]
) -> list[object]:
    """What each got who had read the same and then did the same."""
    together = Barrier(AT_ONCE)

    def run(number: int) -> object:
        with sessions() as session:
            row = read(session)
            session.commit()
            together.wait()
            result = step(session, row, number)
            session.commit()
            return result

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


@pytest.fixture
def check_in_id(patient: sessionmaker[Session]) -> int:
    with patient.begin() as session:
        check_in = make_check_in()
        session.add(check_in)
        session.flush()
        return check_in.id


@pytest.fixture
def escalation_id(patient: sessionmaker[Session]) -> int:
    """It rings: its first step is to be rung now."""
    with patient.begin() as session:
        request = make_request()
        session.add(request)
        session.flush()
        escalation = escalations.open_for(session, request, begins_at=NOW, at=NOW)
        steps = [escalations.Step(StepKind.FAMILY, name, f"+865120000500{i}", None) for i, name in enumerate("甲乙")]
        escalations.begin(session, escalation, steps, NOW)
        return escalation.id


def test_one_try_is_begun(patient: sessionmaker[Session], check_in_id: int) -> None:
    def begin(session: Session, check_in: CheckIn, number: int) -> bool:
        return check_ins.begin_try(session, check_in, PHONE, NOW) is not None

    won = race(patient, lambda session: session.get_one(CheckIn, check_in_id), begin)

    with patient() as session:
        assert [call.number for call in session.scalars(select(OutboundCall))] == [1]
    assert sorted(map(bool, won)) == [False, False, False, True]


def test_one_worker_sends_a_call(patient: sessionmaker[Session], check_in_id: int) -> None:
    with patient.begin() as session:
        check_ins.begin_try(session, session.get_one(CheckIn, check_in_id), PHONE, NOW)

    def claim(session: Session, row: OutboundCall, number: int) -> bool:
        return outbound_calls.claim(session, row, NOW)

    won = race(patient, lambda session: session.scalars(select(OutboundCall)).one(), claim)

    assert sorted(map(bool, won)) == [False, False, False, True]


def test_a_call_gets_one_sid(patient: sessionmaker[Session], check_in_id: int) -> None:
    with patient.begin() as session:
        call = check_ins.begin_try(session, session.get_one(CheckIn, check_in_id), PHONE, NOW)
        assert call is not None
        outbound_calls.claim(session, call, NOW)

    def placed(session: Session, row: OutboundCall, number: int) -> bool:
        return outbound_calls.placed(session, row, f"CA{number % 2}", NOW)

    won = race(patient, lambda session: session.scalars(select(OutboundCall)).one(), placed)

    with patient() as session:
        call = session.scalars(select(OutboundCall)).one()
        assert call.state is OutboundCallState.PLACED
    assert won == [call.sid == f"CA{number % 2}" for number in range(AT_ONCE)]


def test_one_sid_is_bound_to_one_call(patient: sessionmaker[Session]) -> None:
    with patient.begin() as session:
        for _ in range(AT_ONCE):
            check_in = make_check_in()
            session.add(check_in)
            session.flush()
            call = check_ins.begin_try(session, check_in, PHONE, NOW)
            assert call is not None
            outbound_calls.claim(session, call, NOW)

    def placed(session: Session, rows: list[OutboundCall], number: int) -> bool:
        return outbound_calls.placed(session, rows[number], "CA1", NOW)

    won = race(patient, lambda session: list(session.scalars(select(OutboundCall).order_by(OutboundCall.id))), placed)

    with patient() as session:
        states = [call.state.value for call in session.scalars(select(OutboundCall))]
    assert sorted(map(bool, won)) == [False, False, False, True]
    assert sorted(states) == ["placed", "sending", "sending", "sending"]


def test_one_end_counts(patient: sessionmaker[Session], check_in_id: int) -> None:
    with patient.begin() as session:
        check_ins.begin_try(session, session.get_one(CheckIn, check_in_id), PHONE, NOW)

    def end(session: Session, row: OutboundCall, number: int) -> bool:
        return outbound_calls.ended(session, row, result=f"result_{number}", at=NOW + number * HOUR)

    won = race(patient, lambda session: session.scalars(select(OutboundCall)).one(), end)

    with patient() as session:
        call = session.scalars(select(OutboundCall)).one()
        check_in = session.get_one(CheckIn, check_in_id)
        assert won == [call.result == f"result_{number}" for number in range(AT_ONCE)]
        assert check_in.next_at == call.ended_at


def test_one_ring_is_begun(patient: sessionmaker[Session], escalation_id: int) -> None:
    def begin(session: Session, escalation: Escalation, number: int) -> bool:
        return escalations.begin_ring(session, escalation, NOW) is not None

    won = race(patient, lambda session: session.get_one(Escalation, escalation_id), begin)

    assert sorted(map(bool, won)) == [False, False, False, True]


def test_a_step_is_left_once(patient: sessionmaker[Session], escalation_id: int) -> None:
    def leave(session: Session, escalation: Escalation, number: int) -> None:
        escalations.next_step(session, escalation, at=NOW, lap_after=HOUR)

    race(patient, lambda session: session.get_one(Escalation, escalation_id), leave)

    with patient() as session:
        escalation = session.get_one(Escalation, escalation_id)
        assert (escalation.lap, escalation.position) == (1, 1)


def test_one_chain_is_frozen(patient: sessionmaker[Session], escalation_id: int) -> None:
    with patient.begin() as session:
        escalation = session.get_one(Escalation, escalation_id)
        requests.take_over(session, escalation.request, "甲", StepKind.FAMILY, NOW, resolve_after=HOUR)

    def alarm(session: Session, escalation: Escalation, number: int) -> bool:
        steps = [escalations.Step(StepKind.FAMILY, str(number), PHONE, None)]
        return escalations.alarm_again(session, escalation, steps, NOW + HOUR)

    won = race(patient, lambda session: session.get_one(Escalation, escalation_id), alarm)

    with patient() as session:
        escalation = session.get_one(Escalation, escalation_id)
        assert (escalation.alarm, escalation.state) == (2, EscalationState.RINGING)
        assert [step.name for step in escalation.chain if step.alarm == 2] == [str(won.index(True))]


def test_one_case_has_one_owner_by_telephone_and_on_the_web(
    patient: sessionmaker[Session], check_in_id: int, escalation_id: int
) -> None:
    with patient.begin() as session:
        request = session.get_one(Escalation, escalation_id).request
        check_in = session.get_one(CheckIn, check_in_id)
        outcome = CheckInOutcome.UNREACHED
        check_ins.hand_over(session, check_in, outcome=outcome, flag=None, request=request, at=NOW)
        officers = [make_officer(name=name) for name in ("值班甲", "值班乙")]
        session.add_all(officers)

    def take(session: Session, request: HelpRequest, number: int) -> str:
        try:
            if number < len(officers):
                officer = session.get_one(Staff, officers[number].id)
                requests.take(session, request, officer, NOW, resolve_after=HOUR)
                return officer.name
            name = f"家属{number}"
            requests.take_over(session, request, name, StepKind.FAMILY, NOW, resolve_after=HOUR)
        except requests.AlreadyTaken as refused:
            return refused.owner
        return name

    owners = race(patient, lambda session: session.get_one(HelpRequest, request.id), take)

    with patient() as session:
        found = session.get_one(HelpRequest, request.id)
        escalation = session.get_one(Escalation, escalation_id)
        check_in = session.get_one(CheckIn, check_in_id)
        assert {found.taken_by, escalation.taken_by, check_in.taken_by, *owners} == {found.taken_by}
        assert [event.kind for event in found.history] == ["taken"]


def test_whoever_takes_a_case_while_a_check_in_is_handed_over_has_that_too(
    patient: sessionmaker[Session], check_in_id: int, escalation_id: int
) -> None:
    with patient.begin() as session:
        request_id = session.get_one(Escalation, escalation_id).request_id
        officer = make_officer(name="值班甲")
        session.add(officer)

    def meet(session: Session, rows: tuple[HelpRequest, CheckIn], number: int) -> None:
        request, check_in = rows
        if number:
            outcome = CheckInOutcome.CONCERN
            check_ins.hand_over(session, check_in, outcome=outcome, flag=None, request=request, at=NOW)
        else:
            requests.take(session, request, session.get_one(Staff, officer.id), NOW, resolve_after=HOUR)

    race(
        patient,
        lambda session: (session.get_one(HelpRequest, request_id), session.get_one(CheckIn, check_in_id)),
        meet,
    )

    with patient() as session:
        check_in = session.get_one(CheckIn, check_in_id)
        assert (check_in.state, check_in.taken_by) == (CheckInState.DONE, "值班甲")


def test_every_call_gets_a_moment_of_its_own(patient: sessionmaker[Session]) -> None:
    slots = race(patient, lambda _: None, lambda s, *_: outbound_calls.reserve_slot(s, NOW, 1.0))

    assert sorted(map(str, slots)) == [str(NOW + timedelta(seconds=second)) for second in range(AT_ONCE)]


def test_one_plan_is_made_of_the_same_day(patient: sessionmaker[Session], check_in_id: int) -> None:
    with patient() as session:
        person_id = session.get_one(CheckIn, check_in_id).person_id
    rows = [check_ins.Planned(person_id, NOW.date() + timedelta(days=day), NOW, weekly=False) for day in range(50)]

    counts = race(patient, lambda _: rows, lambda s, rows, _: check_ins.plan(s, rows, NOW))

    assert sum(map(int, map(str, counts))) == 49, "one of them was there before"
