"""The duty roster in a real headless browser: read, and changed by dragging."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Shift
from care_records.models.accounts import Role
from tests.care_records.builders import make_officer
from tests.console.browser import (
    SCREENS,
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
from tests.console.conftest import ZONE

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser

TODAY = datetime.now(UTC).astimezone(ZONE).date()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
"""Of next week."""


def local(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


@pytest.fixture
def roster(sessions: sessionmaker[Session]) -> None:
    """Two colleagues, shifts by day and by night, and a gap next Monday by day."""
    with sessions.begin() as session:
        first, second = make_officer(name="王值班", duty_rank=None), make_officer(name="李值班", duty_rank=None)
        session.add_all([first, second, make_officer(name="没电话", phone=None, duty_rank=None)])
        session.flush()
        for number in range(-7, 16):
            day = MONDAY + timedelta(days=number)
            if number != 0:
                session.add(Shift(staff_id=first.id, starts_at=local(day, 8), ends_at=local(day, 17)))
            night = local(day, 17), local(day + timedelta(days=1), 8)
            session.add(Shift(staff_id=second.id, starts_at=night[0], ends_at=night[1]))


@pytest.mark.usefixtures("roster")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", ["desktop", "tablet", "telephone"])
def test_the_roster_can_be_read_and_used_by_everybody(sit_down: SitDown, screen: str, language: str) -> None:
    page = sit_down(Role.MANAGER, size=SCREENS[screen], language=language)
    start = page.url
    for path in (f"duty/?day={MONDAY}", "duty/shifts/30", "duty/staff/1"):
        page.goto(f"{start}{path}")
        picture(page, f"{path.split('?')[0].replace('/', '-')}{screen}-{language}")

        assert barriers(page) == []
        assert not sticks_out(page), path
        assert smallest_text(page) >= 16


@pytest.mark.usefixtures("roster")
def test_a_shift_is_dragged_to_somebody_else(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    page = sit_down(Role.MANAGER, f"/duty/?day={MONDAY}")
    row = page.locator("#week tbody tr", has_text="李值班")
    target = page.locator("#week tbody tr", has_text="王值班").locator("td").first

    row.locator("td").nth(1).locator("a.shift").drag_to(target)

    expect(page.get_by_role("status")).to_contain_text("这样一来")
    page.locator(".kinds a", has_text="白班").drag_to(target)
    expect(page.get_by_role("status")).to_contain_text("已经排上")
    with sessions() as session:
        begun = session.scalars(select(Shift).where(Shift.starts_at == local(MONDAY, 8))).one()
        assert (begun.staff.name, begun.ends_at) == ("王值班", local(MONDAY, 17))


@pytest.mark.usefixtures("roster")
def test_a_night_shift_that_is_dragged_keeps_its_length(sit_down: SitDown, sessions: sessionmaker[Session]) -> None:
    page = sit_down(Role.MANAGER, f"/duty/?day={MONDAY}")
    mine = page.locator("#week tbody tr", has_text="王值班").locator("td")
    page.locator(".kinds a", has_text="夜班").drag_to(mine.nth(2))
    expect(page.get_by_role("status")).to_contain_text("已经排上")

    mine.nth(2).locator("a.shift").last.drag_to(mine.nth(4))

    expect(page.get_by_role("status")).to_contain_text("已经改好")
    friday = MONDAY + timedelta(days=4)
    with sessions() as session:
        found = session.scalars(select(Shift).where(Shift.starts_at == local(friday, 17)))
        moved = next(one for one in found if one.staff.name == "王值班")
        assert moved.ends_at == local(friday + timedelta(days=1), 8)
