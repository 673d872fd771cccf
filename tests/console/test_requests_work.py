"""Help requests, worked on by officers at the page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records import console
from care_records.models import Escalation, HelpRequest, HelpRequestEvent, Staff
from care_records.models.accounts import Role
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus, Urgency
from tests.care_records.builders import NOW, make_officer, make_person, make_request
from tests.console.conftest import PASSWORD, MakeApp
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").one("p", role="status").text


def opened(sessions: Sessions, **values: object) -> str:
    """A request in the records; its number."""
    with sessions.begin() as session:
        request = make_request(**values)
        session.add(request)
        return request.number


def the(sessions: Sessions, number: str) -> HelpRequest:
    with sessions() as session:
        return session.scalars(select(HelpRequest).where(HelpRequest.number == number)).one()


def events(sessions: Sessions, number: str) -> list[tuple[str, str]]:
    with sessions() as session:
        query = select(HelpRequestEvent).join(HelpRequest).where(HelpRequest.number == number)
        return [(event.kind, event.note) for event in session.scalars(query.order_by(HelpRequestEvent.id))]


def test_whoever_takes_a_request_is_its_owner(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")

    page = officer.submit("/take")

    assert told(page) == "您已经接手。"
    assert (the(sessions, number).taken_by, the(sessions, number).status) == ("值班员officer", RequestStatus.TAKEN)


def test_of_two_who_take_a_request_at_once_one_wins_and_the_other_is_told_who(
    officer: Visitor, manager: Visitor, sessions: Sessions
) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    manager.get(f"/requests/{number}")

    officer.submit("/take")
    page = manager.submit("/take")

    assert told(page) == "值班员officer已经接手了，没有改动。"
    assert the(sessions, number).taken_by == "值班员officer"


def test_a_request_goes_all_the_way_and_comes_back(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    officer.submit("/take")
    officer.submit("/resolve", result="修好了")
    assert the(sessions, number).status is RequestStatus.RESOLVED

    officer.submit("/follow-up", satisfaction="4", said="很好")
    assert (the(sessions, number).status, the(sessions, number).satisfaction) == (RequestStatus.CLOSED, 4)

    page = officer.submit("/reopen", why="又坏了")
    assert the(sessions, number).status is RequestStatus.OPEN
    told = [item.text for item in page.one("ol", class_="history").all("strong")]
    assert told == ["接了手", "办结", "回访", "重新打开"]


def test_a_request_is_handed_to_somebody_else(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    with sessions.begin() as session:
        other = make_officer(name="值班员乙")
        session.add(other)
        session.flush()
        other_id = other.id
    officer.get(f"/requests/{number}")

    officer.submit("/assign", staff_id=str(other_id))

    assert (the(sessions, number).taken_by, the(sessions, number).assignee_id) == ("值班员乙", other_id)
    assert ("assigned", "值班员乙") in events(sessions, number)


def test_who_hands_on_what_somebody_has_taken_meanwhile_is_told_who(
    officer: Visitor, manager: Visitor, sessions: Sessions
) -> None:
    number = opened(sessions)
    with sessions.begin() as session:
        session.add(make_officer(name="值班员乙"))
    manager.get(f"/requests/{number}")
    officer.get(f"/requests/{number}")
    officer.submit("/take")

    option = next(one for one in manager.form("/assign").all("option") if one.text == "值班员乙")
    page = manager.submit("/assign", staff_id=option.attributes["value"])

    assert told(page) == "值班员officer已经接手了，没有改动。"


def test_what_is_still_being_rung_for_is_taken_before_it_is_handed_on(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions, urgency=Urgency.RED)
    with sessions.begin() as session:
        request = session.scalars(select(HelpRequest)).one()
        session.add(Escalation(request_id=request.id, state=EscalationState.RINGING, created_at=NOW))
        staff_id = session.scalars(select(Staff.id)).first()
    page = officer.get(f"/requests/{number}")
    assert told(page) == "还没有人接手，正在打电话找人。"

    page = officer.post(f"/requests/{number}/assign", staff_id=str(staff_id))

    assert page.one("main").one("p", class_="look").text == "还在打电话找人。请先接手，再转交。"
    assert the(sessions, number).status is RequestStatus.OPEN


def test_a_step_that_comes_too_late_changes_nothing_and_says_so(
    officer: Visitor, manager: Visitor, sessions: Sessions
) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    manager.get(f"/requests/{number}")
    officer.submit("/resolve", result="办好了")

    page = manager.submit("/resolve", result="我来办")

    assert told(page) == "这张工单现在是“等着回访”，没有改动。"
    assert the(sessions, number).result == "办好了"


def test_a_note_that_is_sent_twice_is_kept_once(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    once = officer.form("/note").one("input", name="once").attributes["value"]

    officer.submit("/note", note="打过电话")
    page = officer.post(f"/requests/{number}/note", note="打过电话", once=once)

    assert told(page) == "备注已经保存。"
    assert events(sessions, number) == [("note", "打过电话")]


def test_a_save_that_broke_off_can_be_sent_again(
    officer: Visitor, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    once = officer.form("/note").one("input", name="once").attributes["value"]

    def breaks(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("care_records.services.requests.note", breaks)
        with pytest.raises(ConnectionError):
            officer.submit("/note", note="打过电话")
    assert events(sessions, number) == []

    officer.post(f"/requests/{number}/note", note="打过电话", once=once)
    assert events(sessions, number) == [("note", "打过电话")]


def test_a_note_of_ten_thousand_characters_is_kept_whole(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")
    long = "长\r\n" * 3333 + "完"

    officer.submit("/note", note=long)

    ((_, kept),) = events(sessions, number)
    assert kept == long.replace("\r\n", "\n")


def test_a_note_that_is_too_long_comes_back_as_it_was_typed(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")

    page = officer.submit("/note", status=422, note="长" * 10_001)

    assert page.one("p", class_="error").text == "太长了。"
    assert page.one("textarea", id="note").text == "长" * 10_001
    assert events(sessions, number) == []


def test_an_empty_note_is_asked_for(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)
    officer.get(f"/requests/{number}")

    page = officer.submit("/note", status=422, note="  ")

    assert page.one("p", class_="error").text == "请填写。"


def test_rare_characters_and_pasted_html_are_shown_as_they_were_typed(officer: Visitor, sessions: Sessions) -> None:
    text = "𠮷㛃<script>alert(1)</script>&amp;\x00"
    number = opened(sessions, person=make_person(name="王𠮷㛃"), matter="<b>粗</b>")
    officer.get(f"/requests/{number}")

    page = officer.submit("/note", note=text)

    assert text.rstrip("\x00") in page.one("ol", class_="history").text
    assert page.one("p", class_="matter").text == "<b>粗</b>"
    assert "王𠮷㛃" in page.one("h1").text


def test_calling_back_rings_whoever_asks_once_and_says_so_in_the_history(
    make_app: MakeApp, make_account: Callable[[str, Role], int], sessions: Sessions
) -> None:
    rung: list[tuple[int, int]] = []
    visitor = signed_in(make_app(console.Line(call_back=lambda *who: rung.append(who) is None)), make_account)
    number = opened(sessions, phone="+8651200001234")
    visitor.get(f"/requests/{number}")
    once = visitor.form("/call-back").one("input", name="once").attributes["value"]

    visitor.submit("/call-back")
    visitor.post(f"/requests/{number}/call-back", once=once)

    with sessions() as session:
        staff_id = session.scalars(select(Staff.id)).one()
    assert rung == [(the(sessions, number).id, staff_id)]
    assert events(sessions, number) == [("note", "从网页回电。")]


def test_a_call_back_that_could_not_be_placed_shows_the_number(
    make_app: MakeApp, make_account: Callable[[str, Role], int], sessions: Sessions
) -> None:
    visitor = signed_in(make_app(console.Line(call_back=lambda *_: False)), make_account)
    number = opened(sessions, phone="+8651200001234")
    visitor.get(f"/requests/{number}")

    page = visitor.submit("/call-back")

    assert told(page) == "没有拨出去。请直接拨打页面上的号码。"
    assert page.one("a", href="tel:+8651200001234")
    assert [note for _, note in events(sessions, number)] == ["从网页回电。", "回电没有拨出去。"]


def test_without_a_line_that_calls_back_there_is_the_number_to_dial(officer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions, person=make_person(phone="+8651200004321"))

    page = officer.get(f"/requests/{number}")

    assert page.one("a", class_="phone").text == "拨 +8651200004321"
    assert [form for form in page.all("form") if form.attributes["action"].endswith("/call-back")] == []


def test_a_viewer_is_shown_a_request_and_no_way_to_change_it(viewer: Visitor, sessions: Sessions) -> None:
    number = opened(sessions)

    page = viewer.get(f"/requests/{number}")

    assert page.one("main").all("form") == []
    for step in ("take", "assign", "note", "call-back", "resolve", "follow-up", "reopen"):
        viewer.post(f"/requests/{number}/{step}", status=403)


def test_times_stand_beside_their_targets(officer: Visitor, sessions: Sessions) -> None:
    number = opened(
        sessions,
        urgency=Urgency.ORANGE,
        status=RequestStatus.RESOLVED,
        due_at=NOW + timedelta(minutes=15),
        resolved_at=NOW + timedelta(minutes=40),
        follow_up_due=NOW.date() + timedelta(days=1),
    )
    with sessions.begin() as session:
        request = session.scalars(select(HelpRequest)).one()
        at = NOW + timedelta(seconds=40)
        session.add(HelpRequestEvent(request_id=request.id, at=at, kind="taken", note=""))

    facts = officer.get(f"/requests/{number}").one("section", aria_label="时限")

    assert [badge.text for badge in facts.all("span", class_="badge")][:2] == ["按时", "晚了"]


def test_a_request_that_is_not_there_is_said_not_to_be(officer: Visitor) -> None:
    officer.get("/requests/20990101-001", status=404)
    officer.post("/requests/20990101-001/take", status=404)


def signed_in(app: Flask, make_account: Callable[[str, Role], int]) -> Visitor:
    make_account("somebody", Role.OFFICER)
    visitor = Visitor(app)
    visitor.sign_in("somebody", PASSWORD)
    return visitor
