import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from care_records import demo
from care_records.database import make_engine, make_sessions
from care_records.demo.content import BULLETINS
from care_records.demo.people import FRAIL
from care_records.models import Activity, Bulletin, Community, Contact, Person, VolunteerPairing
from care_records.models.people import Category
from care_records.phones import normalise
from care_records.services import content, duty
from care_records.services.people import age_on
from tests.care_records.builders import NOW, make_person

ZONE = ZoneInfo("Asia/Shanghai")
SECONDS_A_CHARACTER = 60 / 140
"""At the slower end of the line's usual pace."""


def on_sqlite(path: Path, template: Path) -> sessionmaker[Session]:
    path.write_bytes(template.read_bytes())
    return make_sessions(make_engine(f"sqlite:///{path}"))


@pytest.fixture(scope="module")
def seeded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    sessions = on_sqlite(tmp_path_factory.mktemp("demo") / "careline.db", sqlite_template)
    demo.seed(sessions, NOW, ZONE)
    with sessions() as session:
        yield session
    sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def people(seeded: Session) -> list[Person]:
    return list(seeded.scalars(select(Person).order_by(Person.id)))


@pytest.mark.parametrize("day", ["2026-11-23", "2027-01-01", "2028-02-29", "2027-02-28", "2026-12-31"])
def test_on_any_day_the_ages_are_those_of_the_bureau(day: str, sqlite_template: Path, tmp_path: Path) -> None:
    today = date.fromisoformat(day)
    sessions = on_sqlite(tmp_path / "careline.db", sqlite_template)
    demo.seed(sessions, datetime.combine(today, time(0, 30), ZONE), ZONE)
    with sessions() as session:
        ages = [age_on(born, today) for born in session.scalars(select(Person.birth_date))]
    sessions.kw["bind"].dispose()

    assert (len(ages), min(ages), max(ages)) == (439, 79, 97)
    assert sum(ages) / len(ages) == pytest.approx(86, abs=0.01)
    assert sum(age >= 90 for age in ages) == 70


def test_four_hundred_are_lixiu_and_the_youngest_are_tuixiu(people: list[Person]) -> None:
    assert Counter(person.category for person in people) == {Category.LIXIU: 400, Category.TUIXIU: 39}
    youngest = sorted(people, key=lambda person: person.birth_date)[-39:]
    assert {person.category for person in youngest} == {Category.TUIXIU}


def test_no_two_have_one_name_and_every_name_is_plainly_invented(people: list[Person]) -> None:
    assert len({person.name for person in people}) == 439
    assert all(re.search("示例|样本|演示|范例|虚构|假设|模拟|例如", person.name) for person in people)


def test_no_telephone_of_the_demo_can_ring(seeded: Session, people: list[Person]) -> None:
    """After the area code a subscriber's number never begins with 0."""
    numbers = {number for person in people for number in (person.phone, person.phone2) if number}
    numbers |= {officer.phone for officer in duty.officers(seeded, NOW) if officer.phone}
    numbers |= set(seeded.scalars(select(Contact.phone)))

    assert all(number.startswith("+865120") and normalise(number) == number for number in numbers)
    assert "+8651200000000" not in numbers, "that is the line itself"


def test_some_share_a_telephone_and_some_have_none(people: list[Person]) -> None:
    counts = Counter(person.phone for person in people)

    assert counts.pop(None) == 4
    assert sorted(counts.values())[-10:] == [2] * 10


def test_everybody_has_somebody_to_ring_and_a_community(seeded: Session, people: list[Person]) -> None:
    assert all(person.contacts and person.community and person.liaison_officer for person in people)
    assert seeded.scalar(select(func.count(VolunteerPairing.id))) == 120


def test_check_in_slots_are_within_the_hours_in_which_people_are_rung(people: list[Person]) -> None:
    slots = {person.check_in_slot for person in people}

    assert all(slot and (time(8, 30) <= slot < time(11) or time(14, 30) <= slot < time(17)) for slot in slots)


def test_three_officers_are_on_duty(seeded: Session) -> None:
    assert [officer.duty_rank for officer in duty.officers(seeded, NOW)] == [1, 2, 3]


def test_the_officers_take_turns_by_day_and_all_are_rung_by_night(seeded: Session) -> None:
    def ranks(at: datetime) -> list[int | None]:
        return [officer.duty_rank for officer in duty.officers(seeded, at)]

    tomorrow = NOW + timedelta(days=1)
    assert [ranks(NOW), ranks(tomorrow), ranks(tomorrow + timedelta(hours=12))] == [[1, 2, 3], [2, 1, 3], [1, 2, 3]]


def test_some_of_the_oldest_are_frail_and_alone(people: list[Person]) -> None:
    frail = [person for person in people if person.frail]

    assert len(frail) == FRAIL
    assert any(person.lives_alone for person in frail)


def test_five_bulletins_can_be_heard_at_once(seeded: Session) -> None:
    assert [bulletin.title for bulletin in content.current_bulletins(seeded, NOW)] == [title for title, _ in BULLETINS]


def test_every_community_has_activities_in_the_coming_days(seeded: Session) -> None:
    for community in seeded.scalars(select(Community.id)):
        near = [activity for activity in content.upcoming_activities(seeded, community, NOW) if activity.community_id]
        assert len(near) == 3
        assert all(NOW < activity.starts_at < NOW + timedelta(days=11) for activity in near)
    assert len(content.upcoming_activities(seeded, None, NOW)) == 2


def test_no_sentence_takes_longer_to_say_than_eight_seconds(seeded: Session) -> None:
    texts = [*seeded.scalars(select(Bulletin.text)), *seeded.scalars(select(Activity.text))]
    for sentence in re.split("[。！？]", "".join(texts)):
        spoken = re.sub("[，、]", "", sentence)
        assert len(spoken) * SECONDS_A_CHARACTER <= 8, sentence


def test_the_same_day_gives_the_same_people(sqlite_template: Path, tmp_path: Path, people: list[Person]) -> None:
    sessions = on_sqlite(tmp_path / "careline.db", sqlite_template)
    demo.seed(sessions, datetime(2026, 11, 23, 15, 0, tzinfo=UTC), ZONE)
    with sessions() as session:
        again = session.execute(select(Person.name, Person.birth_date, Person.phone).order_by(Person.id)).all()
    sessions.kw["bind"].dispose()

    assert [tuple(row) for row in again] == [(person.name, person.birth_date, person.phone) for person in people]


def test_only_an_empty_database_is_seeded(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(make_person(name="真的人"))

    assert demo.seed(sessions, NOW, ZONE) == 0
    with sessions() as session:
        assert session.scalars(select(Person.name)).all() == ["真的人"]


def test_seeding_twice_is_seeding_once(sessions: sessionmaker[Session]) -> None:
    assert demo.seed(sessions, NOW, ZONE) == 439
    assert demo.seed(sessions, NOW, ZONE) == 0
