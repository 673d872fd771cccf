"""Escalations: a chain that is frozen when it begins, gone through round and round until somebody takes the case."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from care_records.models import Escalation, EscalationStep, HelpRequest, Person, Staff, VolunteerPairing
from care_records.models.check_ins import OutboundCallState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.people import ContactKind
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import duty, escalations, outbound_calls, requests
from tests.care_records.builders import (
    NOW,
    make_community,
    make_contact,
    make_officer,
    make_person,
    make_request,
    make_volunteer,
)

HOUR = timedelta(hours=1)
LAP = timedelta(minutes=3)


@pytest.fixture
def officers(session: Session) -> list[Staff]:
    officers = [make_officer(name=f"值班员{rank}", phone=f"+865120000900{rank}", duty_rank=rank) for rank in (1, 2)]
    session.add_all(officers)
    session.flush()
    return officers


@pytest.fixture
def person() -> Person:
    """With everybody around them whom there may be, in no order; one has no telephone, one shares the person's."""
    kinds = (ContactKind.NEIGHBOUR, ContactKind.KEYHOLDER, ContactKind.FAMILY, ContactKind.FAMILY)
    contacts = [
        make_contact(rank=rank, kind=kind, name=f"联系人{rank}", phone=f"+865120000500{rank}")
        for rank, kind in enumerate(kinds, start=1)
    ]
    contacts.append(make_contact(rank=5, name="老伴", phone="+8651200001234"))
    pairings = [
        VolunteerPairing(volunteer=make_volunteer(name="以前的"), since=date(2025, 1, 1), until=date(2026, 1, 1)),
        VolunteerPairing(volunteer=make_volunteer(name="没电话的", phone=None), since=date(2026, 1, 1)),
        VolunteerPairing(volunteer=make_volunteer(name="志愿者", phone="+8651200007001"), since=date(2026, 2, 1)),
    ]
    community = make_community(name="示范社区", office_phone="+8651200004001")
    return make_person(contacts=contacts, pairings=pairings, community=community, phone="+8651200001234")


@pytest.fixture
def request_(session: Session, person: Person, officers: list[Staff]) -> HelpRequest:
    request = make_request(person=person, urgency=Urgency.RED)
    session.add(request)
    session.flush()
    return request


@pytest.fixture
def escalation(session: Session, request_: HelpRequest) -> Escalation:
    return escalations.open_for(session, request_, begins_at=NOW, at=NOW)


def names(steps: list[escalations.Step] | list[EscalationStep]) -> list[str]:
    return [step.name for step in steps]


def begun(session: Session, escalation: Escalation) -> list[EscalationStep]:
    steps = escalations.chain_for(session, escalation.request, None, NOW)
    assert escalations.begin(session, escalation, steps, NOW)
    return escalation.chain


# --- Opening


def test_a_request_has_one_escalation(session: Session, request_: HelpRequest, escalation: Escalation) -> None:
    again = escalations.open_for(session, request_, begins_at=NOW + HOUR, at=NOW + HOUR)

    assert again is escalation
    assert (escalation.state, escalation.next_at) == (EscalationState.WAITING, NOW)


def test_it_is_due_when_its_grace_is_over(session: Session, request_: HelpRequest) -> None:
    escalation = escalations.open_for(session, request_, begins_at=NOW + HOUR, at=NOW)

    assert escalations.due(session, NOW, 10) == []
    assert escalations.due(session, NOW + HOUR, 10) == [escalation.id]
    assert escalations.put_off(session, escalation, NOW + 2 * HOUR)
    assert escalations.due(session, NOW + HOUR, 10) == []


def test_what_is_over_is_not_escalated(session: Session, request_: HelpRequest) -> None:
    request_.status = RequestStatus.RESOLVED
    escalation = escalations.open_for(session, request_, begins_at=NOW, at=NOW)

    assert escalation.state is EscalationState.RESOLVED
    assert escalations.due(session, NOW + HOUR, 10) == []


# --- Who is rung


def test_officers_come_first_and_then_those_around_the_person(session: Session, request_: HelpRequest) -> None:
    chain = escalations.chain_for(session, request_, None, NOW)

    assert [(step.kind.value, step.name) for step in chain] == [
        ("officer", "值班员1"),
        ("officer", "值班员2"),
        ("family", "联系人3"),
        ("family", "联系人4"),
        ("keyholder", "联系人2"),
        ("neighbour", "联系人1"),
        ("volunteer", "志愿者"),
        ("community", "示范社区"),
    ]
    assert [step.staff_id is None for step in chain] == [False, False, *[True] * 6]


