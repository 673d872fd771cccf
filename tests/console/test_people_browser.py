"""People, in a real headless browser: on a desktop and on a telephone, in both languages."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Pause, PersonEvent, VolunteerPairing
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.people import ContactKind
from tests.care_records.builders import (
    make_call,
    make_check_in,
    make_community,
    make_contact,
    make_officer,
    make_person,
    make_request,
    make_volunteer,
)
from tests.console.browser import (
    SCREENS,
    TELEPHONE,
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

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser


@pytest.fixture
def somebody(sessions: sessionmaker[Session]) -> int:
    """Somebody with a full card and a long life, among others; the id."""
    now = datetime.now(UTC)
    with sessions.begin() as session:
        fangta = make_community(name="方塔社区", office_phone="+8651252886666")
        person = make_person(
            **{"name": "张㛃", "phone": "+8651252881234", "phone2": "+8613800001111", "birth_date": date(1931, 5, 6)},
            **{"address": "王庄新村 3 幢 201 室", "community": fangta, "lives_alone": True, "frail": True},
            **{"illnesses": "高血压，心脏装过支架", "hearing": "左耳听不见，请说响一点", "dialect": "常熟话"},
            **{"nap_start": time(12, 30), "nap_end": time(14), "consent_calls": True, "notes": "爱听评弹。" * 30},
            liaison_officer=make_officer(name="王值班", phone="+8651252880000"),
            contacts=[
                make_contact(name="张女儿", phone="+8613800002222"),
                make_contact(
                    rank=2, kind=ContactKind.KEYHOLDER, name="李对门", relation="邻居", phone="+8651252883333"
                ),
            ],
        )
        session.add_all([person, *(make_person(name=f"李示例{number}", community=fangta) for number in range(8))])
        session.add(VolunteerPairing(person=person, volunteer=make_volunteer(), since=date(2026, 1, 5)))
        session.flush()
        days = {"first_day": now.date(), "last_day": now.date()}
        changes = [{"field": "address", "before": "老街 1 号", "after": "王庄新村 3 幢 201 室"}]
        fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE, "next_at": None}
        session.add_all(
            [
                make_call(person=person, started_at=now - timedelta(hours=2), ended_at=now, outcome="message_left"),
                make_check_in(person=person, due_at=now - timedelta(days=1), **fine),
                make_request(person=person, created_at=now - timedelta(hours=3), matter="水龙头漏水"),
                Pause(person_id=person.id, reason="住院", created_at=now - timedelta(days=9), **days),
                PersonEvent(person_id=person.id, at=now - timedelta(days=3), kind="changed", changes=changes),
            ]
        )
        return person.id


@pytest.mark.parametrize("screen", ["desktop", "telephone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_people_have_no_barriers(sit_down: SitDown, somebody: int, screen: str, language: str) -> None:
    page = sit_down(Role.ADMIN, "/people/", size=SCREENS[screen], language=language)
    root = page.url
    for name, path in (("list", ""), ("card", f"{somebody}"), ("edit", f"{somebody}/edit"), ("import", "import")):
        page.goto(f"{root}{path}")
        assert barriers(page) == []
        assert smallest_text(page) >= 16
        assert not sticks_out(page)
        picture(page, f"people-{name}-{screen}-{language}")


def test_somebody_is_found_by_initials_opened_and_corrected_by_keyboard(sit_down: SitDown, somebody: int) -> None:
    page = sit_down(Role.MANAGER, "/people/", size=TELEPHONE)
    page.locator("#text").fill("zj")
    page.locator("#text").press("Enter")
    page.get_by_role("link", name="张㛃").click()
    page.get_by_role("link", name="修改资料").click()
    page.locator("#hearing").fill("戴助听器")
    page.locator("#hearing").press("Enter")

    expect(page.get_by_text("资料已经保存。")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("戴助听器")
    expect(page.locator("ol.line li").first).to_contain_text("戴助听器")
