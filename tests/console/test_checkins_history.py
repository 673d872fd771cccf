"""A person's wellbeing calls: the calendar, the answers over time, pauses, the plan."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line
from care_records.console.checkins import chart
from care_records.console.checkins.data import Answer
from care_records.models import AuditEvent, CheckIn, CheckInAnswer, Pause, Person
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import CheckInPlan
from tests.care_records.builders import make_call, make_check_in, make_person
from tests.console.conftest import PASSWORD, ZONE, MakeApp
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]


def today() -> date:
    return datetime.now(UTC).astimezone(ZONE).date()


@pytest.fixture
def person_id(sessions: Sessions) -> int:
    """Somebody who has agreed to be called."""
    with sessions.begin() as session:
        person = make_person(name="欧阳𠮷<i>", consent_calls=True)
        session.add(person)
        session.flush()
        return person.id


def check_in(sessions: Sessions, person_id: int, day: date, **values: object) -> int:
    at = datetime.combine(day, time(9), ZONE).astimezone(UTC)
    with sessions.begin() as session:
        row = make_check_in(person_id=person_id, day=day, due_at=at, **values)
        session.add(row)
        session.flush()
        return row.id


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").all("p", role="status")[0].text


def errors(page: Element) -> list[str]:
    return [error.text for error in page.all("p", class_="error")]


def pauses(sessions: Sessions) -> list[Pause]:
    with sessions() as session:
        return list(session.scalars(select(Pause).order_by(Pause.id)))


# --- What is shown


def test_somebody_without_any_check_in_has_an_empty_calendar(viewer: Visitor, person_id: int) -> None:
    page = viewer.get(f"/checkins/people/{person_id}")

    assert page.one("h1").text == "欧阳𠮷<i>"
    assert page.one("table", class_="calendar").all("a") == []
    assert page.one("p", class_="nothing").text == "这些日子没有回答。"


def test_the_board_of_the_day_leads_to_the_person(viewer: Visitor, person_id: int) -> None:
    viewer.get(f"/checkins/?person={person_id}")

    assert viewer.path == f"/console/checkins/people/{person_id}"


def test_the_calendar_shows_each_day_of_its_month(viewer: Visitor, sessions: Sessions, person_id: int) -> None:
    fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE}
    inside = check_in(sessions, person_id, date(2026, 2, 28), **fine)
    check_in(sessions, person_id, date(2026, 3, 1), **fine)

    page = viewer.get(f"/checkins/people/{person_id}?month=2026-02")

    (link,) = page.one("table", class_="calendar").all("a")
    assert link.attributes["href"].endswith(f"/checkins/{inside}")
    assert link.one("span", class_="name").text == "平安"
    assert page.one("h2", id="month").text == "2026年2月"


def test_a_paused_day_is_marked(viewer: Visitor, sessions: Sessions, person_id: int) -> None:
    days = {"first_day": date(2026, 2, 10), "last_day": date(2026, 2, 12)}
    with sessions.begin() as session:
        session.add(Pause(person_id=person_id, created_at=datetime.now(UTC), **days))

    page = viewer.get(f"/checkins/people/{person_id}?month=2026-02")

    assert [cell.text for cell in page.all("td", class_="paused")] == ["10 – 暂停", "11 – 暂停", "12 – 暂停"]


@pytest.mark.parametrize("month", ["2026-13", "x", "9999-12", "1999-12"])
def test_a_month_that_makes_no_sense_shows_this_one(viewer: Visitor, person_id: int, month: str) -> None:
    page = viewer.get(f"/checkins/people/{person_id}?month={month}")

    assert page.one("h2", id="month").text == f"{today().year}年{today().month}月"


@pytest.mark.parametrize("month", ["2000-01", "2100-12"])
def test_the_calendar_ends_where_days_are_no_longer_thinkable(viewer: Visitor, person_id: int, month: str) -> None:
    page = viewer.get(f"/checkins/people/{person_id}?month={month}")

    assert len([link for link in page.all("a") if link.text in ("上个月", "下个月")]) == 1


def test_answers_are_drawn_and_what_was_not_fine_is_listed(viewer: Visitor, sessions: Sessions, person_id: int) -> None:
    day = today() - timedelta(days=1)
    check_in_id = check_in(sessions, person_id, day, state=CheckInState.DONE, outcome=CheckInOutcome.FINE)
    with sessions.begin() as session:
        call = make_call()
        session.add(call)
        session.flush()
        for question, answer in (("health", "fine"), ("falls", "not_fine")):
            said = {"question": question, "answer": answer, "heard": "摔了<script>"}
            session.add(CheckInAnswer(check_in_id=check_in_id, call_id=call.id, at=datetime.now(UTC), **said))

    page = viewer.get(f"/checkins/people/{person_id}")

    drawing = page.one("svg", class_="answers")
    assert drawing.attributes["aria-label"] == "十二周里的回答，共2个，其中不好的1个"
    assert [len(drawing.all("circle")), len(drawing.all("path"))] == [1, 1]
    (listed,) = [item.text for item in page.all("li") if "摔了" in item.text]
    assert listed.endswith("摔跤：摔了 “摔了<script>”")


def test_of_two_answers_on_one_day_the_worse_is_drawn() -> None:
    day = date(2026, 11, 23)
    said = [Answer(day, 1, question, answer, "person", None, "1") for question, answer in (
        ("health", "fine"), ("health", "not_fine"), ("health", "fine"), ("meals", "fine"))]  # fmt: skip

    drawn = chart.draw(said, day)

    assert [(mark.answer.question, mark.fine) for mark in drawn.marks] == [("health", False), ("meals", True)]
    assert drawn.marks[0].x == drawn.marks[1].x < drawn.width
    assert drawn.marks[0].y < drawn.marks[1].y < drawn.height


def test_what_a_relative_says_counts_as_the_health() -> None:
    (mark,) = chart.draw(
        [Answer(date(2026, 11, 23), 1, "relative", "fine", "relative", None, "1")], date(2026, 11, 29)
    ).marks

    assert mark.y == dict(chart.draw([], date(2026, 11, 29)).rows)["health"]


def test_twelve_weeks_are_drawn_and_nothing_before() -> None:
    last = date(2026, 11, 25)
    first = chart.begin(last)
    said = [Answer(day, 1, "health", "fine", "person", None, "1") for day in (first - timedelta(days=1), first, last)]

    drawn = chart.draw(said, last)

    assert first.weekday() == 0
    assert [mark.answer.day for mark in drawn.marks] == [first, last]
    assert len(drawn.weeks) == 12


def test_who_looked_at_whose_check_ins_is_on_the_trail(viewer: Visitor, sessions: Sessions, person_id: int) -> None:
    viewer.get(f"/checkins/people/{person_id}")

    with sessions() as session:
        used = session.scalars(select(AuditEvent).where(AuditEvent.action == "check_ins.read")).one()
        assert (used.subject_kind, used.subject_id) == ("person", person_id)


def test_somebody_who_is_not_there_is_told_so(officer: Visitor) -> None:
    officer.get("/checkins/people/77", 404)
    officer.post("/checkins/people/77/pauses", 404, first_day="2099-01-01", last_day="2099-01-02", reason="住院")


# --- Pauses


def test_a_pause_ends_by_itself_and_takes_back_what_was_planned(
    officer: Visitor, sessions: Sessions, person_id: int
) -> None:
    check_in_id = check_in(sessions, person_id, today())
    last = today() + timedelta(days=7)
    officer.get(f"/checkins/people/{person_id}")

    page = officer.submit("/pauses", last_day=last.isoformat(), reason="住院<b>")

    assert told(page) == f"已经暂停，{last}以后照常打电话。"
    (pause,) = pauses(sessions)
    assert (pause.first_day, pause.last_day, pause.reason) == (today(), last, "住院<b>")
    assert "今天在暂停中，不打。" in page.text
    assert page.all("b", class_="") == []
    with sessions() as session:
        assert session.get_one(CheckIn, check_in_id).state is CheckInState.WITHDRAWN


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"first_day": "2099-02-02", "last_day": "2099-02-01"}, "最后一天不能早于第一天。"),
        ({"first_day": "2020-02-01", "last_day": "2020-02-02"}, "这些日子已经过去了。"),
        ({"first_day": "2090-02-01", "last_day": "2099-02-02"}, "一次最多暂停一年。"),
        ({"first_day": "2099-02-30", "last_day": "2099-03-02"}, "日期或时间不对。"),
        ({"first_day": "2099-02-01", "last_day": ""}, "请填写。"),
        ({"first_day": "2099-02-01", "last_day": "9999-12-31"}, "日期或时间不对。"),
        ({"first_day": "2099-02-01", "last_day": "2099-02-02", "reason": "\n \t"}, "请填写。"),
    ],
)
def test_days_that_make_no_sense_are_refused_in_words(
    officer: Visitor, sessions: Sessions, person_id: int, values: dict[str, str], error: str
) -> None:
    officer.get(f"/checkins/people/{person_id}")

    page = officer.submit("/pauses", status=422, **{"reason": "住院"} | values)

    assert errors(page) == [error]
    assert page.one("input", id="first_day").attributes["value"] == values["first_day"]
    assert pauses(sessions) == []


def test_a_pause_that_is_sent_twice_is_one(officer: Visitor, sessions: Sessions, person_id: int) -> None:
    officer.get(f"/checkins/people/{person_id}")
    once = officer.form("/pauses").one("input", name="once").attributes["value"]
    values = {"first_day": str(today()), "last_day": str(today()), "reason": "住院", "once": once}
    officer.submit("/pauses", **values)
    officer.post(f"/checkins/people/{person_id}/pauses", **values)

    assert len(pauses(sessions)) == 1


def test_somebody_is_back_early(officer: Visitor, manager: Visitor, sessions: Sessions, person_id: int) -> None:
    for visitor in (officer, manager):
        visitor.get(f"/checkins/people/{person_id}")
    officer.submit("/pauses", last_day=str(today() + timedelta(days=7)), reason="住院")
    manager.get(f"/checkins/people/{person_id}")

    assert told(officer.submit("/end")) == "暂停已经结束，明天起照常打电话。"
    assert told(manager.submit("/end")) == "这次暂停早已结束，没有改动。"
    assert [pause.last_day for pause in pauses(sessions)] == [today()]


def test_a_pause_that_has_not_begun_is_taken_back(officer: Visitor, sessions: Sessions, person_id: int) -> None:
    first, last = today() + timedelta(days=3), today() + timedelta(days=7)
    officer.get(f"/checkins/people/{person_id}")
    officer.submit("/pauses", first_day=str(first), last_day=str(last), reason="旅行")
    officer.submit("/end")

    assert pauses(sessions) == []


# --- The plan


def plan_of(sessions: Sessions, person_id: int) -> tuple[CheckInPlan | None, time | None]:
    with sessions() as session:
        person = session.get_one(Person, person_id)
        return person.check_in_plan, person.check_in_slot


def test_a_manager_changes_how_often_and_when_somebody_is_called(
    manager: Visitor, sessions: Sessions, person_id: int
) -> None:
    manager.get(f"/checkins/people/{person_id}")
    manager.submit("/plan", plan="3x", slot="09:15")
    assert plan_of(sessions, person_id) == (CheckInPlan.THRICE_WEEKLY, time(9, 15))

    page = manager.submit("/plan", plan="", slot="")
    assert told(page) == "安排已经改好，明天起照新的打。"
    assert plan_of(sessions, person_id) == (None, None)


@pytest.mark.parametrize("slot", ["11:00", "12:30", "17:00", "25:00", "x"])
def test_a_time_at_which_nobody_is_called_is_refused(
    manager: Visitor, sessions: Sessions, person_id: int, slot: str
) -> None:
    manager.get(f"/checkins/people/{person_id}")

    page = manager.submit("/plan", status=422, plan="daily", slot=slot)

    assert len(errors(page)) == 1
    assert plan_of(sessions, person_id) == (None, None)


def test_of_two_who_change_the_plan_at_once_the_second_looks_again(
    manager: Visitor, admin: Visitor, sessions: Sessions, person_id: int
) -> None:
    for visitor in (manager, admin):
        visitor.get(f"/checkins/people/{person_id}")
    manager.submit("/plan", plan="none")

    page = admin.submit("/plan", plan="daily")

    assert told(page) == "刚才有人改过安排，没有改动。请看一看再改。"
    assert plan_of(sessions, person_id) == (CheckInPlan.NONE, None)


def test_a_plan_that_is_sent_twice_is_changed_once_and_told_the_same(
    manager: Visitor, sessions: Sessions, person_id: int
) -> None:
    manager.get(f"/checkins/people/{person_id}")
    manager.submit("/plan", plan="weekly")
    page = manager.post(f"/checkins/people/{person_id}/plan", plan="weekly", seen="/")

    assert told(page) == "安排已经改好，明天起照新的打。"
    with sessions() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "check_ins.plan_changed")).all()) == 1


def test_an_officer_sees_the_plan_and_cannot_change_it(officer: Visitor, person_id: int) -> None:
    page = officer.get(f"/checkins/people/{person_id}")

    assert "按年龄：满90岁每天打" in page.text
    officer.post(f"/checkins/people/{person_id}/plan", 403, plan="none")


# --- Calling now


@pytest.fixture
def rung() -> list[int]:
    """The check-ins that the line was asked to ring for now."""
    return []


@pytest.fixture
def ringer(make_app: MakeApp, rung: list[int], make_account: Callable[..., int]) -> Visitor:
    """An officer at a console whose line rings at once."""

    def ring(check_in_id: int) -> bool:
        rung.append(check_in_id)
        return True

    make_account("ringer", Role.OFFICER)
    visitor = Visitor(make_app(Line(call_now=ring)))
    visitor.sign_in("ringer", PASSWORD)
    return visitor


def test_whoever_has_no_check_in_today_gets_one_and_is_rung(
    ringer: Visitor, rung: list[int], sessions: Sessions, person_id: int
) -> None:
    ringer.get(f"/checkins/people/{person_id}")

    page = ringer.submit("/call")

    assert told(page) == "马上就打。"
    with sessions() as session:
        made = session.scalars(select(CheckIn)).one()
    assert (made.day, made.occasion, [made.id]) == (today(), "daily", rung)


def test_whoever_was_asked_already_is_not_rung_again(
    ringer: Visitor, rung: list[int], sessions: Sessions, person_id: int
) -> None:
    ringer.get(f"/checkins/people/{person_id}")
    check_in(sessions, person_id, today(), state=CheckInState.DONE, outcome=CheckInOutcome.FINE)

    page = ringer.submit("/call")

    assert told(page) == "今天不能再打：没有同意接电话、已经问候过，或者正在打。"
    assert rung == []


def test_nobody_is_rung_who_has_not_agreed(ringer: Visitor, rung: list[int], sessions: Sessions) -> None:
    with sessions.begin() as session:
        person = make_person(consent_calls=None)
        session.add(person)
        session.flush()
        person_id = person.id

    page = ringer.get(f"/checkins/people/{person_id}")
    assert "没有同意接问候电话，所以不打。" in page.text
    assert "现在打" not in page.text

    ringer.post(f"/checkins/people/{person_id}/call")
    assert rung == []
