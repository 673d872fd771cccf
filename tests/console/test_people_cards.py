"""People: the list and its search, a card, writing one, those around a person, and the line of time."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import AuditEvent, Contact, Pause, Person, PersonEvent, VolunteerPairing
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import ContactKind
from tests.care_records.builders import (
    NOW,
    make_call,
    make_check_in,
    make_community,
    make_contact,
    make_person,
    make_request,
)
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]


def added(sessions: Sessions, **values: object) -> int:
    """Somebody in the records; their id."""
    with sessions.begin() as session:
        person = make_person(**values)
        session.add(person)
        session.flush()
        return person.id


def the(sessions: Sessions, person_id: int) -> Person:
    with sessions() as session:
        return session.get_one(Person, person_id)


def told(page: Element) -> list[str]:
    return [notice.text for notice in page.one("main").all("p", role="status")]


def names(page: Element) -> list[str]:
    return [cell.one("a").text for cell in page.all("td", class_="name")]


@pytest.fixture
def roster(sessions: Sessions) -> None:
    with sessions.begin() as session:
        fangta = make_community(name="方塔社区")
        session.add_all(
            [
                make_person(name="张示例", phone="+8651252881234", community=fangta),
                make_person(name="单重阳", phone="+8613800001111"),
                make_person(name="𠮷㛃", phone=None),
                make_person(name="欧阳样本", phone=None, phone2="+8651252889999"),
            ]
        )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("张", ["张示例"]),
        ("示例", ["张示例"]),
        ("zhangshi", ["张示例"]),
        ("Zhang Shi Li", ["张示例"]),
        ("zsl", ["张示例"]),
        ("shan", ["单重阳"]),
        ("dzy", ["单重阳"]),
        ("ｏｙｙｂ", ["欧阳样本"]),
        ("㛃", ["𠮷㛃"]),
        ("𠮷", ["𠮷㛃"]),
        ("jj", ["𠮷㛃"]),
        ("5288 1234", ["张示例"]),
        ("0512-52881234", ["张示例"]),
        ("9999", ["欧阳样本"]),
        ("13800001111", ["单重阳"]),
        ("方塔", ["张示例"]),
        ("%", []),
        ("_", []),
        ("<b>", []),
    ],
)
@pytest.mark.usefixtures("roster")
def test_somebody_is_found_by_name_pinyin_initials_number_or_community(
    viewer: Visitor, typed: str, found: list[str]
) -> None:
    assert names(viewer.get("/people/", query_string={"text": typed})) == found


@pytest.mark.usefixtures("roster")
def test_the_list_is_in_the_order_of_the_alphabet(viewer: Visitor) -> None:
    assert names(viewer.get("/people/")) == ["𠮷㛃", "欧阳样本", "单重阳", "张示例"]


def test_an_empty_roster_says_what_to_do(viewer: Visitor) -> None:
    assert viewer.get("/people/").one("p", class_="nothing").text == "名册还是空的。请导入一个表格，或者新建资料。"


def test_a_long_list_goes_on_page_by_page(viewer: Visitor, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add_all([make_person(name=f"张示例{number:03d}") for number in range(60)])

    first = viewer.get("/people/", query_string={"text": "zsl"})
    second = viewer.get(first.one("a", rel="next").attributes["href"])

    assert (len(names(first)), len(names(second))) == (50, 10)
    assert not set(names(first)) & set(names(second))


def test_a_card_shows_what_helps_at_the_door_and_opening_it_stands_in_the_trail(
    officer: Visitor, sessions: Sessions
) -> None:
    person_id = added(
        sessions,
        name="张㛃",
        address="王庄社区 3 幢 201 室",
        illnesses="高血压",
        hearing="左耳听不见",
        dialect="常熟话",
        contacts=[make_contact(kind=ContactKind.KEYHOLDER, name="李钥匙", relation="对门")],
    )

    said = officer.get(f"/people/{person_id}").one("main").text

    for shown in ("王庄社区 3 幢 201 室", "高血压", "左耳听不见", "常熟话", "李钥匙", "联系干部"):
        assert shown in said
    with sessions() as session:
        opened = session.scalars(select(AuditEvent).where(AuditEvent.action == "person.opened")).one()
    assert (opened.subject_kind, opened.subject_id) == ("person", person_id)


def test_a_new_card_is_written_once_even_if_it_is_sent_twice(manager: Visitor, sessions: Sessions) -> None:
    manager.get("/people/new")
    form = manager.form("/people/")
    values: dict[str, Any] = {"name": "𠮷示例", "birth_date": "1931-05-06", "phone": "0512-5288 1234"}
    manager.submit("/people/", **values)
    sent = {entry.attributes["name"]: entry.attributes.get("value", "") for entry in form.all("input", type="hidden")}
    manager.open("/people/", "POST", data={**sent, **values})

    with sessions() as session:
        person = session.scalars(select(Person)).one()
        events = [event.kind for event in session.scalars(select(PersonEvent))]
    assert (person.name, person.address_as, person.phone) == ("𠮷示例", "𠮷老", "+8651252881234")
    assert events == ["added"]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "请填写。"),
        ("name", "12", "这不像姓名。"),
        ("birth_date", "", "请填写。"),
        ("birth_date", "2099-01-01", "出生日期要在1900年到今天之间。"),
        ("birth_date", "昨天", "日期或时间不对。"),
        ("phone", "110", "这不是一个电话号码。"),
        ("nap_start", "13:00", "午睡的开始和结束要一起填。"),
        ("notes", "长" * 10_001, "太长了。"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    manager: Visitor, field: str, typed: str, words: str
) -> None:
    manager.get("/people/new")
    values: dict[str, Any] = {"name": "张示例", "birth_date": "1931-05-06", "address": "王庄", field: typed}

    page = manager.submit("/people/", 422, **values)

    assert words in [error.text for error in page.all("p", class_="error")]
    assert page.one("input", id="address").attributes["value"] == "王庄"


def test_ten_thousand_characters_and_pasted_html_are_kept_and_shown_as_they_are(
    manager: Visitor, sessions: Sessions
) -> None:
    person_id = added(sessions)
    notes = "<script>alert(1)</script>\r\n<b>粗</b>" + "长" * 9_960
    manager.get(f"/people/{person_id}/edit")

    page = manager.submit("/edit", notes=notes, illnesses="\x00高血压 & 糖尿病")

    assert the(sessions, person_id).notes == notes.replace("\r\n", "\n")
    assert the(sessions, person_id).illnesses == "高血压 & 糖尿病"
    assert "<b>粗</b>" in page.one("dd", class_="notes").text
    assert page.all("b") == []


def test_a_new_number_is_found_at_once_and_the_old_one_no_longer(manager: Visitor, sessions: Sessions) -> None:
    person_id = added(sessions, name="张示例", phone="+8651252881234")
    manager.get(f"/people/{person_id}/edit")
    manager.submit("/edit", phone="13800001111", name="李示例")

    assert names(manager.get("/people/", query_string={"text": "1111"})) == ["李示例"]
    assert names(manager.get("/people/", query_string={"text": "52881234"})) == []
    assert names(manager.get("/people/", query_string={"text": "lsl"})) == ["李示例"]


def test_a_number_that_is_not_touched_stays_even_if_it_could_not_be_typed(manager: Visitor, sessions: Sessions) -> None:
    person_id = added(sessions, phone="+8651200001234")
    manager.get(f"/people/{person_id}/edit")

    manager.submit("/edit", address="新地址")

    assert (the(sessions, person_id).phone, the(sessions, person_id).address) == ("+8651200001234", "新地址")


def test_a_number_that_is_emptied_is_gone(manager: Visitor, sessions: Sessions) -> None:
    person_id = added(sessions, phone="+8651252881234")
    manager.get(f"/people/{person_id}/edit")

    manager.submit("/edit", phone="")

    assert the(sessions, person_id).phone is None


def test_of_two_who_change_the_same_the_second_is_told_and_may_insist(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    person_id = added(sessions, address="老地址")
    manager.get(f"/people/{person_id}/edit")
    admin.get(f"/people/{person_id}/edit")
    manager.submit("/edit", address="一号")

    page = admin.submit("/edit", 409, address="二号")

    warning = page.one("div", role="alert").text
    assert "值班员manager改了同样的地方" in warning
    assert "老地址 → 一号" in warning
    assert the(sessions, person_id).address == "一号"
    assert page.one("input", id="address").attributes["value"] == "二号"
    admin.submit("/edit")
    assert the(sessions, person_id).address == "二号"


def test_of_two_who_change_different_things_neither_loses_anything(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    person_id = added(sessions, address="老地址", hearing="")
    manager.get(f"/people/{person_id}/edit")
    admin.get(f"/people/{person_id}/edit")
    manager.submit("/edit", address="新地址")

    page = admin.submit("/edit", hearing="戴助听器")

    assert told(page) == ["资料已经保存。", "您填的时候，别人也改了：住址。两边的改动都在。"]
    assert (the(sessions, person_id).address, the(sessions, person_id).hearing) == ("新地址", "戴助听器")


def test_consent_that_is_asked_for_and_given_stands_on_the_card_and_in_the_line_of_time(
    manager: Visitor, sessions: Sessions
) -> None:
    person_id = added(sessions)
    manager.get(f"/people/{person_id}/edit")

    page = manager.submit("/edit", consent_calls="yes", consent_recording="no")

    assert the(sessions, person_id).consent_calls is True
    assert the(sessions, person_id).consent_recording is False
    said = page.one("ol", class_="line").text
    assert ("同意接听问候电话： 同意" in said, "同意录音： 不同意" in said) == (True, True)


def test_contacts_are_added_put_in_order_changed_and_removed(manager: Visitor, sessions: Sessions) -> None:
    person_id = added(sessions)
    for name in ("李一", "李二"):
        manager.get(f"/people/{person_id}/contacts/new")
        manager.submit("/contacts", name=name, phone="0512-52881234", relation="女儿")
    with sessions() as session:
        second = session.scalars(select(Contact.id).where(Contact.name == "李二")).one()
    manager.get(f"/people/{person_id}")
    manager.submit(f"/contacts/{second}/up")
    assert order(sessions) == ["李二", "李一"]

    manager.get(f"/people/{person_id}/contacts/{second}")
    manager.submit(f"/contacts/{second}", kind="keyholder")
    manager.get(f"/people/{person_id}/contacts/{second}")
    manager.submit(f"/contacts/{second}/remove")

    assert order(sessions) == ["李一"]
    with sessions() as session:
        assert [event.kind for event in session.scalars(select(PersonEvent))] == ["contact"] * 3


def order(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Contact.name).order_by(Contact.rank)))


def test_a_contact_that_somebody_else_has_changed_meanwhile_is_not_overwritten(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    person_id = added(sessions, contacts=[make_contact(name="李示例")])
    with sessions() as session:
        contact_id = session.scalars(select(Contact.id)).one()
    for visitor in (manager, admin):
        visitor.get(f"/people/{person_id}/contacts/{contact_id}")
    manager.submit(f"/contacts/{contact_id}", relation="孙女")

    page = admin.submit(f"/contacts/{contact_id}", 409, relation="儿子")

    assert "别人改成了：李示例 孙女" in page.one("p", role="alert").text
    assert order(sessions) == ["李示例"]


def test_a_volunteer_is_paired_and_the_pairing_ends(manager: Visitor, sessions: Sessions) -> None:
    person_id = added(sessions)
    manager.get(f"/people/{person_id}/volunteers/new")
    manager.submit("/volunteers", name="王样本", phone="13800001111", since="2026-01-02")
    with sessions() as session:
        pairing = session.scalars(select(VolunteerPairing.id)).one()

    page = manager.submit(f"/volunteers/{pairing}/end")

    assert told(page) == ["结对已经结束。"]
    with sessions() as session:
        assert session.get_one(VolunteerPairing, pairing).until is not None


def test_all_that_ever_happened_stands_in_one_line_of_time(viewer: Visitor, sessions: Sessions) -> None:
    with sessions.begin() as session:
        person = make_person()
        session.add(person)
        session.flush()
        fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE}
        session.add_all(
            [
                make_call(person=person, started_at=NOW - timedelta(hours=5)),
                make_check_in(person=person, due_at=NOW - timedelta(hours=4), **fine),
                make_request(person=person, created_at=NOW - timedelta(hours=3)),
                Pause(person_id=person.id, first_day=NOW.date(), last_day=NOW.date(), reason="住院", created_at=NOW),
                PersonEvent(person_id=person.id, at=NOW - timedelta(hours=1), kind="changed", changes=[]),
            ]
        )

    line = viewer.get(f"/people/{person.id}").one("ol", class_="line")

    assert [item.attributes["class"] for item in line.all("li")] == ["pause", "edit", "request", "check_in", "call"]
    only = viewer.get(f"/people/{person.id}/timeline?only=request").one("ol", class_="line")
    assert len(only.all("li")) == 1


def test_a_long_line_of_time_goes_on_where_the_page_ended(viewer: Visitor, sessions: Sessions) -> None:
    with sessions.begin() as session:
        person = make_person()
        session.add(person)
        session.flush()
        session.add_all([make_call(person=person, started_at=NOW) for _ in range(20)])
        session.add_all([make_request(person=person, created_at=NOW) for _ in range(20)])

    first = viewer.get(f"/people/{person.id}/timeline")
    second = viewer.get(first.one("a", rel="next").attributes["href"])

    links = [
        one.one("a").attributes["href"] for page in (first, second) for one in page.one("ol", class_="line").all("li")
    ]
    assert (len(links), len(set(links))) == (40, 40)


@pytest.mark.parametrize("seen", ["", "[]", "{", json.dumps({"address": 7})])
def test_a_form_that_does_not_say_what_it_showed_is_saved_all_the_same(
    manager: Visitor, sessions: Sessions, seen: str
) -> None:
    person_id = added(sessions)
    manager.get(f"/people/{person_id}/edit")

    manager.submit("/edit", address="新地址", seen=seen)

    assert the(sessions, person_id).address == "新地址"


def test_nobody_is_older_than_their_years(viewer: Visitor, sessions: Sessions) -> None:
    today = datetime.now(UTC).date()
    person_id = added(sessions, birth_date=date(today.year - 90, 1, 1))

    assert "90岁" in viewer.get(f"/people/{person_id}").one("h1").text