def test_the_officer_who_has_talked_to_the_caller_is_rung_first(
    session: Session, request_: HelpRequest, officers: list[Staff]
) -> None:
    off_duty = make_officer(name="不值班", duty_rank=None, phone="+8651200009009")
    session.add(off_duty)
    session.flush()

    assert names(escalations.chain_for(session, request_, off_duty, NOW))[:3] == ["不值班", "值班员1", "值班员2"]
    assert names(escalations.chain_for(session, request_, officers[1], NOW))[:2] == ["值班员2", "值班员1"]


@pytest.mark.parametrize("values", [{"phone": None}, {"active": False}])
def test_an_officer_who_cannot_be_rung_is_left_out(
    session: Session, request_: HelpRequest, values: dict[str, object]
) -> None:
    gone = make_officer(name="打不通", **values)
    session.add(gone)
    session.flush()

    assert "打不通" not in names(escalations.chain_for(session, request_, gone, NOW))


def test_no_telephone_is_rung_for_two(session: Session, request_: HelpRequest, person: Person) -> None:
    person.contacts[2].phone = "+8651200009001"

    assert "联系人3" not in names(escalations.chain_for(session, request_, None, NOW))


def test_for_a_stranger_there_are_only_the_officers(session: Session, officers: list[Staff]) -> None:
    request = make_request(urgency=Urgency.RED)
    session.add(request)
    session.flush()

    assert names(escalations.chain_for(session, request, None, NOW)) == ["值班员1", "值班员2"]


@pytest.mark.parametrize("taker", ["officer", "relative"])
def test_whoever_took_it_is_asked_first_why_it_is_not_resolved(
    session: Session, request_: HelpRequest, officers: list[Staff], taker: str
) -> None:
    if taker == "officer":
        requests.take(session, request_, officers[1], NOW, resolve_after=HOUR)
    else:
        requests.take_over(session, request_, "联系人4", StepKind.FAMILY, NOW, resolve_after=HOUR)

    first = escalations.chain_for(session, request_, None, NOW)[0]
    assert first.name == ("值班员2" if taker == "officer" else "联系人4")


# --- Going through the chain


def test_the_chain_is_frozen_when_it_begins(
    session: Session, escalation: Escalation, officers: list[Staff], person: Person
) -> None:
    chain = begun(session, escalation)
    officers[0].phone = "+8651200009999"
    person.contacts.clear()
    session.flush()
    session.expire_all()

    assert (escalation.state, escalation.position, escalation.next_at) == (EscalationState.RINGING, 0, NOW)
    assert names(chain) == names(escalation.chain)
    assert escalation.chain[0].phone == "+8651200009001"
    assert not escalations.begin(session, escalation, [], NOW)


def test_one_is_rung_at_a_time(session: Session, escalation: Escalation) -> None:
    begun(session, escalation)
    ring = escalations.begin_ring(session, escalation, NOW)

    assert ring is not None
    assert (ring.state, ring.number, ring.to_number) == (OutboundCallState.READY, 1, "+8651200009001")
    assert (ring.step_id, ring.escalation_id) == (escalation.chain[0].id, escalation.id)
    assert escalations.begin_ring(session, escalation, NOW) is None
    assert escalations.due(session, NOW + HOUR, 10) == []


def test_it_goes_round_and_round(session: Session, escalation: Escalation) -> None:
    chain = begun(session, escalation)
    at, rung, pauses = NOW, [], []
    for _ in range(2 * len(chain)):
        ring = escalations.begin_ring(session, escalation, at)
        assert ring is not None
        rung.append(ring.to_number)
        outbound_calls.ended(session, ring, result="no_answer", at=at)
        escalations.next_step(session, escalation, at=at, lap_after=LAP)
        assert escalation.next_at is not None
        pauses.append(escalation.next_at - at)
        at = escalation.next_at

    assert rung == [step.phone for step in chain] * 2
    assert pauses == [*[timedelta()] * 7, LAP] * 2
    assert (escalation.lap, escalation.rings) == (3, 16)


def test_with_nobody_to_ring_it_looks_again_and_again(session: Session, escalation: Escalation) -> None:
    assert escalations.begin(session, escalation, [], NOW)
    assert escalations.begin_ring(session, escalation, NOW) is None
    escalations.next_step(session, escalation, at=NOW, lap_after=LAP)
    assert escalations.due(session, NOW + LAP, 10) == [escalation.id]

    step = escalations.Step(StepKind.OFFICER, "新来的", "+8651200009008", None)
    assert escalations.begin(session, escalation, [step], NOW + LAP)
    ring = escalations.begin_ring(session, escalation, NOW + LAP)
    assert ring is not None
    assert ring.to_number == "+8651200009008"


