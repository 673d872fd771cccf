"""The day's check-ins, and one of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line
from care_records.console.checkins import data, words
from care_records.console.today.board import BoardState, state_of
from care_records.models import AuditEvent, CheckIn, CheckInAnswer, OutboundCall, Pause
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import Urgency
from tests.care_records.builders import make_call, make_check_in, make_officer, make_person, make_request
from tests.console.conftest import PASSWORD, ZONE, MakeApp
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]


def today() -> dict[str, object]:
    """What makes a check-in one of today."""
    now = datetime.now(UTC)
    return {"day": now.astimezone(ZONE).date(), "due_at": now}


def add(sessions: Sessions, **values: object) -> int:
    """A check-in of today in the records; its id."""
    with sessions.begin() as session:
        check_in = make_check_in(**today() | values)
        session.add(check_in)
        session.flush()
        return check_in.id


def the(sessions: Sessions, check_in_id: int) -> CheckIn:
    with sessions() as session:
        return session.get_one(CheckIn, check_in_id)


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").all("p", role="status")[0].text


def test_without_any_check_in_the_day_says_so(viewer: Visitor) -> None:
    assert viewer.get("/checkins/").one("p", class_="nothing").text == "这一天没有安排问候。"
    assert viewer.get("/checkins/?day=2099-01-01").one("p", class_="nothing").text == "这一天还没有安排，当天早上安排。"


def test_the_day_shows_everybody_with_state_and_reason(viewer: Visitor, sessions: Sessions) -> None:
    add(sessions, person=make_person(name="张㛃"))
    fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE, "tries": 1}
    add(sessions, person=make_person(name="欧阳𠮷"), **fine)
    case = {"state": CheckInState.FOLLOW_UP, "outcome": CheckInOutcome.SILENT, "request": make_request(number="n-1")}
    add(sessions, person=make_person(name="李示例"), **case)

    rows = [[cell.text for cell in row.all("td")] for row in viewer.get("/checkins/").one("tbody").all("tr")]

    assert {row[1]: (row[2], row[5]) for row in rows} == {
        "张㛃": ("未打", ""), "欧阳𠮷": ("平安", ""), "李示例": ("静默", "n-1")
    }  # fmt: skip
    assert rows[1][4] == "本人说平安"


def test_a_state_narrows_the_day_down_and_keeps_its_day(viewer: Visitor, sessions: Sessions) -> None:
    add(sessions, person=make_person(name="张示例"))
    add(sessions, person=make_person(name="李示例"), state=CheckInState.DONE, outcome=CheckInOutcome.FINE)

    page = viewer.get("/checkins/")
    link = next(link for link in page.all("nav", class_="tabs")[0].all("a") if link.text == "平安 1")
    page = viewer.get(link.attributes["href"])

    assert "李示例" in page.one("tbody").text
    assert "张示例" not in page.one("tbody").text
    assert f"day={today()['day']}" in link.attributes["href"]


def test_the_records_and_the_pages_agree_on_the_state_of_every_check_in(sessions: Sessions) -> None:
    outcomes = (None, *CheckInOutcome)
    for state, outcome, tries in product(CheckInState, outcomes, (0, 1, 2)):
        if state in (CheckInState.DONE, CheckInState.WITHDRAWN):
            add(sessions, state=state, outcome=outcome, tries=tries, taken_by="甲")
        else:
            add(sessions, state=state, outcome=outcome, tries=tries)

    with sessions() as session:
        rows = session.execute(select(CheckIn, data.SHOWN)).all()
        counted = data.counts(session, day=today()["day"])  # type: ignore[arg-type]

    assert [shown for _, shown in rows] == [state_of(check_in).value for check_in, _ in rows]
    assert sum(counted.values()) == len(rows) == len(CheckInState) * len(outcomes) * 3


@pytest.mark.parametrize("query", ["day=2026-13-01", "day=x", "day=9999-12-31", "day=0001-01-01", "state=purple"])
def test_a_day_that_makes_no_sense_shows_today(viewer: Visitor, sessions: Sessions, query: str) -> None:
    add(sessions, person=make_person(name="张示例"))

    assert "张示例" in viewer.get(f"/checkins/?{query}").one("tbody").text


def test_whoever_is_paused_stands_below_with_the_end(viewer: Visitor, sessions: Sessions) -> None:
    day = datetime.now(UTC).astimezone(ZONE).date()
    with sessions.begin() as session:
        person = make_person(name="赵示例")
        session.add(person)
        session.flush()
        for days in (1, 4):
            last = day + timedelta(days=days)
            session.add(
                Pause(person_id=person.id, first_day=day, last_day=last, reason="住院", created_at=datetime.now(UTC))
            )

    (entry,) = viewer.get("/checkins/").all("ul", class_="stack")[0].all("li")

    assert entry.text.startswith("赵示例 到 ")
    assert entry.text.endswith("· 住院")


def test_a_long_day_goes_on_over_pages(viewer: Visitor, sessions: Sessions) -> None:
    for index in range(51):
        add(sessions, due_at=datetime.now(UTC) + timedelta(seconds=index), person=make_person(name=f"示例{index:02d}"))

    page = viewer.get("/checkins/")
    rest = viewer.get(page.one("a", rel="next").attributes["href"])

    assert [row.all("td")[1].text for row in rest.one("tbody").all("tr")] == ["示例50"]


# --- One check-in


def test_a_check_in_tells_try_by_try_how_it_went(viewer: Visitor, sessions: Sessions) -> None:
    values = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE, "tries": 2, "flag": Urgency.YELLOW}
    check_in_id = add(sessions, **values)
    at = datetime.now(UTC)
    with sessions.begin() as session:
        call = make_call(sid="CA1", purpose="check_in", outcome="fine")
        session.add(call)
        for number, result in ((1, "no_answer"), (2, "fine")):
            session.add(
                OutboundCall(
                    check_in_id=check_in_id, number=number, to_number="+8651200001234", due_at=at, sent_at=at,
                    state=OutboundCallState.ENDED, ended_at=at, result=result, sid="CA1" if number == 2 else None,
                )
            )  # fmt: skip
        session.flush()
        said = {"call_id": call.id, "question": "meals", "answer": "not_fine", "heard": "<b>吃不下</b>"}
        session.add(CheckInAnswer(check_in_id=check_in_id, flag=Urgency.YELLOW, at=at, **said))

    page = viewer.get(f"/checkins/{check_in_id}")

    first, second = page.one("ol", class_="tries").all("li")
    assert "第1次" in first.text
    assert "没有人接" in first.text
    assert "平安" in second.text
    assert second.one("a").text == "这次通话"
    assert "“<b>吃不下</b>”" in page.text
    assert page.all("b") == []


def test_what_the_person_said_when_they_rang_themselves_is_there(viewer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions, state=CheckInState.DONE, outcome=CheckInOutcome.FINE)
    with sessions.begin() as session:
        call = make_call(purpose="inbound")
        session.add(call)
        session.flush()
        said = {"question": "health", "answer": "fine", "key": "1", "at": datetime.now(UTC)}
        session.add(CheckInAnswer(check_in_id=check_in_id, call_id=call.id, **said))

    page = viewer.get(f"/checkins/{check_in_id}")

    assert "本人打来" in page.one("ol", class_="tries").text
    assert "按了 1" in page.text


def test_a_check_in_that_is_not_there_says_so(officer: Visitor) -> None:
    assert officer.get("/checkins/99", 404).one("h1").text == "没有这一页"
    officer.post("/checkins/99/seen", 404, staff_id="1", how="上门看过")


# --- Seen by hand


def test_whoever_was_seen_by_hand_is_not_called(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions, state=CheckInState.WAITING, tries=1)
    with sessions.begin() as session:
        session.add(make_officer(name="王小𠮷"))
    officer.get(f"/checkins/{check_in_id}")
    option = next(one for one in officer.form("/seen").all("option") if one.text == "王小𠮷")

    page = officer.submit("/seen", staff_id=option.attributes["value"], how="上门看过，\n精神很好。")

    assert told(page) == "已经记下：上门看过， 精神很好。"
    found = the(sessions, check_in_id)
    assert (found.state, found.taken_by, found.reason, found.next_at) == (
        CheckInState.WITHDRAWN, "王小𠮷", "上门看过， 精神很好。", None
    )  # fmt: skip
    with sessions() as session:
        used = select(AuditEvent).where(AuditEvent.action == "check_in.seen")
        assert session.scalars(used).one().subject_id == check_in_id


def test_somebody_signed_in_is_proposed_as_who_saw_them(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")
    officer.submit("/seen", how="在活动室见到")

    assert the(sessions, check_in_id).taken_by == "值班员officer"


def test_without_how_nothing_is_noted_and_the_form_says_so(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")

    page = officer.submit("/seen", status=422, how="  ")

    assert page.one("p", class_="error").text == "请填写。"
    assert the(sessions, check_in_id).state is CheckInState.PLANNED


def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")

    page = officer.submit("/seen", status=422, how="好" * 10_000)

    assert page.one("p", class_="error").text == "太长了。"
    assert page.one("input", id="how").attributes["value"] == "好" * 10_000


def test_of_two_who_note_it_at_once_the_second_is_told(officer: Visitor, manager: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")
    manager.get(f"/checkins/{check_in_id}")
    officer.submit("/seen", how="上门看过")

    page = manager.submit("/seen", how="电话里说好")

    assert told(page) == "这次问候已经结束，没有改动。"
    assert the(sessions, check_in_id).reason == "上门看过"


def test_the_same_form_sent_twice_is_noted_once_and_told_the_same(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")
    token = officer.form("/seen").one("input", name="once").attributes["value"]
    officer.submit("/seen", how="上门看过")
    staff_id = str(the(sessions, check_in_id).taken_by_id)

    page = officer.post(f"/checkins/{check_in_id}/seen", once=token, how="上门看过", staff_id=staff_id)

    assert told(page) == "已经记下：上门看过。"
    with sessions() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "check_in.seen")).all()) == 1


def test_what_has_become_a_case_is_taken_as_a_case(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    officer.get(f"/checkins/{check_in_id}")
    with sessions.begin() as session:
        check_in = session.get_one(CheckIn, check_in_id)
        check_in.state, check_in.request = CheckInState.FOLLOW_UP, make_request(number="n-1")
        check_in.outcome = CheckInOutcome.SILENT

    page = officer.submit("/seen", how="上门看过")

    assert told(page) == "已经成了工单 n-1，请在工单里接手。"
    assert page.all("input", name="how") == []


def test_nobody_is_named_who_does_not_work_here(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)
    with sessions.begin() as session:
        gone = make_officer(active=False)
        session.add(gone)
        session.flush()
        gone_id = gone.id

    officer.post(f"/checkins/{check_in_id}/seen", 422, staff_id=str(gone_id), how="上门看过")
    officer.post(f"/checkins/{check_in_id}/seen", 422, staff_id="9" * 30, how="上门看过")

    assert the(sessions, check_in_id).state is CheckInState.PLANNED


def test_a_viewer_sees_everything_and_is_offered_nothing(viewer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)

    assert viewer.get(f"/checkins/{check_in_id}").one("main").all("form") == []
    viewer.post(f"/checkins/{check_in_id}/seen", 403, staff_id="1", how="上门看过")


# --- Calling now


@pytest.fixture
def rung() -> list[int]:
    """The check-ins that the line was asked to ring for now."""
    return []


@pytest.fixture
def ringing(make_app: MakeApp, rung: list[int], make_account: Callable[..., int]) -> Callable[[bool], Visitor]:
    """An officer at a console whose line rings at once, or says that it cannot."""

    def visitor(can: bool) -> Visitor:
        app: Flask = make_app(Line(call_now=lambda id_: rung.append(id_) or can))  # type: ignore[func-returns-value]
        make_account("ringer", Role.OFFICER)
        signed_in = Visitor(app)
        signed_in.sign_in("ringer", PASSWORD)
        return signed_in

    return visitor


def test_without_a_line_that_rings_nothing_is_offered(officer: Visitor, sessions: Sessions) -> None:
    check_in_id = add(sessions)

    assert "现在打" not in officer.get(f"/checkins/{check_in_id}").text
    officer.post(f"/checkins/{check_in_id}/call", 404)


def test_a_call_is_made_now_and_once(ringing: Callable[[bool], Visitor], rung: list[int], sessions: Sessions) -> None:
    check_in_id = add(sessions)
    visitor = ringing(True)
    visitor.get(f"/checkins/{check_in_id}")
    token = visitor.form("/call").one("input", name="once").attributes["value"]

    assert told(visitor.submit("/call")) == "马上就打。"
    visitor.post(f"/checkins/{check_in_id}/call", once=token)

    assert rung == [check_in_id]


def test_a_call_that_cannot_be_made_now_is_told(ringing: Callable[[bool], Visitor], sessions: Sessions) -> None:
    check_in_id = add(sessions)
    visitor = ringing(False)
    visitor.get(f"/checkins/{check_in_id}")

    assert told(visitor.submit("/call")) == "现在没法打：不在问候时间里，或者是午休时间。"


def test_nobody_is_rung_who_is_being_rung(
    ringing: Callable[[bool], Visitor], rung: list[int], sessions: Sessions
) -> None:
    check_in_id = add(sessions, state=CheckInState.CALLING, tries=1)
    visitor = ringing(True)

    assert told(visitor.post(f"/checkins/{check_in_id}/call")) == "正在打，请等这一次打完。"
    assert rung == []


def test_every_state_has_a_sign_of_its_own() -> None:
    assert len(set(words.GLYPHS.values())) == len(BoardState)
