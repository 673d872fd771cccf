"""What a conversation is told of a check-in and of a case before it begins."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from care_records.models import CheckIn, Contact, Escalation, HelpRequest, OutboundCall, Person, Round, Staff
from care_records.models.escalations import StepKind
from care_records.models.people import ContactKind
from care_records.services import check_ins, escalations, requests
from ivr.calls.briefs import greeting_on, of_check_in, of_ring
from ivr.dialog.model import CaseBrief, CheckInBrief
from tests.calls.line import NO_ANSWER, ONE, Line, add
from tests.calls.wellbeing import TODAY, begin_ring
from tests.care_records.builders import NOW, make_request

HOUR = timedelta(hours=1)


def brief(line: Line, **values: object) -> CheckInBrief:
    """Of a check-in of the roster's one person."""
    with line.sessions.begin() as session:
        person = session.scalars(select(Person)).one()
        planned = {"person_id": person.id, "day": TODAY, "due_at": NOW, "weekly": False} | values
        check_ins.plan(session, [check_ins.Planned(**planned)], NOW)  # type: ignore[arg-type]
        return of_check_in(session, session.scalars(select(CheckIn)).one())


def case(line: Line, outbound_id: int, after: timedelta = timedelta()) -> CaseBrief:
    with line.sessions() as session:
        found = of_ring(session, session.get_one(OutboundCall, outbound_id), line.at + after)
        assert found is not None
        return found


def test_a_check_in_names_the_person_as_they_like_it(line: Line) -> None:
    assert brief(line) == CheckInBrief(check_in_id=1, address_as="张老")


def test_once_a_week_more_is_asked(line: Line) -> None:
    assert brief(line, weekly=True).weekly


def test_an_extra_round_has_its_own_opening_and_no_other_wishes(line: Line) -> None:
    extra = Round(name="高温", opening="今天很热。", group={}, starts_at=NOW, created_at=NOW)
    with line.sessions.begin() as session:
        session.add(extra)
        session.scalars(select(Person)).one().birth_date = date(1934, 11, 23)
    found = brief(line, occasion="round-1", round_id=1)
    assert (found.opening, found.greeting) == ("今天很热。", None)


@pytest.mark.parametrize(
    ("day", "born", "greeting"),
    [
        (date(2026, 11, 23), date(1934, 11, 23), "birthday"),
        (date(2026, 11, 23), date(1934, 11, 24), None),
        (date(2027, 3, 1), date(1936, 2, 29), "birthday"),
        (date(2027, 2, 28), date(1936, 2, 29), None),
        (date(2028, 2, 29), date(1936, 2, 29), "birthday"),
        (date(2028, 3, 1), date(1936, 2, 29), None),
        (date(2026, 10, 18), date(1934, 5, 6), "double_ninth"),
        (date(2027, 10, 8), date(1934, 5, 6), "double_ninth"),
        (date(2026, 9, 9), date(1934, 5, 6), None),
        (date(2026, 10, 18), date(1934, 10, 18), "birthday"),
    ],
)
def test_wishes_come_on_their_day(day: date, born: date, greeting: str | None) -> None:
    assert greeting_on(day, born) == greeting


def test_a_case_says_who_needs_what_and_for_how_long(line: Line) -> None:
    line.play(ONE, NO_ANSWER)
    found = case(line, begin_ring(line, line.requests()[0]), timedelta(minutes=7, seconds=50))
    assert (found.address_as, found.urgency, found.minutes, found.phone) == ("张老", "red", 7, "+8651200001234")
    assert found.matter == "@trouble.emergency"


def test_a_case_of_a_stranger_says_so(line: Line) -> None:
    add(line.settings.database, [make_request(urgency="red", phone="+8613800000000", created_at=line.at)])
    found = case(line, begin_ring(line, line.requests()[0]))
    assert (found.person, found.phone, found.address) == ("一位没有登记的来电人", "+8613800000000", "")


def alarm_again(line: Line) -> int:
    """The case was not resolved in time: whoever has it is rung first."""
    line.at += HOUR
    with line.sessions.begin() as session:
        escalation = session.scalars(select(Escalation)).one()
        first = session.get(Staff, escalation.taken_by_id) if escalation.taken_by_id else None
        chain = escalations.chain_for(session, escalation.request, first, line.at)
        assert escalations.alarm_again(session, escalation, chain, line.at)
        row = escalations.begin_ring(session, escalation, line.at)
        assert row is not None
        return row.id


def test_who_has_taken_it_is_asked_whether_it_is_resolved(line: Line) -> None:
    line.play(ONE, NO_ANSWER)
    begin_ring(line, line.requests()[0])
    with line.sessions.begin() as session:
        request, staff = session.scalars(select(HelpRequest)).one(), session.get_one(Staff, 2)
        requests.take(session, request, staff, line.at, resolve_after=HOUR)
    assert case(line, alarm_again(line)).taken


def test_a_helper_of_the_family_is_asked_too(line: Line) -> None:
    daughter = Contact(person_id=1, rank=1, kind=ContactKind.FAMILY, name="李示例", phone="+8651200005678")
    add(line.settings.database, [daughter])
    line.play(ONE, NO_ANSWER)
    begin_ring(line, line.requests()[0])
    with line.sessions.begin() as session:
        request = session.scalars(select(HelpRequest)).one()
        requests.take_over(session, request, "李示例", StepKind.FAMILY, line.at, resolve_after=HOUR)
    assert case(line, alarm_again(line)).taken
