"""The auditor finds what does not move by itself, and sets it going again."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from care_records.models import CheckIn, Escalation
from care_records.models.check_ins import CheckInState
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus, Urgency
from ivr.outbound.auditing import Audit
from tests.care_records.builders import make_officer, make_request
from tests.outbound.line import PHONE, Line, at, make_elder

FIRST, SECOND = "+8651252889001", "+8651252889002"


def test_a_line_on_which_all_is_well_has_nothing_to_tell(line: Line) -> None:
    line.add(make_elder(), make_officer(phone=FIRST), make_request())
    line.run("09:00")
    with capture_logs() as logs:
        assert line.outbound.audit(at("09:01")) == Audit()
    assert logs == []


@pytest.mark.parametrize("urgency", [Urgency.RED, Urgency.ORANGE])
def test_an_alarm_that_nobody_opened_is_opened(line: Line, urgency: Urgency) -> None:
    line.add(make_officer(phone=FIRST), make_request(urgency=urgency, created_at=at("02:00")))
    assert line.run("02:05").audit == Audit()
    assert line.run("02:05:01").audit == Audit(without_escalation=1)
    assert line.rung == [FIRST]


@pytest.mark.parametrize(
    "values", [{"urgency": Urgency.YELLOW}, {"urgency": Urgency.RED, "status": RequestStatus.TAKEN, "taken_by": "甲"}]
)
def test_a_request_that_nobody_is_rung_for_needs_no_alarm(line: Line, values: dict[str, object]) -> None:
    line.add(make_request(created_at=at("02:00"), **values))
    assert line.run("03:00").audit == Audit()


def test_a_chain_that_has_stopped_goes_on_where_it_was(line: Line) -> None:
    line.add(make_officer(phone=FIRST, duty_rank=1), make_officer(phone=SECOND, duty_rank=2))
    line.add(make_request(urgency=Urgency.RED, created_at=at("02:00")))
    line.run("02:06")
    line.ends("no_answer", "02:06:30")
    line.change(Escalation, 1, next_at=None)
    assert line.run("02:20").audit == Audit(stalled_escalations=1)
    assert line.rung == [FIRST, SECOND]


def test_a_ring_under_way_is_no_stalled_chain(line: Line) -> None:
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED, created_at=at("02:00")))
    line.run("02:06")
    assert line.outbound.audit(at("02:07")) == Audit()


@pytest.mark.parametrize("state", [EscalationState.WAITING, EscalationState.TAKEN])
def test_an_escalation_that_waits_for_nothing_is_set_going(line: Line, state: EscalationState) -> None:
    line.add(make_officer(phone=FIRST), make_request(urgency=Urgency.RED, created_at=at("02:00")))
    line.add(Escalation(request_id=1, state=state, next_at=None, created_at=at("02:00")))
    assert line.run("02:01").audit == Audit(stalled_escalations=1)
    assert line.rung == [FIRST]


def test_a_check_in_that_has_stopped_goes_on(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.ends("no_answer", "09:01")
    line.change(CheckIn, 1, next_at=None)
    assert line.run("09:16").audit == Audit(stalled_check_ins=1)
    assert line.rung == [PHONE, PHONE]


def test_one_that_waits_for_nothing_is_set_going_without_being_rung_too_early(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    line.change(CheckIn, 1, next_at=None)
    assert line.run("08:00").audit == Audit(stalled_check_ins=1)
    assert (line.rung, line.check_in().state, line.check_in().next_at) == ([], CheckInState.PLANNED, at("09:00"))


def test_work_that_no_worker_does_is_told(line: Line) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    with capture_logs() as logs:
        assert line.outbound.audit(at("09:05")) == Audit()
        assert line.outbound.audit(at("09:05") + timedelta(seconds=1)) == Audit(overdue=1)
    assert logs == [{"event": "audit_found", "log_level": "critical", "overdue": 1}]
