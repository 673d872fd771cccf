"""People are rung one after another, round and round, until somebody takes the case; and again until it is resolved."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from care_records.models import Alert, Call, Escalation, OutboundCall, Staff, Transfer
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.people import ContactKind
from care_records.models.requests import Urgency
from care_records.services import escalations, requests
from ivr.outbound.engine import Work
from ivr.telephony.provider import ProviderRetryable
from tests.care_records.builders import make_call, make_contact, make_officer, make_request
from tests.outbound.line import Line, at, make_elder

FIRST, SECOND, DAUGHTER = "+8651252889001", "+8651252889002", "+8651252889003"


@pytest.fixture
def case(line: Line) -> Line:
    """Two officers, a daughter, and a red request of 02:00 at night: an alarm keeps no call windows."""
    person = make_elder(check_in_plan="none", contacts=[make_contact(phone=DAUGHTER, kind=ContactKind.FAMILY)])
    line.add(
        make_officer(name="值班员甲", phone=FIRST, duty_rank=1),
        make_officer(name="值班员乙", phone=SECOND, duty_rank=2),
        make_request(person=person, urgency=Urgency.RED, created_at=at("02:00")),
    )
    begin(line)
    return line


def begin(line: Line, clock: str = "02:00") -> None:
    request = line.request()
    with line.sessions.begin() as session:
        request = session.merge(request)
        escalations.open_for(session, request, begins_at=at(clock), at=at("02:00"))


def nobody_takes_it(line: Line, *clocks: str) -> None:
    for clock in clocks:
        line.run(clock)
        line.ends("no_answer", clock)


def taken(line: Line, clock: str, name: str = "值班员甲") -> None:
    staff = next(one for one in line.all(Staff) if one.name == name)
    request = line.request()
    with line.sessions.begin() as session:
        requests.take(
            session, session.merge(request), session.merge(staff), at(clock), resolve_after=timedelta(minutes=60)
        )


def test_an_alarm_begins_when_it_is_to(line: Line) -> None:
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED, created_at=at("02:00")))
    begin(line, "02:01")
    line.run("02:00:59")
    assert line.rung == []
    line.run("02:01")
    assert line.rung == [FIRST]
    assert line.provider.calls[0].ring_s == line.settings.officer_ring_s


def test_everybody_in_the_chain_is_rung_at_once_after_the_one_before_round_and_round(case: Line) -> None:
    nobody_takes_it(case, "02:00", "02:00:31", "02:01:02")
    assert case.rung == [FIRST, SECOND, DAUGHTER]
    case.run("02:01:03")
    case.run("02:04:01")
    assert len(case.rung) == 3
    nobody_takes_it(case, "02:04:03", "02:04:33", "02:05:03")
    assert case.rung == [FIRST, SECOND, DAUGHTER] * 2
    assert case.escalation().lap == 2


@pytest.mark.parametrize("result", ["no_answer", "busy", "machine", "hung_up", "failed", "lost", "bad_number"])
def test_whatever_is_not_a_1_goes_on_to_the_next(case: Line, result: str) -> None:
    case.run("02:00")
    case.ends(result, "02:00:20")
    case.run("02:00:20")
    assert case.rung == [FIRST, SECOND]


def test_a_chain_of_one_is_rung_once_a_lap(line: Line) -> None:
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED))
    begin(line)
    nobody_takes_it(line, "02:00")
    line.run("02:00:01")
    line.run("02:02:59")
    assert len(line.rung) == 1
    nobody_takes_it(line, "02:03:01")
    line.run("02:05")
    assert len(line.rung) == 2


def test_nobody_is_rung_any_more_once_somebody_has_taken_it(case: Line) -> None:
    case.run("02:00")
    taken(case, "02:00:20")
    case.ends("hung_up", "02:00:40")
    case.run("02:01")
    case.run("02:30")
    assert (case.rung, case.escalation().state) == ([FIRST], EscalationState.TAKEN)


def test_a_ring_that_waits_for_the_provider_is_dropped_when_somebody_takes_the_case(case: Line) -> None:
    case.provider.errors = [ProviderRetryable("429")]
    case.run("02:00")
    taken(case, "02:00:01")
    case.run("02:00:05")
    assert (case.rung, case.all(OutboundCall)[0].result) == ([], "canceled")


def test_one_that_is_not_resolved_in_time_alarms_again_and_rings_who_has_it_first(case: Line) -> None:
    case.run("02:00")
    taken(case, "02:00:20", "值班员乙")
    case.ends("taken", "02:00:40")
    case.run("03:00:19")
    assert len(case.rung) == 1
    nobody_takes_it(case, "03:00:20", "03:00:50")
    assert case.rung == [FIRST, SECOND, FIRST]
    assert (case.escalation().alarm, case.escalation().state) == (2, EscalationState.RINGING)


def test_one_that_is_resolved_rings_nobody(case: Line) -> None:
    case.run("02:00")
    taken(case, "02:00:20")
    request = case.request()
    with case.sessions.begin() as session:
        officer = session.get_one(Staff, 1)
        requests.resolve(
            session, session.merge(request), staff=officer, result="好", at=at("02:30"), zone=case.settings.zone
        )
    case.run("04:00")
    assert (len(case.rung), case.escalation().state) == (1, EscalationState.RESOLVED)


def test_the_chain_is_frozen_when_the_alarm_begins(case: Line) -> None:
    case.run("02:00")
    case.change(Staff, 2, phone="+8651252889009", active=False)
    case.ends("no_answer", "02:00:30")
    case.run("02:00:30")
    assert case.rung == [FIRST, SECOND]


def test_each_officer_gets_one_message_an_alarm_and_the_family_none(case: Line) -> None:
    nobody_takes_it(case, "02:00", "02:00:30", "02:01", "02:04")
    assert [(alert.to_number, alert.reason) for alert in case.all(Alert)] == [
        (FIRST, "escalation-1-1"),
        (SECOND, "escalation-1-1"),
    ]
    assert "按1" in case.all(Alert)[0].body


def test_an_officer_without_a_telephone_is_passed_over(line: Line) -> None:
    line.add(make_officer(phone=None, duty_rank=1), make_officer(phone=SECOND, duty_rank=2))
    line.add(make_request(urgency=Urgency.RED))
    begin(line)
    line.run("02:00")
    assert line.rung == [SECOND]


def test_an_empty_duty_roster_is_an_alarm_of_its_own_and_ends_when_there_is_somebody(line: Line) -> None:
    line.add(make_request(urgency=Urgency.RED))
    begin(line)
    with capture_logs() as logs:
        for clock in ("02:00", "02:01", "02:03"):
            line.run(clock)
    events = [entry["event"] for entry in logs if entry["log_level"] == "critical"]
    assert events.count("escalation_without_anybody") == 2
    assert line.outbound.audit(at("02:04")).without_anybody == 1
    line.add(make_officer(phone=FIRST))
    line.run("02:06")
    assert line.rung == [FIRST]


def test_a_caller_who_is_talking_to_an_officer_is_not_alarmed_about(line: Line) -> None:
    call = make_call(state={"place": "dialing"}, updated_at=at("02:00"), started_at=at("01:59"))
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED, call=call))
    begin(line, "02:01")
    line.run("02:01")
    assert line.rung == []
    line.change(Call, 1, state={"place": "over"}, ended_at=at("02:01:10"))
    line.run("02:01:15")
    assert line.rung == [FIRST]


def test_a_caller_for_whom_a_telephone_still_rings_is_alarmed_about(line: Line) -> None:
    call = make_call(state={"place": "dialing"}, updated_at=at("02:00:50"), started_at=at("01:59"))
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED, call=call))
    begin(line, "02:01")
    line.run("02:01")
    assert line.rung == [FIRST]


def test_the_officer_who_has_talked_to_the_caller_is_rung_first(line: Line) -> None:
    second = make_officer(phone=SECOND, duty_rank=2)
    call = make_call(state={}, ended_at=at("02:00"))
    line.add(make_officer(phone=FIRST, duty_rank=1), second, make_request(urgency=Urgency.RED, call=call))
    line.add(
        Transfer(call_id=1, turn_number=1, staff_id=2, to_number=SECOND, outcome="answered", seconds=30, at=at("02:00"))
    )
    begin(line)
    line.run("02:00")
    assert line.rung == [SECOND]


def test_two_workers_ring_one_officer(either_line: Line) -> None:
    either_line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED))
    begin(either_line)
    workers = [either_line.outbound, either_line.restarted()]
    for worker in workers * 2:
        worker.do(Work("escalation", 1), at("02:00"))
    assert either_line.rung == [FIRST]


def test_the_steps_say_who_they_are(case: Line) -> None:
    case.run("02:00")
    with case.sessions() as session:
        chain = session.get_one(Escalation, 1).chain
        kinds: list[Any] = [(step.kind, step.name) for step in chain]
    assert kinds == [(StepKind.OFFICER, "值班员甲"), (StepKind.OFFICER, "值班员乙"), (StepKind.FAMILY, "李示例")]
