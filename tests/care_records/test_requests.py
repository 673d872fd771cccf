from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from care_records.models import HelpRequest, Staff
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import requests
from care_records.services.deadlines import due_at
from tests.care_records.builders import NOW, make_call, make_officer, make_person

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
TOMORROW = NOW + timedelta(days=1)


def open_request(session: Session, **values: Any) -> HelpRequest:
    defaults: dict[str, Any] = {
        "call": None,
        "ref": "help-1",
        "person_id": None,
        "phone": "+8651200001234",
        "category": "repair",
        "urgency": "normal",
        "reason": "message",
        "matter": "要人修东西",
        "at": NOW,
        "zone": ZONE,
    }
    return requests.open_request(session, **defaults | values)


def kinds(request: HelpRequest) -> list[str]:
    return [event.kind for event in request.history]


@pytest.fixture
def officers(session: Session) -> list[Staff]:
    officers = [make_officer(name="值班员甲"), make_officer(name="值班员乙", duty_rank=2)]
    session.add_all(officers)
    session.flush()
    return officers


def test_requests_are_numbered_within_the_local_day(session: Session) -> None:
    """16:00 in London is midnight in Shanghai."""
    last_of_the_day = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    numbers = [open_request(session, at=at).number for at in (NOW, last_of_the_day)]
    tomorrow = open_request(session, at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC)).number

    assert numbers == ["20261123-001", "20261123-002"]
    assert tomorrow == "20261124-001"


def test_the_thousandth_request_of_a_day_has_a_number_too(session: Session) -> None:
    for _ in range(1000):
        number = requests._next_number(session, date(2026, 11, 23))

    assert number == "20261123-1000"


def test_numbers_stay_unique_when_everybody_rings_at_once(database_url: str) -> None:
    engine = make_engine(database_url, wait_s=20)
    sessions = make_sessions(engine)
    together = Barrier(8)

    def ring(_: int) -> str:
        together.wait()
        with sessions.begin() as session:
            return open_request(session).number

    with ThreadPoolExecutor(8) as callers:
        numbers = sorted(callers.map(ring, range(8)))

    assert numbers == [f"20261123-{count:03d}" for count in range(1, 9)]
    engine.dispose()


def test_a_request_named_twice_by_its_call_is_one_request(session: Session) -> None:
    call = make_call()
    session.add(call)
    session.flush()
    first = open_request(session, call=call, category="unwell", urgency="red")
    again = open_request(session, call=call, category="cleaning", urgency="normal")
    other = open_request(session, call=call, ref="help-2")

    assert again is first
    assert (first.category, kinds(first)) == ("unwell", ["opened"])
    assert other.number == "20261123-002"


def test_a_request_is_found_by_its_call_and_name(session: Session) -> None:
    call, person = make_call(), make_person()
    session.add_all([call, person])
    session.flush()
    request = open_request(session, call=call, person_id=person.id)

    assert requests.find(session, call, "help-1") is request
    assert requests.find(session, call, "help-2") is None
    assert request.person is person


@pytest.mark.parametrize(
    ("urgency", "opened", "due"),
    [
        ("red", "2026-11-23T10:00", "2026-11-23T10:15"),
        ("orange", "2026-11-23T23:50", "2026-11-24T00:05"),
        ("yellow", "2026-11-23T08:00", "2026-11-23T23:59:59"),
        ("yellow", "2026-11-23T23:30", "2026-11-23T23:59:59"),
        ("normal", "2026-11-23T10:00", "2026-11-26T17:00"),  # Monday to Thursday
        ("normal", "2026-11-26T23:00", "2026-12-01T17:00"),  # Thursday to Tuesday
        ("normal", "2026-11-28T10:00", "2026-12-02T17:00"),  # Saturday to Wednesday
        ("normal", "2026-11-29T10:00", "2026-12-02T17:00"),  # Sunday to Wednesday
    ],
)
def test_the_deadline_follows_from_the_urgency(urgency: str, opened: str, due: str) -> None:
    at = datetime.fromisoformat(opened).replace(tzinfo=ZONE).astimezone(UTC)

    assert due_at(Urgency(urgency), at, ZONE) == datetime.fromisoformat(due).replace(tzinfo=ZONE)


def test_what_the_line_learns_later_is_kept_with_its_history(session: Session) -> None:
    request = open_request(session)
    requests.update_request(session, request, at=NOW, zone=ZONE, recording_sid="RE1", transcript="灯\x00坏了")
    requests.update_request(session, request, at=NOW, zone=ZONE, category="cleaning", matter="要人打扫")
    requests.update_request(session, request, at=NOW, zone=ZONE, confirmed=True)
    requests.update_request(session, request, at=NOW, zone=ZONE, confirmed=True)

    assert (request.category, request.transcript, request.confirmed) == ("cleaning", "灯坏了", True)
    assert kinds(request) == ["opened", "message", "changed", "confirmed"]


def test_urgency_rises_and_brings_the_deadline_forward(session: Session) -> None:
    request = open_request(session)
    requests.update_request(session, request, at=NOW, zone=ZONE, urgency="red")

    assert (request.urgency, request.due_at) == (Urgency.RED, NOW + timedelta(minutes=15))
    assert kinds(request) == ["opened", "changed"]


def test_urgency_does_not_fall_by_itself(session: Session) -> None:
    request = open_request(session, urgency="red")
    requests.update_request(session, request, at=NOW, zone=ZONE, urgency="yellow")

    assert (request.urgency, request.due_at) == (Urgency.RED, NOW + timedelta(minutes=15))


def test_a_more_urgent_request_is_never_due_later(session: Session) -> None:
    request = open_request(session, urgency="yellow")
    just_before_midnight = request.due_at - timedelta(seconds=1)
    requests.update_request(session, request, at=just_before_midnight, zone=ZONE, urgency="red")

    assert request.due_at == just_before_midnight + timedelta(seconds=1)


