"""What an import does to the records, on both databases."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, Community, Contact, Person
from care_records.models.people import CheckInPlan
from care_records.roster import Imported, RosterRefused, Rules, import_roster
from tests.care_records.builders import make_call, make_contact, make_person

RULES = Rules(date(2026, 11, 23))
HEADINGS = ("姓名", "性别", "出生日期", "类别", "电话")
PERSON = {"姓名": "张示例", "性别": "男", "出生日期": "1936-05-06", "类别": "离休", "电话": "13812345678"}
CONTACT = {"联系人": "李样本", "联系人电话": "13900000000", "关系": "女儿"}


def write(path: Path, *rows: dict[str, str]) -> Path:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def load(sessions: sessionmaker[Session], tmp_path: Path) -> Any:
    def load(*rows: dict[str, str]) -> Imported:
        return import_roster(sessions, write(tmp_path / "roster.csv", *rows), RULES)

    return load


@pytest.fixture
def people(sessions: sessionmaker[Session]) -> Any:
    def people() -> list[Person]:
        with sessions() as session:
            return list(session.scalars(select(Person).order_by(Person.id)))

    return people


def test_importing_twice_changes_nothing_the_second_time(load: Any, people: Any) -> None:
    rows = [PERSON | CONTACT | {"社区": "示范社区"}, PERSON | {"姓名": "李样本"}]
    first, second = load(*rows), load(*rows)

    assert (first.counts.added, first.counts.contacts, first.counts.communities) == (2, 1, 1)
    counts = second.counts
    assert (counts.added, counts.changed, counts.unchanged, counts.contacts, counts.communities) == (0, 0, 2, 0, 0)
    assert len(people()) == 2


def test_a_known_person_is_brought_up_to_date_and_keeps_their_calls(load: Any, sessions: sessionmaker[Session]) -> None:
    load(PERSON | {"问候频率": "每日", "称呼": "老领导"})
    with sessions.begin() as session:
        session.add(make_call(person=session.scalars(select(Person)).one()))

    counts = load(PERSON | {"电话": "13900000009", "备注": "搬家了"}, PERSON | {"姓名": "李样本"}).counts

    assert (counts.added, counts.changed, counts.unchanged) == (1, 1, 0)
    with sessions() as session:
        person = session.scalars(select(Call)).one().person
        assert person is not None
        assert (person.phone, person.notes) == ("+8613900000009", "搬家了")
        assert (person.address_as, person.check_in_plan) == ("老领导", CheckInPlan.DAILY)


def test_an_empty_cell_leaves_what_is_known(load: Any, people: Any) -> None:
    load(PERSON | {"备注": "腿不好"})
    counts = load(PERSON | {"电话": "", "备注": ""}).counts

    assert counts.unchanged == 1
    assert [(person.phone, person.notes) for person in people()] == [("+8613812345678", "腿不好")]


def test_the_same_name_with_another_birth_date_is_another_person(load: Any, people: Any) -> None:
    load(PERSON)
    load(PERSON | {"出生日期": "1936-05-07"})

    assert [person.birth_date.day for person in people()] == [6, 7]


def test_further_rows_of_a_person_add_their_contacts_in_order(load: Any, sessions: sessionmaker[Session]) -> None:
    load(PERSON | CONTACT, PERSON | CONTACT | {"联系人": "王样本", "关系": "邻居"}, PERSON | {"电话": ""} | CONTACT)

    with sessions() as session:
        person = session.scalars(select(Person)).one()
        assert [(contact.rank, contact.name) for contact in person.contacts] == [(1, "李样本"), (2, "王样本")]


def test_a_row_that_repeats_another_is_reported(load: Any, people: Any) -> None:
    imported = load(PERSON | CONTACT, PERSON | CONTACT)

    assert imported.repeated_rows == (3,)
    assert len(people()) == 1


@pytest.mark.parametrize(("column", "value"), [("电话", "13900000009"), ("性别", "女"), ("备注", "别的")])
def test_rows_that_contradict_each_other_are_refused(load: Any, people: Any, column: str, value: str) -> None:
    with pytest.raises(RosterRefused) as refusal:
        load(PERSON | {"备注": "腿不好"}, PERSON | {"备注": "腿不好"} | {column: value} | CONTACT)

    (problem,) = refusal.value.problems
    assert (problem.row, problem.column) == (3, column)
    assert "第 2 行" in problem.text
    assert people() == []


def test_contacts_are_added_changed_and_never_removed(load: Any, sessions: sessionmaker[Session]) -> None:
    load(PERSON | CONTACT)
    counts = load(PERSON | CONTACT | {"关系": "邻居"}, PERSON | CONTACT | {"联系人": "王样本"}).counts

    assert counts.contacts == 2
    with sessions() as session:
        contacts = session.scalars(select(Contact).order_by(Contact.rank)).all()
        assert [(contact.rank, contact.name, contact.relation) for contact in contacts] == [
            (1, "李样本", "邻居"),
            (2, "王样本", "女儿"),
        ]


def test_communities_are_made_once(load: Any, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(Community(name="示范一社区"))
    names = ("示范一社区", "示范二社区", "示范二社区")
    load(*(PERSON | {"姓名": f"张示{chr(0x4E00 + index)}", "社区": name} for index, name in enumerate(names)))

    with sessions() as session:
        assert session.scalars(select(Community.name).order_by(Community.id)).all() == ["示范一社区", "示范二社区"]
        communities = session.scalars(select(Person).order_by(Person.id)).all()
        assert [person.community.name for person in communities if person.community] == list(names)


def test_one_wrong_cell_among_thousands_leaves_everything_as_it_was(load: Any, people: Any) -> None:
    rows = [PERSON | {"姓名": f"张{chr(0x4E00 + index)}"} for index in range(3000)]
    with pytest.raises(RosterRefused):
        load(*rows, PERSON | {"出生日期": "2030-01-01"})

    assert people() == []


def test_a_database_that_fails_halfway_keeps_nothing(load: Any, people: Any, sessions: sessionmaker[Session]) -> None:
    engine = sessions.kw["bind"]

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO contacts"):
            raise OperationalError(statement, None, Exception("no space left"))

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(OperationalError):
        load(PERSON | CONTACT | {"社区": "示范社区"})
    event.remove(engine, "before_cursor_execute", fail)

    with sessions() as session:
        assert session.scalar(select(func.count(Community.id))) == 0
    assert people() == []


def test_two_people_whom_the_roster_cannot_tell_apart_are_refused(load: Any, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for _ in range(2):
            session.add(make_person(name="张示例", birth_date=date(1936, 5, 6), contacts=[make_contact()]))
            session.add(make_person(name="没有关系的人", birth_date=date(1936, 5, 6)))

    with pytest.raises(RosterRefused) as refusal:
        load(PERSON | {"姓名": "李样本"}, PERSON)
    assert [problem.row for problem in refusal.value.problems] == [3]


def test_an_import_tells_how_far_it_is(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    rows = [PERSON | {"姓名": f"张{chr(0x4E00 + index)}"} for index in range(2500)]
    told: list[tuple[str, int, int | None]] = []
    import_roster(sessions, write(tmp_path / "roster.csv", *rows), RULES, lambda *step: told.append(step))

    assert told == [("reading", 1000, None), ("reading", 2000, None), ("storing", 2000, 2500), ("storing", 2500, 2500)]


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\ufeff\u200b\u3000\u00a0"),
    max_size=50,
)


@given(notes=_TEXT.map(str.strip), address=_TEXT.map(str.strip), encoding=st.sampled_from(["utf-8-sig", "gb18030"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_that_a_csv_can_hold_arrives_as_it_was(
    sessions: sessionmaker[Session], tmp_path: Path, notes: str, address: str, encoding: str
) -> None:
    with sessions.begin() as session:
        session.query(Person).delete()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*HEADINGS, "备注", "地址"])
    writer.writerow([*PERSON.values(), notes, address])
    path = tmp_path / "roster.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))

    import_roster(sessions, path, RULES)

    with sessions() as session:
        person = session.scalars(select(Person)).one()
        assert (person.notes, person.address) == (notes, address)
