"""The monthly report and the ledger in a real headless browser, and on paper."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CallTurn
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.requests import RequestStatus, Urgency
from tests.care_records.builders import NOW, make_call, make_check_in, make_person, make_request
from tests.console.browser import (
    DESKTOP,
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

NOVEMBER = "first=2026-11-01&last=2026-11-30"
A4 = (595, 842)
_PAGES = re.compile(rb"/Type\s*/Page\b")
_MEDIA = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")


@pytest.fixture
def busy_month(sessions: sessionmaker[Session]) -> None:
    """Something of everything that a report shows, on every day of November."""
    first = NOW - timedelta(days=22)
    categories = ("repair", "transport", "meals", "medicine", "unwell", "company", "other", "activities")
    with sessions.begin() as session:
        for day in range(28):
            at = first + timedelta(days=day)
            for number in range(3 + day % 5):
                purpose, outcome = ("check_in", "fine") if number % 2 else ("inbound", "request_confirmed")
                call = make_call(started_at=at, status="completed", purpose=purpose, outcome=outcome)
                call.turns.append(CallTurn(number=1, said=[], answer="utterance", heard="好", at=at, took_ms=9))
                session.add(call)
            outcome = (CheckInOutcome.FINE, CheckInOutcome.FINE, CheckInOutcome.RELATIVE)[day % 3]
            state = CheckInState.DONE if outcome is CheckInOutcome.FINE else CheckInState.FOLLOW_UP
            session.add(make_check_in(day=at.date(), state=state, outcome=outcome))
            session.add(
                make_request(
                    person=make_person(name="张示例"),
                    category=categories[day % 8],
                    urgency=Urgency.RED if day % 8 == 4 else Urgency.NORMAL,
                    matter="厨房的水龙头一直滴水，想请人来修一修。",
                    created_at=at,
                    due_at=at + timedelta(days=2),
                    resolved_at=at + timedelta(days=day % 4),
                    status=RequestStatus.CLOSED,
                    followed_up_at=at + timedelta(days=4),
                    satisfaction=3 + day % 3,
                    taken_by="王值班",
                    result="上门修好了。",
                )
            )


def pages_of(page: Page, name: str, tmp_path: Path) -> list[tuple[int, int]]:
    """The sizes of the printed pages, in points."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True, path=tmp_path / f"{name}.pdf")
    sizes = [(round(float(width)), round(float(height))) for width, height in _MEDIA.findall(printed)]
    assert len(sizes) == len(_PAGES.findall(printed))
    return sizes


@pytest.mark.usefixtures("busy_month")
@pytest.mark.parametrize(("size", "language"), [(DESKTOP, "zh"), (TELEPHONE, "en")], ids=["desktop", "telephone"])
@pytest.mark.parametrize("path", ["", "ledger", "retention"])
def test_every_page_can_be_read_and_used_by_everybody(
    sit_down: SitDown, path: str, size: tuple[int, int], language: str
) -> None:
    page = sit_down(Role.OFFICER, f"/reports/{path}?{NOVEMBER}", size=size, language=language)
    picture(page, f"reports-{path}-{language}")

    assert barriers(page) == []
    assert not sticks_out(page)
    assert smallest_text(page) >= 16


@pytest.mark.usefixtures("busy_month")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_monthly_report_is_two_pages_of_a4(sit_down: SitDown, tmp_path: Path, language: str) -> None:
    page = sit_down(Role.OFFICER, f"/reports/?{NOVEMBER}", language=language)

    assert pages_of(page, "monthly", tmp_path) == [A4, A4]


@pytest.mark.usefixtures("busy_month")
def test_a_page_of_the_ledger_is_printed_on_a4(sit_down: SitDown, tmp_path: Path) -> None:
    page = sit_down(Role.OFFICER, f"/reports/ledger?{NOVEMBER}")

    assert set(pages_of(page, "ledger", tmp_path)) == {A4[::-1]}
    page.emulate_media(media="print")
    assert not sticks_out(page)


@pytest.mark.usefixtures("busy_month")
def test_another_period_is_a_click_away(sit_down: SitDown) -> None:
    page = sit_down(Role.OFFICER, f"/reports/?{NOVEMBER}")

    page.get_by_label("从").fill("2026-11-23")
    page.get_by_label("到").fill("2026-11-24")
    page.get_by_role("button", name="看这段时间").click()

    assert page.locator("h1").inner_text() == "月报 · 2026-11-23 至 2026-11-24"
    assert page.get_by_role("button", name="打印").is_visible()