def test_when_it_has_been_taken_nobody_else_is_rung(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    begun(session, escalation)
    requests.take(session, request_, officers[0], NOW, resolve_after=HOUR)
    escalations.next_step(session, escalation, at=NOW, lap_after=LAP)

    assert (escalation.state, escalation.next_at) == (EscalationState.TAKEN, NOW + HOUR)
    assert escalations.begin_ring(session, escalation, NOW) is None
    assert not escalations.put_off(session, escalation, NOW)


# --- Taken, and not resolved


def test_what_is_not_resolved_in_time_alarms_again(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    begun(session, escalation)
    requests.take(session, request_, officers[1], NOW, resolve_after=HOUR)
    steps = escalations.chain_for(session, request_, None, NOW + HOUR)

    assert not escalations.alarm_again(session, escalation, steps, NOW + HOUR - LAP)
    assert escalations.alarm_again(session, escalation, steps, NOW + HOUR)
    assert not escalations.alarm_again(session, escalation, steps, NOW + HOUR)
    assert (escalation.state, escalation.alarm, escalation.lap) == (EscalationState.RINGING, 2, 1)
    first = escalations.current_step(session, escalation)
    assert first is not None
    assert (first.name, first.alarm) == ("值班员2", 2)


def test_it_is_still_mine_and_the_deadline_begins_again(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    requests.take(session, request_, officers[0], NOW, resolve_after=HOUR)
    escalations.alarm_again(session, escalation, [], NOW + HOUR)
    requests.take(session, request_, officers[0], NOW + HOUR, resolve_after=HOUR)

    assert (escalation.state, escalation.next_at) == (EscalationState.TAKEN, NOW + 2 * HOUR)
    assert request_.assignee is officers[0]


def test_when_it_alarms_again_somebody_else_may_take_it(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    requests.take(session, request_, officers[0], NOW, resolve_after=HOUR)
    escalations.alarm_again(session, escalation, [], NOW + HOUR)
    requests.take(session, request_, officers[1], NOW + HOUR, resolve_after=HOUR)

    assert (request_.assignee, request_.taken_by) == (officers[1], "值班员2")
    with pytest.raises(requests.AlreadyTaken):
        requests.take(session, request_, officers[0], NOW + HOUR, resolve_after=HOUR)


def test_an_officer_who_rings_the_line_is_offered_what_they_have(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    phone = "+8651200009001"
    assert escalations.for_staff_phone(session, phone) == []
    requests.take(session, request_, officers[0], NOW, resolve_after=HOUR)

    assert escalations.for_staff_phone(session, phone) == [escalation]
    assert escalations.for_staff_phone(session, "+8651200009002") == []
    escalations.alarm_again(session, escalation, [], NOW + HOUR)
    assert escalations.for_staff_phone(session, phone) == [escalation]


def test_each_officer_of_the_chain_gets_one_message_an_alarm(
    session: Session, escalation: Escalation, request_: HelpRequest, officers: list[Staff]
) -> None:
    begun(session, escalation)
    sent = escalations.alert_officers(session, escalation, body="请接电话。", at=NOW)

    assert [alert.to_number for alert in sent] == ["+8651200009001", "+8651200009002"]
    assert {alert.reason for alert in sent} == {f"escalation-{escalation.id}-1"}
    assert escalations.alert_officers(session, escalation, body="请接电话。", at=NOW) == []

    requests.take(session, request_, officers[0], NOW, resolve_after=HOUR)
    steps = escalations.chain_for(session, request_, None, NOW)
    escalations.alarm_again(session, escalation, steps, NOW + HOUR)
    again = escalations.alert_officers(session, escalation, body="还没有办好。", at=NOW + HOUR)
    assert {alert.reason for alert in again} == {f"escalation-{escalation.id}-2"}


def test_the_chain_has_whoever_has_a_shift_now(session: Session, request_: HelpRequest, officers: list[Staff]) -> None:
    duty.add_shift(session, officers[1], NOW, NOW + HOUR)

    assert names(escalations.chain_for(session, request_, None, NOW))[:2] == ["值班员2", "值班员1"]
    assert names(escalations.chain_for(session, request_, None, NOW + HOUR))[:2] == ["值班员1", "值班员2"]
