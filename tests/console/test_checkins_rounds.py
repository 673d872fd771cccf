"""Extra rounds at the page: started, watched, stopped."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckIn, Pause, Round
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import Category, CheckInPlan
from tests.care_records.builders import make_check_in, make_community, make_person
from tests.console.conftest import ZONE
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]
WORDS = {"name": "高温问候", "opening": "今天气温很高，请您少出门。"}


def tomorrow() -> date:
    return datetime.now(UTC).astimezone(ZONE).date() + timedelta(days=1)


@pytest.fixture
def five(sessions: Sessions) -> None:
    """Five people, of whom two may be called."""
    at = datetime.now(UTC)
    with sessions.begin() as session:
        away = make_person(consent_calls=True)
        session.add_all(
            [
                make_person(consent_calls=True, lives_alone=True, birth_date=date(1930, 1, 1)),
                make_person(consent_calls=True, category=Category.TUIXIU),
                make_person(consent_calls=True, check_in_plan=CheckInPlan.NONE),
                make_person(consent_calls=None),
                away,
            ]
        )
        session.flush()
        session.add(Pause(person_id=away.id, first_day=tomorrow(), last_day=tomorrow(), created_at=at))


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").all("p", role="status")[0].text


def filled(**values: str) -> dict[str, str]:
    return {**WORDS, "day": str(tomorrow()), "at": "09:00"} | values


def rounds(sessions: Sessions) -> list[Round]:
    with sessions() as session:
        return list(session.scalars(select(Round).order_by(Round.id)))


def ask(manager: Visitor, **values: str) -> Element:
    manager.get("/checkins/rounds/new")
    return manager.submit("/rounds/", **filled(**values))


def test_without_any_round_the_list_says_so(viewer: Visitor) -> None:
    page = viewer.get("/checkins/rounds/")

    assert page.one("p", class_="nothing").text.startswith("还没有加打过。")
    assert [link for link in page.all("a") if link.text == "加打一轮"] == []


@pytest.mark.usefixtures("five")
def test_it_is_told_how_many_people_before_anything_begins(manager: Visitor, sessions: Sessions) -> None:
    page = ask(manager)

    assert page.one("p", id="reach").text == "这一组有 5 人，其中 2 人可以打（同意接电话，没有暂停）。"
    assert rounds(sessions) == []


@pytest.mark.usefixtures("five")
def test_a_round_starts_once_its_number_is_agreed_to(manager: Visitor, sessions: Sessions) -> None:
    ask(manager, lives_alone="true", min_age="90")

    page = manager.submit("/rounds/", button="打给这 1 人")

    assert told(page) == "这一轮已经安排好了。"
    (made,) = rounds(sessions)
    assert (made.name, made.opening) == ("高温问候", "今天气温很高，请您少出门。")
    assert made.group == {"min_age": 90, "lives_alone": True}
    assert made.starts_at == datetime(tomorrow().year, tomorrow().month, tomorrow().day, 9, tzinfo=ZONE)
    assert "值班员manager" in page.text


@pytest.mark.usefixtures("five")
def test_whoever_changes_the_group_agrees_anew(manager: Visitor, sessions: Sessions) -> None:
    ask(manager, lives_alone="true")

    page = manager.submit("/rounds/", button="打给这 1 人", lives_alone="")

    assert "其中 2 人可以打" in page.one("p", id="reach").text
    assert rounds(sessions) == []


@pytest.mark.usefixtures("five")
def test_a_round_that_is_sent_twice_is_one(manager: Visitor, sessions: Sessions) -> None:
    ask(manager)
    once = manager.form("/rounds/").one("input", name="once").attributes["value"]
    manager.submit("/rounds/", button="打给这 2 人")
    shown = manager.path

    manager.post("/checkins/rounds/", **filled(count="2", once=once))

    assert manager.path == shown
    assert len(rounds(sessions)) == 1


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": ""}, "请填写。"),
        ({"opening": "<b>多喝水</b>"}, "这句话要念出来，不能有“<”或“>”。"),
        ({"opening": "水" * 61}, "太长了。"),
        ({"day": "2020-01-01"}, "这个时刻已经过去了。"),
        ({"day": "2099-01-01"}, "最多提前三个月安排。"),
        ({"day": "2026-02-30"}, "日期或时间不对。"),
        ({"at": "25:00"}, "日期或时间不对。"),
        ({"min_age": "-1"}, "数字太小了。"),
        ({"min_age": "90", "max_age": "80"}, "最大年龄不能小于最小年龄。"),
        ({"category": "purple"}, "请从列出的里面选。"),
        ({"community_id": "9" * 30}, "数字太大了。"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    manager: Visitor, sessions: Sessions, values: dict[str, str], error: str
) -> None:
    manager.get("/checkins/rounds/new")

    page = manager.submit("/rounds/", status=422, **filled(**values))

    assert [wrong.text for wrong in page.all("p", class_="error")] == [error]
    assert rounds(sessions) == []


@pytest.mark.usefixtures("five")
def test_a_group_with_nobody_to_call_is_refused(manager: Visitor, sessions: Sessions) -> None:
    manager.get("/checkins/rounds/new")

    page = manager.submit("/rounds/", status=422, **filled(min_age="120"))

    assert page.one("p", role="alert").text == "这一组里没有可以打的人。"
    assert rounds(sessions) == []


def begun(sessions: Sessions) -> int:
    """A round with one call to make and one that ended fine; its id."""
    at = datetime.now(UTC)
    with sessions.begin() as session:
        community = make_community(name="王庄社区")
        session.add(community)
        session.flush()
        group = {"community_id": community.id, "min_age": 80}
        round_ = Round(name="<b>高温</b>㛃", opening="多喝水。", group=group, starts_at=at, created_at=at)
        session.add(round_)
        session.flush()
        values = {"round_id": round_.id, "occasion": f"round-{round_.id}", "day": at.astimezone(ZONE).date()}
        session.add(make_check_in(**values))
        session.add(make_check_in(**values, state=CheckInState.DONE, outcome=CheckInOutcome.FINE))
        return round_.id


def test_a_round_is_watched(viewer: Visitor, sessions: Sessions) -> None:
    round_id = begun(sessions)

    page = viewer.get(f"/checkins/rounds/{round_id}")

    assert page.one("h1").text == "<b>高温</b>㛃"
    assert page.one("span", class_="number").text == "1 / 2"
    assert "80岁以上 王庄社区" in page.text
    assert [link.text for link in page.one("nav", class_="tabs").all("a")] == ["全部 2", "未打 1", "平安 1"]
    narrowed = viewer.get(f"/checkins/rounds/{round_id}?state=fine")
    assert len(narrowed.one("tbody").all("tr")) == 1
    assert page.all("form", action=f"/console/checkins/rounds/{round_id}/stop") == []


def test_a_round_that_is_stopped_calls_nobody_else_and_is_stopped_once(
    manager: Visitor, admin: Visitor, sessions: Sessions
) -> None:
    round_id = begun(sessions)
    for visitor in (manager, admin):
        visitor.get(f"/checkins/rounds/{round_id}")

    assert told(manager.submit("/stop")) == "已经停止，不再打新的电话。"
    page = admin.submit("/stop")

    assert told(page) == "这一轮早已停止，没有改动。"
    assert "值班员manager" in page.text
    with sessions() as session:
        states = set(session.scalars(select(CheckIn.state)))
    assert states == {CheckInState.WITHDRAWN, CheckInState.DONE}


def test_the_list_tells_how_far_each_round_has_got(viewer: Visitor, sessions: Sessions) -> None:
    begun(sessions)

    (row,) = viewer.get("/checkins/rounds/").one("tbody").all("tr")

    assert [cell.text for cell in row.all("td")][2::2] == ["1 / 2", "进行中"]


def test_an_officer_watches_and_cannot_start_or_stop(officer: Visitor, sessions: Sessions) -> None:
    round_id = begun(sessions)

    officer.get("/checkins/rounds/new", 403)
    officer.post(f"/checkins/rounds/{round_id}/stop", 403)
    assert rounds(sessions)[0].stopped_at is None