def test_an_officer_takes_a_request_and_taking_it_again_changes_nothing(
    session: Session, officers: list[Staff]
) -> None:
    request = open_request(session)
    requests.take(session, request, officers[0], NOW, resolve_after=HOUR)
    requests.take(session, request, officers[0], NOW, resolve_after=HOUR)

    assert (request.status, request.assignee) == (RequestStatus.TAKEN, officers[0])
    assert kinds(request) == ["opened", "taken"]


def test_the_second_officer_is_told_who_has_it(session: Session, officers: list[Staff]) -> None:
    request = open_request(session)
    requests.take(session, request, officers[0], NOW, resolve_after=HOUR)

    with pytest.raises(requests.AlreadyTaken) as refused:
        requests.take(session, request, officers[1], NOW, resolve_after=HOUR)
    assert refused.value.owner == "值班员甲"


def test_of_two_officers_at_once_one_wins(database_url: str) -> None:
    engine = make_engine(database_url, wait_s=20)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        officers = [make_officer(name=name) for name in "甲乙丙丁"]
        session.add_all(officers)
        request_id = open_request(session).id
    together = Barrier(4)

    def take(officer: Staff) -> str:
        with sessions() as session:
            request = session.get_one(HelpRequest, request_id)
            session.commit()
            together.wait()
            try:
                requests.take(session, request, session.get_one(Staff, officer.id), NOW, resolve_after=HOUR)
            except requests.AlreadyTaken as refused:
                return refused.owner
            session.commit()
            return officer.name

    with ThreadPoolExecutor(4) as pool:
        owners = set(pool.map(take, officers))

    with sessions() as session:
        request = session.get_one(HelpRequest, request_id)
        assert request.assignee is not None
        assert owners == {request.assignee.name}
        assert kinds(request) == ["opened", "taken"]
    engine.dispose()


def test_a_request_goes_from_taken_to_followed_up(session: Session, officers: list[Staff]) -> None:
    request = open_request(session)
    requests.take(session, request, officers[0], NOW, resolve_after=HOUR)
    requests.resolve(session, request, staff=officers[1], result="灯换好了", at=NOW, zone=ZONE)

    assert (request.status, request.result) == (RequestStatus.RESOLVED, "灯换好了")
    assert (request.assignee, request.follow_up_due) == (officers[0], date(2026, 11, 24))

    requests.follow_up(session, request, staff=officers[0], satisfaction=5, text="很满意", at=TOMORROW)

    assert (request.status, request.satisfaction, request.followed_up_at) == (RequestStatus.CLOSED, 5, TOMORROW)
    assert kinds(request) == ["opened", "taken", "resolved", "followed_up"]


def test_who_resolves_a_request_that_nobody_took_owns_it(session: Session, officers: list[Staff]) -> None:
    request = open_request(session)
    requests.resolve(session, request, staff=officers[1], result="", at=NOW, zone=ZONE)

    assert request.assignee is officers[1]


def test_a_reopened_request_has_no_owner_and_a_new_deadline(session: Session, officers: list[Staff]) -> None:
    request = open_request(session, urgency="red")
    requests.resolve(session, request, staff=officers[0], result="灯换好了", at=NOW, zone=ZONE)
    requests.reopen(session, request, staff=officers[1], text="又坏了", at=TOMORROW, zone=ZONE)

    assert (request.status, request.assignee, request.result) == (RequestStatus.OPEN, None, None)
    assert request.due_at == TOMORROW + timedelta(minutes=15)
    assert [(event.kind, event.note) for event in request.history][1:] == [
        ("resolved", "灯换好了"),
        ("reopened", "又坏了"),
    ]


def test_no_step_is_taken_out_of_turn(session: Session, officers: list[Staff]) -> None:
    request = open_request(session)
    officer = officers[0]
    with pytest.raises(requests.WrongStatus):
        requests.follow_up(session, request, staff=officer, satisfaction=None, text="", at=NOW)
    with pytest.raises(requests.WrongStatus):
        requests.reopen(session, request, staff=officer, text="", at=NOW, zone=ZONE)
    requests.resolve(session, request, staff=officer, result="", at=NOW, zone=ZONE)
    with pytest.raises(requests.WrongStatus):
        requests.take(session, request, officer, NOW, resolve_after=HOUR)
    with pytest.raises(requests.WrongStatus):
        requests.resolve(session, request, staff=officer, result="", at=NOW, zone=ZONE)

    assert kinds(request) == ["opened", "resolved"]


@pytest.mark.parametrize("satisfaction", [0, 6, -1])
def test_satisfaction_is_one_to_five(session: Session, officers: list[Staff], satisfaction: int) -> None:
    request = open_request(session)
    requests.resolve(session, request, staff=officers[0], result="", at=NOW, zone=ZONE)

    with pytest.raises(ValueError, match="1 to 5"):
        requests.follow_up(session, request, staff=officers[0], satisfaction=satisfaction, text="", at=NOW)


def test_a_note_says_who_wrote_it(session: Session, officers: list[Staff]) -> None:
    request = open_request(session)
    requests.note(session, request, "没人接", at=NOW, kind="transfer")
    requests.note(session, request, "明天再去", at=NOW, staff=officers[0])

    assert [(event.kind, event.staff, event.note) for event in request.history][1:] == [
        ("transfer", None, "没人接"),
        ("note", officers[0], "明天再去"),
    ]


def test_opening_a_request_is_undone_with_its_transaction(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        open_request(session)
    with sessions() as session:
        assert session.scalars(select(HelpRequest)).all() == []
        assert open_request(session).number == "20261123-001"
