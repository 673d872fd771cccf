"""The login and the first page, in a real headless browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line, Tile
from care_records.models import CallTurn, Escalation, EscalationStep, HelpRequest, Pause
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.escalations import EscalationState, StepKind
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import requests
from tests.care_records.builders import make_call, make_check_in, make_officer, make_person, make_request
from tests.console.browser import (
    SCREENS,
    TELEPHONE,
    OpenPage,
    SitDown,
    address,
    barriers,
    browser,
    open_page,
    picture,
    sit_down,
    smallest_text,
    spoken,
    sticks_out,
)
from tests.console.conftest import ZONE, MakeApp

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser

LANGUAGES = ("zh", "en")
TILES = (Tile("line", True), Tile("speech", True), Tile("provider", False, "连不上：超时"), Tile("journal", True))


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(Line(health=lambda: TILES))


def alarm(session: Session, name: str, minutes: int = 2) -> HelpRequest:
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    person = make_person(name=name, address="王庄社区 3 幢 201 室", phone="+8651252881234")
    request = make_request(
        person=person,
        phone=person.phone,
        urgency=Urgency.RED,
        category="unwell",
        created_at=at,
        matter="胸口闷，喘不上气",
    )
    session.add(request)
    session.flush()
    return request


@pytest.fixture
def busy_day(sessions: sessionmaker[Session]) -> None:
    """Something of everything that the first page shows."""
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    with sessions.begin() as session:
        officer = make_officer(name="王值班")
        session.add(officer)
        session.flush()
        rung = Escalation(request=alarm(session, "张示例"), state=EscalationState.RINGING, created_at=now)
        rung.chain.append(
            EscalationStep(alarm=1, position=0, kind=StepKind.OFFICER, name="王值班", phone="+8651252880000")
        )
        session.add(rung)
        taken = alarm(session, "李示例", 30)
        session.add(Escalation(request=taken, created_at=now))
        session.flush()
        requests.take(session, taken, officer, now, resolve_after=timedelta(hours=1))
        outcomes = [None] * 12 + [CheckInOutcome.FINE] * 22 + [CheckInOutcome.RELATIVE, CheckInOutcome.CONCERN]
        for number, outcome in enumerate([*outcomes, CheckInOutcome.UNREACHED, CheckInOutcome.SILENT]):
            ended = CheckInState.DONE if outcome is CheckInOutcome.FINE else CheckInState.FOLLOW_UP
            state = CheckInState.PLANNED if outcome is None else ended
            person = make_person(name=f"示例{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}")
            session.add(make_check_in(person=person, day=today, due_at=now, state=state, outcome=outcome))
        away = make_person(name="赵示例")
        session.add(away)
        session.flush()
        session.add(Pause(person_id=away.id, first_day=today, last_day=today + timedelta(days=3), created_at=now))
        session.add(make_request(due_at=now - timedelta(hours=5), person=make_person(name="钱示例")))
        session.add(make_request(status=RequestStatus.RESOLVED, follow_up_due=today, urgency=Urgency.NORMAL))
        call = make_call(person=make_person(name="孙示例"), started_at=now - timedelta(seconds=50))
        said = [{"key": "menu", "text": "身体难受、有急事，请按1。"}]
        call.turns.append(CallTurn(number=1, said=said, answer="utterance", heard="我要修水管", at=now, took_ms=900))
        session.add(call)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_login_can_be_read_and_used_by_everybody(open_page: OpenPage, screen: str, language: str) -> None:
    page = open_page(SCREENS[screen], "/console/accounts/login")
    if language == "en":
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Sign in")
    picture(page, f"login-{screen}-{language}")

    assert barriers(page) == []
    assert not sticks_out(page)
    assert smallest_text(page) >= 16


@pytest.mark.usefixtures("busy_day")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_today_can_be_read_and_used_by_everybody(sit_down: SitDown, screen: str, language: str) -> None:
    page = sit_down(Role.OFFICER, size=SCREENS[screen], language=language)
    expect(page.locator("[data-alarm]")).to_have_count(1)
    picture(page, f"today-{screen}-{language}")

    assert barriers(page) == []
    assert not sticks_out(page)
    assert smallest_text(page) >= 16


def test_a_new_alarm_appears_by_itself_and_sounds_until_it_is_muted(
    sit_down: SitDown, sessions: sessionmaker[Session]
) -> None:
    page = sit_down(Role.OFFICER)
    expect(page.locator("#alarms")).to_contain_text("现在没有紧急求助")
    sound = page.locator("#sound")
    expect(sound).to_have_text("警报声：开")

    with sessions.begin() as session:
        first = alarm(session, "张示例", minutes=0)
        requests.note(session, first, "menu_urgent", at=first.created_at, kind="opened")
    expect(page.locator("[data-alarm]")).to_contain_text("张示例")
    expect(page).to_have_title("(1) 今天 · 彩虹桥关爱热线")
    expect(sound).to_have_attribute("data-sounded", "1")

    sound.click()
    expect(sound).to_have_text("警报声：已静音")
    with sessions.begin() as session:
        second = alarm(session, "李示例", minutes=0)
        requests.note(session, second, "menu_urgent", at=second.created_at, kind="opened")
    expect(page.locator("[data-alarm]")).to_have_count(2)
    expect(sound).to_have_text("警报声：开")


def test_the_timer_of_an_alarm_runs(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        alarm(session, "张示例", minutes=2)
    page = sit_down(Role.VIEWER)
    timer = page.locator(".case .timer")
    shown = timer.inner_text()

    assert shown.startswith("02:")
    expect(timer).not_to_have_text(shown)


def test_an_officer_takes_an_alarm_from_the_first_page(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        number = alarm(session, "张示例").number
    page = sit_down(Role.OFFICER)
    page.get_by_role("button", name="接手").click()
    page.wait_for_url(f"**/{number}")

    with sessions() as session:
        assert session.scalars(select(HelpRequest.taken_by)).one() == "值班员officer"


def test_a_call_is_followed_turn_by_turn(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    page = sit_down(Role.VIEWER)
    expect(page.locator("#calls")).to_contain_text("现在没有人在打电话")
    now = datetime.now(UTC)
    with sessions.begin() as session:
        call = make_call(person=make_person(name="孙示例"), started_at=now)
        session.add(call)
    expect(page.locator("#calls")).to_contain_text("孙示例")

    with sessions.begin() as session:
        call = session.merge(call)
        said = [{"key": "menu", "text": "请讲。"}]
        session.add(
            CallTurn(call_id=call.id, number=1, said=said, answer="utterance", heard="我要修水管", at=now, took_ms=9)
        )
        call.turn_number = 2
    expect(page.locator("#calls")).to_contain_text("我要修水管")


def test_a_page_that_gets_no_news_says_so(sit_down: SitDown) -> None:
    page = sit_down(Role.VIEWER)
    expect(page.locator("#stale")).to_be_hidden()
    page.route("**/console/today/**", lambda route: route.fulfill(status=503))
    page.wait_for_function(
        "() => { document.body.dispatchEvent(new Event('requests')); return !document.querySelector('#stale').hidden }",
        polling=500,
    )
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#alarms")).to_contain_text("现在没有紧急求助")

    page.unroute("**/console/today/**")
    page.evaluate("document.body.dispatchEvent(new Event('requests'))")
    expect(page.locator("#stale")).to_be_hidden()


def test_whoever_is_signed_out_elsewhere_is_sent_to_the_login(
    sit_down: SitDown, sessions: sessionmaker[Session], make_account: Callable[..., int]
) -> None:
    page = sit_down(Role.VIEWER)
    sign_out(page)
    page.evaluate("document.body.dispatchEvent(new Event('requests'))")
    expect(page.locator("h1")).to_have_text("登录")


def sign_out(page: Page) -> None:
    """In another window of the same browser."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="退出").click()
    expect(other.locator("h1")).to_have_text("登录")
    other.close()


def test_everything_is_reached_with_the_keyboard(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        alarm(session, "张示例")
    page = sit_down(Role.OFFICER)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))

    assert {"跳到正文", "English", "退出", "今天", "账户", "接手", "打电话"} <= reached


def test_the_page_works_at_twice_the_size(sit_down: SitDown) -> None:
    """A browser that is set to 200 % has half as many pixels."""
    page = sit_down(Role.VIEWER, size=(640, 430))

    assert not sticks_out(page)


def test_the_first_page_fits_a_telephone(sit_down: SitDown) -> None:
    page = sit_down(Role.VIEWER, size=TELEPHONE)
    navigation = page.locator("nav.subjects a")

    boxes = [navigation.nth(index).bounding_box() for index in range(9)]
    assert all(box and box["height"] >= 44 and box["x"] + box["width"] <= TELEPHONE[0] for box in boxes)
