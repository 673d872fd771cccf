"""One case: a request, its escalation and its check-ins are taken, resolved, reopened and joined together."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Escalation, HelpRequest, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import check_ins, escalations, requests
from tests.care_records.builders import NOW, make_check_in, make_officer, make_request

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def opened(session: Session, urgency: Urgency = Urgency.ORANGE) -> HelpRequest:
    request = make_request(urgency=urgency, due_at=NOW + HOUR)
    session.add(request)
    session.flush()
    return request


@pytest.fixture
def request_(session: Session) -> HelpRequest:
    return opened(session)


@pytest.fixture
def escalation(session: Session, request_: HelpRequest) -> Escalation:
    return escalations.open_for(session, request_, begins_at=NOW, at=NOW)


@pytest.fixture
def check_in(session: Session, request_: HelpRequest, escalation: Escalation) -> CheckIn:
    check_in = make_check_in(state=CheckInState.WAITING, tries=3)
    session.add(check_in)
    session.flush()
    hand_over(session, check_in, request_)
    return check_in


def hand_over(session: Session, check_in: CheckIn, request: HelpRequest, flag: Urgency = Urgency.ORANGE) -> bool:
    outcome = CheckInOutcome.UNREACHED
    return check_ins.hand_over(session, check_in, outcome=outcome, flag=flag, request=request, at=NOW)


@pytest.fixture
def officer(session: Session) -> Staff:
    officer = make_officer(name="王值班")
    session.add(officer)
    session.flush()
    return officer


def test_whoever_takes_a_case_has_all_of_it(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn, officer: Staff
) -> None:
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)

    assert (request_.status, request_.assignee, request_.taken_by) == (RequestStatus.TAKEN, officer, "王值班")
    assert (escalation.state, escalation.taken_by, escalation.taken_by_id) == (
        EscalationState.TAKEN,
        "王值班",
        officer.id,
    )
    assert (escalation.taken_at, escalation.next_at) == (NOW, NOW + HOUR)
    assert (check_in.state, check_in.taken_by, check_in.ended_at) == (CheckInState.DONE, "王值班", NOW)
    assert check_in.outcome is CheckInOutcome.UNREACHED


def test_a_relative_takes_a_case_by_name(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn, officer: Staff
) -> None:
    requests.take_over(session, request_, "李示例", StepKind.FAMILY, NOW, resolve_after=HOUR)
    requests.take_over(session, request_, "李示例", StepKind.FAMILY, NOW, resolve_after=HOUR)

    assert (request_.assignee, request_.taken_by) == (None, "李示例")
    assert (escalation.taken_by, escalation.taken_by_id) == ("李示例", None)
    assert (check_in.state, check_in.taken_by, check_in.taken_by_id) == (CheckInState.DONE, "李示例", None)
    assert [event.note for event in request_.history if event.kind == "taken"] == ["家属李示例接手。"]
    with pytest.raises(requests.AlreadyTaken) as refused:
        requests.take(session, request_, officer, NOW, resolve_after=HOUR)
    assert refused.value.owner == "李示例"


def test_who_is_refused_changes_nothing(
    session: Session, request_: HelpRequest, escalation: Escalation, officer: Staff
) -> None:
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)
    late = make_check_in()
    session.add(late)
    session.flush()
    late.request_id = request_.id
    session.flush()
    with pytest.raises(requests.AlreadyTaken):
        requests.take_over(session, request_, "李示例", StepKind.FAMILY, NOW, resolve_after=2 * HOUR)

    assert (request_.taken_by, escalation.next_at, late.taken_by) == ("王值班", NOW + HOUR, None)


def test_a_case_whose_tries_go_on_is_not_tried_again_when_somebody_has_it(
    session: Session, request_: HelpRequest, officer: Staff
) -> None:
    check_in = make_check_in(state=CheckInState.WAITING, tries=1)
    session.add(check_in)
    session.flush()
    outcome = CheckInOutcome.UNREACHED
    check_ins.hand_over(session, check_in, outcome=outcome, flag=None, request=request_, at=NOW, tries_go_on=True)
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)

    assert check_in.state is CheckInState.DONE
    assert check_ins.due(session, NOW, 10) == []


def test_resolving_a_case_ends_its_escalation(
    session: Session, request_: HelpRequest, escalation: Escalation, officer: Staff
) -> None:
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)
    requests.resolve(session, request_, staff=officer, result="已看望", at=NOW + HOUR, zone=ZONE)

    assert (escalation.state, escalation.resolved_at, escalation.next_at) == (
        EscalationState.RESOLVED,
        NOW + HOUR,
        None,
    )
    assert escalations.for_staff_phone(session, officer.phone or "") == []


def test_who_resolves_a_case_that_nobody_took_has_taken_it(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn, officer: Staff
) -> None:
    requests.resolve(session, request_, staff=officer, result="已看望", at=NOW, zone=ZONE)

    assert (request_.taken_by, check_in.taken_by, check_in.state) == ("王值班", "王值班", CheckInState.DONE)
    assert escalation.state is EscalationState.RESOLVED


def test_a_relative_who_took_it_says_that_it_is_done(
    session: Session, request_: HelpRequest, escalation: Escalation
) -> None:
    with pytest.raises(requests.WrongStatus):
        requests.resolve(session, request_, staff=None, result="好了", at=NOW, zone=ZONE)
    requests.take_over(session, request_, "李示例", StepKind.FAMILY, NOW, resolve_after=HOUR)
    requests.resolve(session, request_, staff=None, result="好了", at=NOW, zone=ZONE)

    assert (request_.status, request_.taken_by, request_.assignee) == (RequestStatus.RESOLVED, "李示例", None)
    assert escalation.state is EscalationState.RESOLVED


def test_a_case_that_was_not_done_after_all_alarms_again(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn, officer: Staff
) -> None:
    requests.resolve(session, request_, staff=officer, result="已看望", at=NOW, zone=ZONE)
    requests.reopen(session, request_, staff=officer, text="没有人在家", at=NOW + HOUR, zone=ZONE)

    assert (escalation.state, escalation.next_at, escalation.alarm) == (EscalationState.WAITING, NOW + HOUR, 2)
    assert (escalation.taken_by, request_.taken_by) == (None, None)
    assert check_in.state is CheckInState.DONE


# --- Two become one


def test_a_call_for_help_takes_over_the_case_that_was_ringing_already(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn
) -> None:
    """Nobody had reached them; now they ring themselves, and have fallen."""
    call_for_help = opened(session, Urgency.RED)

    assert hand_over(session, check_in, call_for_help, Urgency.RED)
    assert (check_in.request, check_in.state, check_in.flag) == (
        call_for_help,
        CheckInState.FOLLOW_UP,
        Urgency.RED,
    )
    assert (request_.status, request_.result) == (RequestStatus.CLOSED, f"并入工单{call_for_help.number}。")
    assert escalations.open_for(session, call_for_help, begins_at=NOW + HOUR, at=NOW) is escalation
    assert escalation.request_id == call_for_help.id
    assert call_for_help.history[-1].note == f"工单{request_.number}并入。"


def test_of_two_that_ring_the_one_that_was_joined_is_over(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn
) -> None:
    call_for_help = opened(session, Urgency.RED)
    other = escalations.open_for(session, call_for_help, begins_at=NOW, at=NOW)
    hand_over(session, check_in, call_for_help)

    assert (escalation.state, other.state) == (EscalationState.RESOLVED, EscalationState.WAITING)


def test_a_joined_case_is_as_urgent_as_the_graver_one(session: Session) -> None:
    grave, light = opened(session, Urgency.RED), opened(session, Urgency.YELLOW)
    grave.due_at = NOW
    assert requests.join(session, grave, light, at=NOW)

    assert (light.urgency, light.due_at) == (Urgency.RED, NOW)


def test_what_somebody_has_taken_is_not_joined(
    session: Session, request_: HelpRequest, escalation: Escalation, check_in: CheckIn, officer: Staff
) -> None:
    requests.take(session, request_, officer, NOW, resolve_after=HOUR)
    call_for_help = opened(session, Urgency.RED)

    assert not requests.join(session, request_, call_for_help, at=NOW)
    assert not hand_over(session, check_in, call_for_help)
    assert (check_in.state, check_in.request) == (CheckInState.DONE, request_)
    assert escalation.request_id == request_.id
