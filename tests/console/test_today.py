"""The first page: what needs somebody now."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line, Tile
from care_records.console.assets import FOLDER
from care_records.console.today.board import BoardState, state_of
from care_records.models import Call, CallTurn, CheckIn, Escalation, EscalationStep, HelpRequest, Pause, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import requests
from tests.care_records.builders import NOW, make_call, make_check_in, make_officer, make_person, make_request
from tests.console.conftest import MakeApp
from tests.console.visitor import Element, Visitor

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_ten() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def add(sessions: sessionmaker[Session], *rows: object) -> None:
    with sessions.begin() as session:
        session.add_all(rows)


def alarm(name: str, urgency: Urgency = Urgency.RED, minutes: int = 1, **values: object) -> HelpRequest:
    at = NOW - timedelta(minutes=minutes)
    return make_request(person=make_person(name=name), urgency=urgency, category="fell", created_at=at, **values)


def names(page: Element, **attributes: str) -> list[str]:
    return [case.one("strong").text for case in page.all("li", class_="case", **attributes)]


def board(page: Element) -> dict[str, str]:
    """What the board says, by state."""
    return {state.attributes["class"].split()[-1]: state.text for state in page.all("details", class_="state")}


# --- The red queue


def test_the_gravest_and_oldest_alarm_that_nobody_has_comes_first(
    viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    officer = make_officer()
    add(sessions, alarm("新红", minutes=1), alarm("老橙", Urgency.ORANGE, 90), alarm("老红", minutes=9), officer)
    with sessions.begin() as session:
        taken = alarm("已接", minutes=99)
        session.add(taken)
        session.flush()
        requests.take(session, taken, session.get_one(Staff, officer.id), NOW, resolve_after=timedelta(hours=1))

    assert names(viewer.get("/today/alarms")) == ["老红", "新红", "老橙", "已接"]
    assert [case.all("time")[0].attributes["data-timer"] for case in viewer.page.all("li", class_="case")] == ["up"] * 4


def test_what_is_resolved_or_not_urgent_is_no_alarm(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    add(sessions, alarm("黄", Urgency.YELLOW), alarm("办了", status=RequestStatus.RESOLVED), make_request())

    assert viewer.get("/today/alarms").one("p", class_="nothing").text == "现在没有紧急求助。"


def test_an_alarm_sounds_until_somebody_has_taken_it(
    officer: Visitor, viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    add(sessions, alarm("张示例"))
    assert viewer.get("/today/alarms").one("li", data_alarm="1")

    officer.get("/")
    officer.submit("/take")
    page = viewer.get("/today/alarms")
    assert page.all("li", data_alarm="1") == []
    assert "值班员officer 已接手" in page.text


def test_an_alarm_says_who_is_being_rung(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    escalation = Escalation(request=alarm("张示例"), state=EscalationState.RINGING, position=1, created_at=NOW)
    for position, name in enumerate(("甲", "乙")):
        kind = StepKind.OFFICER
        escalation.chain.append(EscalationStep(alarm=1, position=position, kind=kind, name=name, phone="+8651"))
    add(sessions, escalation)

    assert "正在打给 乙" in viewer.get("/today/alarms").text


def test_an_alarm_that_was_taken_says_when_it_rings_again(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    officer = make_officer(name="王值班")
    escalation = Escalation(request=alarm("张示例"), created_at=NOW)
    add(sessions, escalation, officer)
    with sessions.begin() as session:
        request, staff = session.get_one(HelpRequest, escalation.request_id), session.get_one(Staff, officer.id)
        requests.take(session, request, staff, NOW, resolve_after=timedelta(hours=1))

    assert "王值班 已接手 · 没办结的话 11:00 再响" in viewer.get("/today/alarms").text


def test_a_viewer_sees_alarms_and_cannot_take_them(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    add(sessions, alarm("张示例"))

    page = viewer.get("/")
    assert names(page) == ["张示例"]
    assert [form for form in page.all("form") if form.attributes["action"].endswith("/take")] == []


def test_markup_in_what_somebody_said_is_shown_as_it_is(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    add(sessions, alarm("<script>alert(1)</script>𠮷", matter="<b>" * 4000))

    page = viewer.get("/")
    assert names(page) == ["<script>alert(1)</script>𠮷"]
    assert len(page.one("p", class_="long").text) <= 121


# --- The board


def case(state: CheckInState, outcome: CheckInOutcome | None = None, tries: int = 0) -> CheckIn:
    return make_check_in(state=state, outcome=outcome, tries=tries)


@pytest.mark.parametrize(
    ("check_in", "state"),
    [
        (case(CheckInState.PLANNED), BoardState.UNCALLED),
        (case(CheckInState.CALLING, tries=1), BoardState.UNCALLED),
        (case(CheckInState.WAITING, tries=1), BoardState.UNREACHED),
        (case(CheckInState.CALLING, tries=2), BoardState.UNREACHED),
        (case(CheckInState.WAITING, CheckInOutcome.UNREACHED, 1), BoardState.UNREACHED),
        (case(CheckInState.DONE, CheckInOutcome.FINE, 1), BoardState.FINE),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.RELATIVE, 1), BoardState.RELATIVE),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.SILENT, 1), BoardState.SILENT),
        (case(CheckInState.DONE, CheckInOutcome.SILENT, 1), BoardState.SILENT),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.UNREACHED, 3), BoardState.UNREACHED),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.NOT_CALLED), BoardState.UNREACHED),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.CONCERN, 1), BoardState.FOLLOW_UP),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.UNCLEAR, 1), BoardState.FOLLOW_UP),
        (case(CheckInState.FOLLOW_UP, CheckInOutcome.REFUSED, 1), BoardState.FOLLOW_UP),
        (case(CheckInState.DONE), BoardState.FOLLOW_UP),
        (case(CheckInState.WITHDRAWN), BoardState.PAUSED),
    ],
)
def test_every_check_in_stands_in_one_of_the_seven_states(check_in: CheckIn, state: BoardState) -> None:
    assert state_of(check_in) is state


def test_the_board_names_who_is_in_which_state_and_what_comes_next(
    viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    later = {"due_at": NOW + timedelta(minutes=5), "next_at": NOW + timedelta(minutes=20)}
    add(
        sessions,
        make_check_in(person=make_person(name="未打甲"), **later),
        make_check_in(person=make_person(name="正打甲"), state=CheckInState.CALLING, tries=1),
        make_check_in(person=make_person(name="未接甲"), state=CheckInState.WAITING, tries=1, **later),
        make_check_in(
            person=make_person(name="静默甲"),
            state=CheckInState.DONE,
            outcome=CheckInOutcome.SILENT,
            taken_by="王值班",
        ),
        make_check_in(person=make_person(name="昨天甲"), day=TODAY - timedelta(days=1)),
        make_check_in(person=make_person(name="加打甲"), occasion="round-1"),
    )

    assert board(viewer.get("/today/board")) == {
        "silent": "1 静默 静默甲 王值班 已接手",
        "follow_up": "0 需跟进 没有人",
        "unreached": "1 未接 未接甲 10:20 再打",
        "relative": "0 代答 没有人",
        "uncalled": "2 未打 正打甲 正在打，第1次 未打甲 10:05",
        "paused": "0 暂停 没有人",
        "fine": "0 平安 没有人",
    }


def test_whoever_is_paused_stands_on_the_board_once(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    away, planned = make_person(name="赵示例"), make_person(name="钱示例")
    add(sessions, away, planned)
    for person in (away, planned):
        days = {"first_day": TODAY - timedelta(days=1), "last_day": TODAY + timedelta(days=2)}
        add(sessions, Pause(person_id=person.id, created_at=NOW, **days))
    add(sessions, make_check_in(person_id=planned.id, state=CheckInState.WITHDRAWN, taken_by="王值班"))
    over = make_person()
    add(sessions, over)
    add(sessions, Pause(person_id=over.id, first_day=TODAY, last_day=TODAY, created_at=NOW))

    paused = board(viewer.get("/today/board"))["paused"]
    assert paused.startswith("3 暂停")
    assert "钱示例 到 11月25日 周三" in paused
    assert "赵示例 到 11月25日 周三" in paused


def test_the_day_is_the_offices_day(
    viewer: Visitor, sessions: sessionmaker[Session], at_ten: time_machine.Traveller
) -> None:
    add(sessions, make_check_in(day=TODAY + timedelta(days=1)))
    at_ten.move_to(datetime.fromisoformat("2026-11-23T15:59:00+00:00"))
    assert viewer.open("/today/board").status_code == 302
    viewer.sign_in("viewer", "apples-and-7-pears")
    assert viewer.get("/today/board").one("p", class_="nothing").text == "今天没有安排问候。"

    at_ten.move_to(datetime.fromisoformat("2026-11-23T16:00:00+00:00"))
    assert board(viewer.get("/today/board"))["uncalled"].startswith("1 未打")


# --- What is overdue


def test_what_is_overdue_is_listed_with_how_late_it_is(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    add(
        sessions,
        make_request(number="20261120-001", due_at=NOW - timedelta(hours=3), person=make_person(name="迟甲")),
        make_request(number="20261120-002", due_at=NOW - timedelta(days=3), status=RequestStatus.TAKEN),
        make_request(due_at=NOW + timedelta(minutes=1)),
        make_request(due_at=NOW - timedelta(days=1), status=RequestStatus.CLOSED),
        alarm("红", due_at=NOW - timedelta(hours=1)),
    )
    rows = [row.text for row in viewer.get("/today/overdue").one("ul").all("li")]

    assert rows == ["20261120-002 不知道是谁 修东西 过了3天", "20261120-001 迟甲 修东西 过了3小时"]


def test_follow_up_calls_that_are_due_are_counted(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    for day in (TODAY, TODAY - timedelta(days=4), TODAY + timedelta(days=1)):
        add(sessions, make_request(status=RequestStatus.RESOLVED, follow_up_due=day))

    assert "要回访 2 件" in viewer.get("/today/overdue").text


def test_more_than_a_page_holds_are_counted(viewer: Visitor, sessions: sessionmaker[Session]) -> None:
    add(sessions, *(make_request(due_at=NOW - timedelta(hours=number)) for number in range(1, 61)))

    assert "一共 60 件。" in viewer.get("/today/overdue").text


# --- Calls that are going on


def talking(call: Call, *heard: str) -> Call:
    for number, text in enumerate(heard, 1):
        said = [{"key": "ask", "text": f"第{number}问。"}]
        call.turns.append(CallTurn(number=number, said=said, answer="utterance", heard=text, at=NOW, took_ms=900))
    return call


def test_a_call_that_is_going_on_shows_the_last_things_that_were_said(
    viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    add(
        sessions,
        talking(make_call(person=make_person(name="孙示例"), started_at=NOW), "一", "二", "三", "四"),
        make_call(started_at=NOW - timedelta(minutes=3), from_number=None),
        make_call(person=make_person(name="完了"), ended_at=NOW),
        make_call(person=make_person(name="忘了"), started_at=NOW - timedelta(hours=5)),
    )
    calls = [call.text for call in viewer.get("/today/calls").all("li", class_="going")]

    assert len(calls) == 2
    assert "热线 第2问。 对方 二 热线 第3问。 对方 三 热线 第4问。 对方 四" in calls[0]
    assert "对方 一" not in calls[0]
    assert "号码没有显示" in calls[1]


# --- The rest


def test_the_page_shows_how_the_parts_of_the_line_are(make_app: MakeApp, viewer: Visitor) -> None:
    tiles = (Tile("speech", True), Tile("broker", False, "连不上"), Tile("other", True))
    visitor = Visitor(make_app(Line(health=lambda: tiles)))
    visitor.sign_in("viewer", "apples-and-7-pears")

    shown = [tile.text for tile in visitor.get("/today/health").all("li", class_="tile")]
    assert shown == ["语音识别 正常", "任务队列 有问题 连不上", "other 正常"]


def test_an_empty_database_has_a_first_page(viewer: Visitor) -> None:
    said = {element.text for element in viewer.get("/").all("p", class_="nothing")}

    assert said == {"现在没有紧急求助。", "今天没有安排问候。", "现在没有人在打电话。", "没有过期的工单。"}


def test_each_part_of_the_page_fetches_itself_anew_and_is_the_same_then(
    viewer: Visitor, sessions: sessionmaker[Session]
) -> None:
    add(sessions, alarm("张示例"), make_check_in(), talking(make_call(), "喂"), make_request(due_at=NOW))
    parts = [part for part in viewer.get("/").all("div") if "hx-get" in part.attributes]

    assert [part.attributes["id"] for part in parts] == ["alarms", "board", "calls", "overdue", "health"]
    for part in parts:
        fetched = viewer.get(part.attributes["hx-get"])
        assert fetched.text == part.text
        assert "html" not in {element.tag for element in fetched.all()}


def test_the_first_page_is_light(viewer: Visitor, app: Flask) -> None:
    page = viewer.get("/")
    files = [
        element.attributes[name] for name in ("href", "src") for element in page.all() if name in element.attributes
    ]
    names = {file.partition("?")[0].removeprefix("/console/static/") for file in files if "/static/" in file}
    answer = viewer.response

    assert answer
    assert len(names) >= 6
    assert len(answer.data) + sum((FOLDER / name).stat().st_size for name in names) < 300_000
