"""A call that the line makes to somebody who can help: they take the case, or they do not; and they may ring back."""

from datetime import timedelta

import pytest

from care_records.models import Contact, HelpRequest, Staff
from care_records.models.check_ins import CheckInState
from care_records.models.escalations import EscalationState
from care_records.models.people import ContactKind
from care_records.models.requests import RequestStatus
from care_records.services import requests
from ivr.dialog.model import HangUp
from tests.calls.conftest import MakeLine
from tests.calls.line import NO_ANSWER, OFFICERS, ONE, SILENCE, TWO, Line, add, seed
from tests.calls.outages import outage
from tests.calls.wellbeing import begin_ring, begin_try, check_in, placed, raised, ring, told

HOUR = timedelta(minutes=60)
OFFICER = OFFICERS[0]


def cry_for_help(line: Line) -> HelpRequest:
    """Somebody of the roster has called for help, and nobody has it yet."""
    line.play(ONE, NO_ANSWER, sid="CA-cry")
    line.status("completed", sid="CA-cry")
    return line.requests()[0]


def test_the_officer_hears_who_where_and_since_when(line: Line) -> None:
    row = begin_ring(line, cry_for_help(line))
    context = line.service.context_for(OFFICER, line.at + timedelta(minutes=4), row)
    case = context.case
    assert case is not None
    assert (case.address_as, case.urgency, case.minutes, case.taken) == ("张老", "red", 4, False)
    assert (case.phone, context.caller, context.speech) == ("+8651200001234", None, False)


def test_an_officer_who_presses_1_has_the_case(line: Line) -> None:
    row = begin_ring(line, cry_for_help(line))
    ring(line, row, ONE, to=OFFICER)
    (request,), (escalation,) = line.requests(), raised(line)
    assert (request.status, request.assignee_id, request.taken_by) == (RequestStatus.TAKEN, 1, "值班员甲")
    assert (escalation.state, escalation.taken_by_id) == (EscalationState.TAKEN, 1)
    assert escalation.next_at == line.at + HOUR
    assert placed(line, row).result == "taken"


def test_a_call_to_a_helper_is_not_a_call_with_the_person(line: Line) -> None:
    ring(line, begin_ring(line, cry_for_help(line)), to=OFFICER)
    assert (line.call().purpose, line.call().person_id) == ("escalation", None)


def test_taking_a_case_ends_its_check_in_with_a_name(line: Line) -> None:
    ring(line, begin_try(line), ONE, TWO, sid="CA-check-in")
    ring(line, begin_ring(line, line.requests()[0]), ONE, to=OFFICER)
    found = check_in(line)
    assert (found.state, found.taken_by) == (CheckInState.DONE, "值班员甲")


def test_who_takes_a_case_may_resolve_it_at_once(line: Line) -> None:
    turn = ring(line, begin_ring(line, cry_for_help(line)), ONE, TWO, to=OFFICER)
    assert isinstance(turn.then, HangUp)
    assert (line.requests()[0].status, raised(line)[0].state) == (RequestStatus.RESOLVED, EscalationState.RESOLVED)


def test_picking_up_takes_nothing(line: Line) -> None:
    row = begin_ring(line, cry_for_help(line))
    turn = ring(line, row, SILENCE, SILENCE, SILENCE, to=OFFICER)
    told(line, row, "completed")
    assert isinstance(turn.then, HangUp)
    assert (line.requests()[0].status, raised(line)[0].state) == (RequestStatus.OPEN, EscalationState.RINGING)
    assert (placed(line, row).result, raised(line)[0].next_at) == ("hung_up", line.at)


def test_an_officers_machine_takes_nothing(line: Line) -> None:
    row = begin_ring(line, cry_for_help(line))
    ring(line, row, to=OFFICER)
    assert line.service.machine_answered("CA1", line.tick())
    assert line.requests()[0].status is RequestStatus.OPEN


