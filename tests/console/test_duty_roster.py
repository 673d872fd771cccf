"""The duty roster at the page: shifts, gaps before they happen, the standing order."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import AuditEvent, Shift, Staff
from care_records.services import duty
from tests.care_records.builders import make_officer
from tests.console.conftest import ZONE
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]
MONDAY = datetime.now(UTC).astimezone(ZONE).date() + timedelta(days=7 - datetime.now(UTC).astimezone(ZONE).weekday())
"""Of next week."""


def local(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def add(sessions: Sessions, name: str, **values: object) -> int:
    """Somebody of the office, not in the standing order unless it says so; their id."""
    with sessions.begin() as session:
        staff = make_officer(**{"name": name, "duty_rank": None} | values)
        session.add(staff)
        session.flush()
        return staff.id


def shift(sessions: Sessions, staff_id: int, begin: datetime, end: datetime) -> int:
    with sessions.begin() as session:
        made = Shift(staff_id=staff_id, starts_at=begin, ends_at=end)
        session.add(made)
        session.flush()
        return made.id


def shifts(sessions: Sessions) -> list[tuple[int, datetime, datetime]]:
    with sessions() as session:
        found = session.scalars(select(Shift).order_by(Shift.starts_at))
        return [(one.staff_id, one.starts_at, one.ends_at) for one in found]


def order(sessions: Sessions) -> list[str]:
    with sessions() as session:
        ranked = select(Staff.name).where(Staff.duty_rank.is_not(None))
        return list(session.scalars(ranked.order_by(Staff.duty_rank, Staff.id)))


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").one("p", role="status").text


def new(**values: object) -> dict[str, str]:
    usual = {"day": MONDAY, "begin": "08:00", "end": "17:00", "days": 1}
    return {name: str(value) for name, value in (usual | values).items()}


# --- What is shown


def test_without_anybody_the_roster_says_that_nobody_is_there(manager: Visitor) -> None:
    page = manager.get("/duty/")

    assert page.one("h2", id="gaps-title").text == "今后14天里，有时候没有人值班"
    assert [one.text for one in page.all("p", class_="nothing")] == [
        "没有人。", "还没有能值班的同事：先在下面给同事填上电话。", "顺序里还没有人。"
    ]  # fmt: skip
    assert [form for form in page.all("form") if form.attributes["action"].endswith("/shifts")] == []


def test_the_week_shows_who_has_a_shift_when(viewer: Visitor, sessions: Sessions) -> None:
    first, second = add(sessions, "王小𠮷", duty_rank=1), add(sessions, "李<b>㛃</b>")
    shift(sessions, first, local(MONDAY, 8), local(MONDAY, 17))
    shift(sessions, second, local(MONDAY, 17), local(MONDAY + timedelta(days=1), 8))

    page = viewer.get(f"/duty/?day={MONDAY}")

    rows = page.one("table", class_="week").one("tbody").all("tr")
    assert [row.one("th").text for row in rows] == ["王小𠮷", "李<b>㛃</b>"]
    assert [row.all("td")[0].text for row in rows] == ["08:00–17:00", "17:00–次日08:00"]
    assert page.one("p", class_="notice").text == "今后14天里，随时都有人接。"
    assert page.one("main").all("form") == page.one("main").all("a", class_="shift") == []


def test_a_shift_that_began_before_the_week_stands_on_its_monday(viewer: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    shift(sessions, staff_id, local(MONDAY - timedelta(days=1), 17), local(MONDAY, 8))

    (row,) = viewer.get(f"/duty/?day={MONDAY}").one("tbody").all("tr")

    assert [cell.text for cell in row.all("td")][:2] == ["…–08:00", ""]


def test_gaps_are_shown_before_they_happen(viewer: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    now = datetime.now(UTC)
    shift(sessions, staff_id, now - timedelta(hours=1), local(MONDAY, 8))
    shift(sessions, staff_id, local(MONDAY, 17), now + timedelta(days=20))

    page = viewer.get(f"/duty/?day={MONDAY}")

    (gap,) = page.one("ul", class_="gaps").all("li")
    assert gap.text == f"{MONDAY.month}月{MONDAY.day}日 周一 08:00 到 17:00"
    cells = page.one("tr", class_="without").all("td")
    assert [cell.text for cell in cells] == ["08:00–17:00", *[""] * 6]


def test_who_cannot_be_rung_covers_nothing(viewer: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", phone=None)
    shift(sessions, staff_id, local(MONDAY, 0), local(MONDAY + timedelta(days=1), 0))

    page = viewer.get(f"/duty/?day={MONDAY}")

    assert page.one("tr", class_="without").all("td")[0].text == "00:00–24:00"
    assert "打不到" in page.one("tbody").text


@pytest.mark.parametrize("day", ["2026-02-30", "x", "9999-12-31", "0001-01-01"])
def test_a_day_that_makes_no_sense_shows_this_week(viewer: Visitor, day: str) -> None:
    assert viewer.get(f"/duty/?day={day}").one("h2", id="week-title").text == (
        viewer.get("/duty/").one("h2", id="week-title").text
    )


@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31"])
def test_the_weeks_end_where_days_are_no_longer_thinkable(viewer: Visitor, day: str) -> None:
    for link in viewer.get(f"/duty/?day={day}").all("a"):
        if link.text in ("上一周", "下一周"):
            viewer.get(link.attributes["href"])


# --- Shifts


def test_a_manager_adds_a_shift(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    manager.get("/duty/")

    page = manager.submit("/shifts", **new(staff_id=staff_id))

    assert told(page) == "已经排上。"
    assert shifts(sessions) == [(staff_id, local(MONDAY, 8), local(MONDAY, 17))]
    with sessions() as session:
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "duty.shift_added")).one()


def test_a_night_shift_ends_on_the_next_day_and_can_be_repeated(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    manager.get("/duty/?kind=night")
    assert manager.page.one("input", id="begin").attributes["value"] == "17:00"

    manager.submit("/shifts", staff_id=str(staff_id), day=str(MONDAY), days="2")

    next_day = timedelta(days=1)
    assert shifts(sessions) == [
        (staff_id, local(MONDAY, 17), local(MONDAY + next_day, 8)),
        (staff_id, local(MONDAY + next_day, 17), local(MONDAY + 2 * next_day, 8)),
    ]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"day": "2020-01-01"}, "这个时间已经过去了。"),
        ({"day": "2099-02-30"}, "日期或时间不对。"),
        ({"begin": "25:00"}, "日期或时间不对。"),
        ({"end": ""}, "请填写。"),
        ({"last_day": MONDAY - timedelta(days=1)}, "结束要晚于开始。"),
        ({"last_day": MONDAY + timedelta(days=8)}, "一班最长七天。"),
        ({"days": "0"}, "数字太小了。"),
        ({"days": "x"}, "请填数字。"),
        ({"staff_id": "x"}, "请填数字。"),
    ],
)
def test_times_that_make_no_sense_are_refused_in_words(
    manager: Visitor, sessions: Sessions, values: dict[str, object], error: str
) -> None:
    staff_id = add(sessions, "甲")
    manager.get("/duty/")

    page = manager.submit("/shifts", status=422, **new(**{"staff_id": staff_id} | values))

    assert [wrong.text for wrong in page.all("p", class_="error")] == [error]
    assert shifts(sessions) == []


def test_nobody_has_two_shifts_at_once(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    shift(sessions, staff_id, local(MONDAY, 12), local(MONDAY, 20))
    manager.get("/duty/")

    page = manager.submit("/shifts", **new(staff_id=staff_id))

    assert told(page) == "甲 这段时间已经排了班，没有改动。"
    assert len(shifts(sessions)) == 1


def test_of_several_days_all_are_added_or_none(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    third = MONDAY + timedelta(days=2)
    shift(sessions, staff_id, local(third, 8), local(third, 17))
    manager.get("/duty/")

    manager.submit("/shifts", **new(staff_id=staff_id, days=5))

    assert len(shifts(sessions)) == 1


def test_a_shift_that_is_sent_twice_is_one_and_told_the_same(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    manager.get("/duty/")
    once = manager.form("/shifts").one("input", name="once").attributes["value"]
    manager.submit("/shifts", **new(staff_id=staff_id))

    page = manager.post("/duty/shifts", **new(staff_id=staff_id, once=once))

    assert told(page) == "已经排上。"
    assert len(shifts(sessions)) == 1


def test_who_cannot_be_rung_gets_no_shift(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", active=False)

    page = manager.post("/duty/shifts", **new(staff_id=staff_id))

    assert told(page) == "这位同事没有电话或者已经停用，不能值班。没有改动。"
    manager.post("/duty/shifts", 422, **new(staff_id=9999))
    assert shifts(sessions) == []


def test_a_shift_is_given_to_somebody_else_on_another_day(manager: Visitor, sessions: Sessions) -> None:
    first, second = add(sessions, "甲", duty_rank=1), add(sessions, "乙")
    number = shift(sessions, first, local(MONDAY, 8), local(MONDAY, 17))
    tuesday = MONDAY + timedelta(days=1)
    manager.get(f"/duty/shifts/{number}")

    page = manager.submit(f"/shifts/{number}", staff_id=str(second), day=str(tuesday), last_day=str(tuesday))

    assert told(page) == "已经改好。"
    assert shifts(sessions) == [(second, local(tuesday, 8), local(tuesday, 17))]


def test_of_two_who_change_a_shift_at_once_the_second_is_told(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    number = shift(sessions, staff_id, local(MONDAY, 8), local(MONDAY, 17))
    for visitor in (manager, admin):
        visitor.get(f"/duty/shifts/{number}")
    manager.submit(f"/shifts/{number}", begin="09:00")

    assert told(admin.submit(f"/shifts/{number}", begin="10:00")) == "这一班刚才已经被改过或者取消了，没有改动。"
    admin.post(f"/duty/shifts/{number}/remove")
    assert shifts(sessions) == [(staff_id, local(MONDAY, 9), local(MONDAY, 17))]


def test_what_would_leave_nobody_on_duty_is_refused_in_clear_words(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲")
    now = datetime.now(UTC)
    shift(sessions, staff_id, now - timedelta(hours=1), local(MONDAY, 8))
    number = shift(sessions, staff_id, local(MONDAY, 8), local(MONDAY, 17))
    shift(sessions, staff_id, local(MONDAY, 17), now + timedelta(days=20))
    before = shifts(sessions)
    where = f"{MONDAY.month}月{MONDAY.day}日 周一"
    manager.get(f"/duty/shifts/{number}")

    page = manager.submit("/remove")
    assert told(page) == f"这样一来，{where} 08:00 到 17:00 没有人值班。没有改动，请先排上别人。"

    manager.get(f"/duty/shifts/{number}")
    page = manager.submit(f"/shifts/{number}", begin="10:00")
    assert told(page) == f"这样一来，{where} 08:00 到 10:00 没有人值班。没有改动，请先排上别人。"
    assert shifts(sessions) == before


def test_a_shift_that_somebody_else_covers_is_taken_off(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    number = shift(sessions, staff_id, local(MONDAY, 8), local(MONDAY, 17))
    manager.get(f"/duty/shifts/{number}")

    assert told(manager.submit("/remove")) == "已经取消这一班。"
    assert shifts(sessions) == []


def test_a_shift_that_is_over_stays_as_it_was(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    now = datetime.now(UTC)
    number = shift(sessions, staff_id, now - timedelta(hours=9), now - timedelta(hours=1))

    assert manager.get(f"/duty/shifts/{number}").one("main").all("form") == []
    assert told(manager.post(f"/duty/shifts/{number}/remove")) == "已经过去的班不能改。"
    assert len(shifts(sessions)) == 1


def test_a_shift_that_is_not_there_says_so(manager: Visitor) -> None:
    manager.get("/duty/shifts/77", 404)
    assert told(manager.post("/duty/shifts/77/remove")) == "这一班刚才已经被改过或者取消了，没有改动。"


@pytest.fixture
def two_on_one_night(sessions: Sessions) -> list[int]:
    """Two cover the same night, and nobody else does; their shifts there."""
    now = datetime.now(UTC)
    first = add(sessions, "甲")
    shift(sessions, first, now - timedelta(hours=1), local(MONDAY, 17))
    shift(sessions, first, local(MONDAY, 20), now + timedelta(days=20))
    return [shift(sessions, add(sessions, name), local(MONDAY, 17), local(MONDAY, 20)) for name in ("乙", "丙")]


class TestOnBothDatabases:
    @pytest.fixture
    def sqlite_url(self, database_url: str) -> str:
        """The console's records are in each of the two."""
        return database_url

    def test_two_who_take_away_the_last_two_at_once_leave_one(
        self, app: Flask, manager: Visitor, admin: Visitor, sessions: Sessions, two_on_one_night: list[int]
    ) -> None:
        barrier = Barrier(2)

        def remove(visitor: Visitor, number: int, token: str) -> None:
            barrier.wait()
            visitor.open(f"/duty/shifts/{number}/remove", "POST", data={"csrf_token": token})

        visitors = zip((manager, admin), two_on_one_night, strict=True)
        threads = [Thread(target=remove, args=(one, number, one.token())) for one, number in visitors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        now = datetime.now(UTC)
        with sessions() as session:
            assert duty.gaps(session, now, now + duty.AHEAD) == []
        assert len(shifts(sessions)) == 3


# --- The standing order


def test_the_standing_order_is_changed_step_by_step(manager: Visitor, sessions: Sessions) -> None:
    numbers = {name: add(sessions, name, duty_rank=rank) for rank, name in enumerate("甲乙丙", 4)}
    manager.get("/duty/")

    page = manager.submit(f"/order/{numbers['丙']}", button="上移")
    assert told(page) == "值班顺序已经改好。"
    assert order(sessions) == ["甲", "丙", "乙"]

    manager.submit(f"/order/{numbers['甲']}", button="下移")
    assert order(sessions) == ["丙", "甲", "乙"]
    manager.submit(f"/order/{numbers['丙']}", button="移出")
    assert order(sessions) == ["甲", "乙"]
    manager.submit(f"/order/{numbers['丙']}", button="加入顺序")
    assert order(sessions) == ["甲", "乙", "丙"]


def test_the_last_one_does_not_leave_the_order_as_long_as_nobody_else_is_there(
    manager: Visitor, sessions: Sessions
) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    manager.get("/duty/")

    page = manager.submit(f"/order/{staff_id}", button="移出")

    assert told(page).startswith("这样一来，")
    assert order(sessions) == ["甲"]


def test_of_two_who_change_the_order_at_once_the_second_looks_again(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    numbers = [add(sessions, name, duty_rank=rank) for rank, name in enumerate("甲乙", 1)]
    for visitor in (manager, admin):
        visitor.get("/duty/")
    manager.submit(f"/order/{numbers[1]}", button="上移")

    page = admin.submit(f"/order/{numbers[1]}", button="上移")

    assert told(page) == "刚才有人改过值班顺序，没有改动。请看一看再改。"
    assert order(sessions) == ["乙", "甲"]


def test_who_cannot_be_rung_does_not_join_the_order(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", phone=None)

    page = manager.post(f"/duty/order/{staff_id}", move="in", seen="")

    assert told(page).startswith("这位同事没有电话")
    manager.post(f"/duty/order/{staff_id}", 422, move="sideways")
    manager.post("/duty/order/999", 404, move="in")


def test_a_colleague_gets_a_telephone_and_may_then_be_on_duty(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", phone=None)
    manager.get(f"/duty/staff/{staff_id}")

    page = manager.submit(f"/staff/{staff_id}", status=422, phone="110-x")
    assert page.one("p", class_="error").text == "这不是一个电话号码。"

    page = manager.submit(f"/staff/{staff_id}", phone="13812345678")
    assert told(page) == "已经改好。"
    with sessions() as session:
        assert session.get_one(Staff, staff_id).phone == "+8613812345678"
    assert "甲" in page.one("select", id="staff_id").text


def test_the_last_one_keeps_the_telephone(manager: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    for values in ({"phone": ""}, {"active": ""}):
        manager.get(f"/duty/staff/{staff_id}")
        page = manager.submit(f"/staff/{staff_id}", status=422, **values)
        assert page.one("p", role="alert").text.startswith("这样一来，")

    with sessions() as session:
        kept = session.get_one(Staff, staff_id)
    assert (kept.active, kept.duty_rank, kept.phone is not None) == (True, 1, True)


def test_who_is_switched_off_leaves_the_order(manager: Visitor, sessions: Sessions) -> None:
    add(sessions, "甲", duty_rank=1)
    staff_id = add(sessions, "乙", duty_rank=2)
    manager.get(f"/duty/staff/{staff_id}")
    manager.submit(f"/staff/{staff_id}", active="")

    assert order(sessions) == ["甲"]


def test_an_officer_looks_and_changes_nothing(officer: Visitor, sessions: Sessions) -> None:
    staff_id = add(sessions, "甲", duty_rank=1)
    number = shift(sessions, staff_id, local(MONDAY, 8), local(MONDAY, 17))

    assert officer.get("/duty/").one("main").all("form") == []
    officer.get(f"/duty/shifts/{number}", 403)
    officer.post(f"/duty/shifts/{number}/remove", 403)
    officer.post("/duty/shifts", 403, **new(staff_id=staff_id))
    assert len(shifts(sessions)) == 1
