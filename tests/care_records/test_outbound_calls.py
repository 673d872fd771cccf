"""Calls that the line makes: each is sent at most once, and whatever is heard of it, in whatever order, settles it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Escalation, OutboundCall
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.escalations import StepKind
from care_records.services import check_ins, escalations, outbound_calls
from tests.care_records.builders import NOW, make_check_in, make_request

SECOND = timedelta(seconds=1)
PHONE = "+8651200001234"


@pytest.fixture
def check_in(session: Session) -> CheckIn:
    check_in = make_check_in()
    session.add(check_in)
    session.flush()
    return check_in


@pytest.fixture
def call(session: Session, check_in: CheckIn) -> OutboundCall:
    call = check_ins.begin_try(session, check_in, PHONE, NOW)
    assert call is not None
    return call


@pytest.fixture
def escalation(session: Session) -> Escalation:
    request = make_request()
    session.add(request)
    session.flush()
    escalation = escalations.open_for(session, request, begins_at=NOW, at=NOW)
    steps = [escalations.Step(StepKind.OFFICER, "王值班", "+8651200009001", None)]
    assert escalations.begin(session, escalation, steps, NOW)
    return escalation


@pytest.fixture
def ring(session: Session, escalation: Escalation) -> OutboundCall:
    ring = escalations.begin_ring(session, escalation, NOW)
    assert ring is not None
    return ring


def test_a_call_is_due_until_somebody_claims_it(session: Session, call: OutboundCall) -> None:
    assert outbound_calls.due(session, NOW - SECOND, 10) == []
    assert outbound_calls.due(session, NOW, 10) == [call.id]
    assert outbound_calls.get(session, call.id) is call

    assert outbound_calls.claim(session, call, NOW)
    assert (call.state, call.sent_at) == (OutboundCallState.SENDING, NOW)
    assert not outbound_calls.claim(session, call, NOW)
    assert outbound_calls.due(session, NOW, 10) == []


def test_nobody_is_rung_who_has_said_meanwhile_that_they_are_fine(
    session: Session, call: OutboundCall, check_in: CheckIn
) -> None:
    check_ins.close_fine(session, check_in, NOW)

    assert not outbound_calls.claim(session, call, NOW)
    assert (call.state, call.result) == (OutboundCallState.ENDED, "canceled")
    assert (check_in.state, check_in.outcome) == (CheckInState.DONE, CheckInOutcome.FINE)


def test_an_officer_is_not_rung_about_what_is_no_longer_ringing(
    session: Session, ring: OutboundCall, escalation: Escalation
) -> None:
    escalations.next_step(session, escalation, at=NOW, lap_after=timedelta())
    assert escalations.begin_ring(session, escalation, NOW) is not None

    assert not outbound_calls.claim(session, ring, NOW)
    assert ring.result == "canceled"


def test_a_call_that_the_provider_had_no_room_for_is_sent_later(session: Session, call: OutboundCall) -> None:
    outbound_calls.claim(session, call, NOW)
    outbound_calls.put_off(session, call, NOW + SECOND)

    assert (call.state, call.put_off, call.number, call.sent_at) == (OutboundCallState.READY, 1, 1, None)
    assert outbound_calls.due(session, NOW, 10) == []
    assert outbound_calls.due(session, NOW + SECOND, 10) == [call.id]


def test_placing_it_is_told_more_than_once(session: Session, call: OutboundCall) -> None:
    outbound_calls.claim(session, call, NOW)

    assert outbound_calls.placed(session, call, "CA1", NOW + SECOND)
    assert outbound_calls.placed(session, call, "CA1", NOW + 2 * SECOND)
    assert (call.state, call.sid, call.sent_at) == (OutboundCallState.PLACED, "CA1", NOW)


def test_a_second_sid_for_one_call_is_refused(session: Session, call: OutboundCall) -> None:
    outbound_calls.claim(session, call, NOW)
    outbound_calls.placed(session, call, "CA1", NOW)

    assert not outbound_calls.placed(session, call, "CA2", NOW)
    assert call.sid == "CA1"


def test_the_sid_of_another_call_is_refused(session: Session, call: OutboundCall, ring: OutboundCall) -> None:
    for row in (call, ring):
        outbound_calls.claim(session, row, NOW)
    outbound_calls.placed(session, call, "CA1", NOW)

    assert not outbound_calls.placed(session, ring, "CA1", NOW)
    assert (ring.state, ring.sid) == (OutboundCallState.SENDING, None)


def test_what_is_uncertain_is_settled_by_a_callback_and_never_sent_again(session: Session, call: OutboundCall) -> None:
    outbound_calls.claim(session, call, NOW)
    outbound_calls.uncertain(session, call, "timeout " * 100)
    assert (call.state, len(call.error or "")) == (OutboundCallState.UNCERTAIN, 300)
    assert not outbound_calls.claim(session, call, NOW)
    outbound_calls.put_off(session, call, NOW)
    assert outbound_calls.due(session, NOW, 10) == []

    assert outbound_calls.placed(session, call, "CA1", NOW)
    outbound_calls.uncertain(session, call, "late")
    assert call.state is OutboundCallState.PLACED


def test_one_that_was_given_up_as_lost_and_rings_after_all_learns_its_sid(session: Session, call: OutboundCall) -> None:
    outbound_calls.claim(session, call, NOW)
    outbound_calls.ended(session, call, result="lost", at=NOW)

    assert outbound_calls.placed(session, call, "CA1", NOW)
    assert (call.state, call.sid, call.result) == (OutboundCallState.ENDED, "CA1", "lost")


def test_the_first_end_stays_and_sets_the_clock(session: Session, call: OutboundCall, check_in: CheckIn) -> None:
    assert outbound_calls.ended(session, call, result="busy", at=NOW, error="486")
    assert not outbound_calls.ended(session, call, result="no_answer", at=NOW + SECOND)

    assert (call.state, call.result, call.ended_at, call.error) == (OutboundCallState.ENDED, "busy", NOW, "486")
    assert (check_in.state, check_in.next_at) == (CheckInState.CALLING, NOW)


def test_what_the_conversation_came_to_counts_and_not_how_the_line_went_dead(
    session: Session, call: OutboundCall
) -> None:
    outbound_calls.placed(session, call, "CA1", NOW)
    outbound_calls.conversed(session, call, "concern")
    outbound_calls.ended(session, call, result="hung_up", at=NOW)

    assert call.result == "concern"


def test_what_is_told_after_the_end_is_decided_upon_again(
    session: Session, call: OutboundCall, check_in: CheckIn
) -> None:
    outbound_calls.ended(session, call, result="hung_up", at=NOW)
    check_ins.wait(session, check_in, NOW + timedelta(minutes=15))
    outbound_calls.conversed(session, call, "silent")
    outbound_calls.conversed(session, call, "fine")

    assert call.result == "silent"
    assert check_in.next_at == NOW


def test_a_late_word_of_an_earlier_try_does_not_disturb_the_next(
    session: Session, call: OutboundCall, check_in: CheckIn
) -> None:
    outbound_calls.ended(session, call, result="hung_up", at=NOW)
    check_ins.wait(session, check_in, NOW)
    assert check_ins.begin_try(session, check_in, PHONE, NOW) is not None
    outbound_calls.conversed(session, call, "concern")

    assert (check_in.state, check_in.next_at) == (CheckInState.CALLING, None)


def test_the_end_of_a_ring_sets_the_clock_of_its_escalation(
    session: Session, ring: OutboundCall, escalation: Escalation
) -> None:
    assert escalation.next_at is None
    outbound_calls.ended(session, ring, result="no_answer", at=NOW + SECOND)

    assert escalation.next_at == NOW + SECOND


def test_the_late_end_of_an_earlier_ring_does_not_cut_short_the_one_that_goes_on(
    session: Session, ring: OutboundCall, escalation: Escalation
) -> None:
    escalations.next_step(session, escalation, at=NOW, lap_after=timedelta())
    escalations.begin_ring(session, escalation, NOW)
    outbound_calls.ended(session, ring, result="no_answer", at=NOW)

    assert escalation.next_at is None


def test_whatever_was_sent_and_has_not_ended_can_be_found(
    session: Session, call: OutboundCall, ring: OutboundCall
) -> None:
    for seconds, row in enumerate((call, ring)):
        outbound_calls.claim(session, row, NOW + seconds * SECOND)
    later = NOW + timedelta(minutes=1)

    assert outbound_calls.unsettled(session, sent_before=NOW, limit=10) == []
    assert outbound_calls.unsettled(session, sent_before=NOW + SECOND, limit=10) == [call.id]
    assert outbound_calls.unsettled(session, sent_before=later, limit=10) == [call.id, ring.id]
    outbound_calls.uncertain(session, call, "timeout")
    outbound_calls.placed(session, ring, "CA1", NOW)
    assert outbound_calls.unsettled(session, sent_before=later, limit=10) == [call.id, ring.id]
    outbound_calls.ended(session, call, result="lost", at=later)
    assert outbound_calls.unsettled(session, sent_before=later, limit=10) == [ring.id]


def test_the_gate_lets_through_so_many_a_second(session: Session) -> None:
    slots = [outbound_calls.reserve_slot(session, NOW, 4.0) - NOW for _ in range(5)]

    assert slots == [SECOND * 0, SECOND * 0.25, SECOND * 0.5, SECOND * 0.75, SECOND]


def test_time_in_which_nobody_was_called_is_not_made_up_for(session: Session) -> None:
    outbound_calls.reserve_slot(session, NOW, 1.0)
    later = NOW + timedelta(hours=1)

    assert outbound_calls.reserve_slot(session, later, 1.0) == later
    assert outbound_calls.reserve_slot(session, later, 1.0) == later + SECOND


def test_several_slots_can_be_had_at_once(session: Session) -> None:
    assert outbound_calls.reserve_slot(session, NOW, 2.0, count=10) == NOW
    assert outbound_calls.reserve_slot(session, NOW, 2.0) == NOW + 5 * SECOND
