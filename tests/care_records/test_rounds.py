"""Extra rounds: who is in the group, how far it has got, and how it is stopped."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Person, Round, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import Category
from care_records.services import check_ins, rounds
from care_records.services.people import age_on, born_by
from tests.care_records.builders import NOW, make_check_in, make_community, make_officer, make_person, make_request

TODAY = NOW.date()
GROUP = rounds.Group(min_age=80, category=Category.LIXIU, person_ids=(1, 2))


@pytest.fixture
def officer(session: Session) -> Staff:
    officer = make_officer(name="王值班")
    session.add(officer)
    session.flush()
    return officer


@pytest.fixture
def round_(session: Session, officer: Staff) -> Round:
    opening = "天热了，请您少出门。"
    return rounds.start(session, name="高温", opening=opening, group=GROUP, starts_at=NOW, staff=officer, at=NOW)


def stored(session: Session, round_: Round, **values: Any) -> CheckIn:
    check_in = make_check_in(occasion=rounds.occasion(round_), round_id=round_.id, **values)
    session.add(check_in)
    session.flush()
    return check_in


def test_a_round_keeps_its_group(session: Session, round_: Round) -> None:
    session.commit()
    session.expire_all()

    assert rounds.Group.of(round_) == GROUP
    assert rounds.going_on(session) == [round_]


def test_a_round_says_why_it_calls(session: Session, officer: Staff) -> None:
    with pytest.raises(ValueError, match="why it calls"):
        rounds.start(session, name="高温", opening=" ", group=GROUP, starts_at=NOW, staff=officer, at=NOW)


def test_a_group_has_those_who_meet_every_condition(session: Session) -> None:
    community = make_community()
    person = make_person(community=community, lives_alone=True, birth_date=date(1936, 11, 23))
    others: list[Person] = [
        make_person(lives_alone=True, birth_date=date(1936, 11, 23)),
        make_person(community=community, birth_date=date(1936, 11, 23)),
        make_person(community=community, lives_alone=True, birth_date=date(1936, 11, 24)),
        make_person(community=community, lives_alone=True, birth_date=date(1935, 11, 23)),
        make_person(community=community, lives_alone=True, category=Category.TUIXIU, birth_date=date(1936, 11, 23)),
    ]
    session.add_all([person, *others])
    session.flush()
    group = rounds.Group(min_age=90, max_age=90, community_id=community.id, lives_alone=True, category=Category.LIXIU)

    assert rounds.members(session, group, TODAY) == [person.id]
    assert rounds.members(session, rounds.Group(), TODAY) == [person.id, *(other.id for other in others)]
    assert rounds.members(session, rounds.Group(person_ids=(others[1].id,)), TODAY) == [others[1].id]
    assert rounds.members(session, rounds.Group(person_ids=()), TODAY) == []


@pytest.mark.parametrize("day", ["2026-02-28", "2026-03-01", "2028-02-28", "2028-02-29", "2028-03-01"])
@pytest.mark.parametrize("born", ["1936-02-28", "1936-02-29", "1936-03-01", "1938-02-28", "1938-03-01"])
def test_ages_in_a_query_are_counted_as_everywhere(day: str, born: str) -> None:
    on, birth = date.fromisoformat(day), date.fromisoformat(born)
    for age in range(87, 94):
        assert (birth <= born_by(age, on)) == (age_on(birth, on) >= age)


def test_how_far_it_has_got_can_be_seen(session: Session, round_: Round) -> None:
    assert rounds.progress(session, round_) == {"total": 0}
    stored(session, round_)
    for _ in range(2):
        stored(session, round_, state=CheckInState.DONE, outcome=CheckInOutcome.FINE)
    stored(session, round_, state=CheckInState.FOLLOW_UP, outcome=CheckInOutcome.SILENT)
    session.add(make_check_in())

    assert rounds.progress(session, round_) == {
        "total": 4,
        "planned": 1,
        "done": 2,
        "fine": 2,
        "follow_up": 1,
        "silent": 1,
    }


def test_stopping_takes_back_what_is_with_nobody(session: Session, round_: Round, officer: Staff) -> None:
    request = make_request()
    session.add(request)
    session.flush()
    planned, waiting = stored(session, round_), stored(session, round_, state=CheckInState.WAITING)
    ringing = stored(session, round_, state=CheckInState.CALLING, next_at=None)
    people_have_it = stored(session, round_)
    outcome = CheckInOutcome.SILENT
    check_ins.hand_over(session, people_have_it, outcome=outcome, flag=None, request=request, at=NOW)
    daily = make_check_in()
    session.add(daily)

    assert rounds.stop(session, round_, officer, NOW + timedelta(hours=1))
    session.expire_all()
    states = [check_in.state.value for check_in in (planned, waiting, ringing, people_have_it, daily)]
    assert states == ["withdrawn", "withdrawn", "calling", "follow_up", "planned"]
    assert (planned.taken_by, planned.taken_by_id) == ("王值班", officer.id)
    assert rounds.going_on(session) == []


def test_a_round_is_stopped_once(session: Session, round_: Round, officer: Staff) -> None:
    assert rounds.stop(session, round_, officer, NOW)
    assert not rounds.stop(session, round_, officer, NOW + timedelta(hours=1))
    assert (round_.stopped_at, round_.stopped_by_id) == (NOW, officer.id)