def test_a_helper_of_the_family_can_take_it_over_too(sqlite_url: str, make_line: MakeLine) -> None:
    seed(sqlite_url)
    line = make_line(sqlite_url)
    daughter = Contact(person_id=1, rank=1, kind=ContactKind.FAMILY, name="李示例", phone="+8651200005678")
    add(sqlite_url, [daughter])
    with line.sessions.begin() as session:
        for officer in session.query(Staff):
            officer.active = False
    row = begin_ring(line, cry_for_help(line))
    ring(line, row, ONE, to="+8651200005678")
    (request,) = line.requests()
    assert (request.status, request.assignee_id, request.taken_by) == (RequestStatus.TAKEN, None, "李示例")


def test_the_second_of_two_who_take_a_case_is_noted(line: Line) -> None:
    request = cry_for_help(line)
    row = begin_ring(line, request)
    turn = ring(line, row, to=OFFICER)
    with line.sessions.begin() as session:
        requests.take(
            session, session.get_one(HelpRequest, request.id), session.get_one(Staff, 2), line.at, resolve_after=HOUR
        )
    line.answer(turn.number, ONE)
    (request,) = line.requests()
    assert request.assignee_id == 2
    assert request.history[-1].note == "值班员甲在电话里也接了手。"


def test_a_case_that_was_resolved_meanwhile_stays_so(line: Line) -> None:
    request = cry_for_help(line)
    turn = ring(line, begin_ring(line, request), to=OFFICER)
    with line.sessions.begin() as session:
        row, staff = session.get_one(HelpRequest, request.id), session.get_one(Staff, 2)
        requests.resolve(session, row, staff=staff, result="已上门", at=line.at, zone=line.settings.zone)
    turn = line.answer(turn.number, ONE)
    line.answer(turn.number, TWO)
    assert (line.requests()[0].status, line.requests()[0].result) == (RequestStatus.RESOLVED, "已上门")


def test_a_key_that_takes_a_case_counts_after_the_hang_up(line: Line) -> None:
    row = begin_ring(line, cry_for_help(line))
    turn = ring(line, row, to=OFFICER)
    told(line, row, "completed")
    line.answer(turn.number, ONE)
    assert (line.requests()[0].taken_by, raised(line)[0].state) == ("值班员甲", EscalationState.TAKEN)


def test_a_case_taken_without_the_database_is_taken_afterwards(sqlite_url: str, make_line: MakeLine) -> None:
    seed(sqlite_url)
    line = make_line(sqlite_url)
    turn = ring(line, begin_ring(line, cry_for_help(line)), to=OFFICER)
    with outage(line.settings.database, "gone"):
        line.answer(turn.number, ONE)
    assert line.service.replay().complete
    assert raised(line)[0].state is EscalationState.TAKEN


# --- Helpers who ring the line


@pytest.fixture
def taken(line: Line) -> Line:
    """An officer has taken a case."""
    ring(line, begin_ring(line, cry_for_help(line)), ONE, to=OFFICER, sid="CA-taken")
    return line


def test_who_has_taken_a_case_can_ring_and_resolve_it(taken: Line) -> None:
    turn = taken.start("CA2", from_number=OFFICER)
    taken.answer(turn.number, TWO, "CA2")
    assert (taken.requests()[0].status, raised(taken)[0].state) == (RequestStatus.RESOLVED, EscalationState.RESOLVED)


def test_who_has_taken_a_case_can_ring_and_keep_it(taken: Line) -> None:
    turn = taken.start("CA2", from_number=OFFICER)
    taken.answer(turn.number, ONE, "CA2")
    assert (taken.requests()[0].taken_by, raised(taken)[0].state) == ("值班员甲", EscalationState.TAKEN)


def test_another_officer_is_not_asked_about_it(taken: Line) -> None:
    assert taken.service.context_for(OFFICERS[1], taken.at).cases == ()
