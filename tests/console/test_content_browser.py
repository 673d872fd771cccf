"""Bulletins and activities in a real headless browser."""

import io
import wave
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line
from care_records.models.accounts import Role
from tests.care_records.builders import make_activity, make_bulletin, make_community
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
from tests.console.conftest import MakeApp

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser


def tone(text: str) -> bytes:
    """A second of silence for every ten characters."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0\0" * 800 * len(text))
    return file.getvalue()


TO_THE_END = "new Promise(heard => { const it = document.querySelector('audio'); it.onended = heard; it.play(); })"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(Line(speak=tone))


@pytest.fixture
def written(sessions: sessionmaker[Session]) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        session.add(make_bulletin(title="彩虹桥向您问好", published_at=now - timedelta(days=1)))
        session.add(make_bulletin(title="重阳节活动安排", published_at=now + timedelta(days=3)))
        session.add(make_bulletin(title="志愿者来看您", published_at=None))
        community = make_community(name="虹桥社区")
        session.add(community)
        session.flush()
        session.add(make_activity(starts_at=now + timedelta(days=1), community_id=community.id))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(("size", "language"), [(DESKTOP, "zh"), (TELEPHONE, "en")], ids=["desktop", "telephone"])
@pytest.mark.parametrize("path", ["", "bulletins/2", "activities", "activities/1"])
def test_every_page_can_be_read_and_used_by_everybody(
    sit_down: SitDown, path: str, size: tuple[int, int], language: str
) -> None:
    page = sit_down(Role.MANAGER, f"/content/{path}", size=size, language=language)
    picture(page, f"content-{path.replace('/', '-')}-{language}")

    assert barriers(page) == []
    assert not sticks_out(page)
    assert smallest_text(page) >= 16


def test_a_bulletin_is_written_listened_to_and_published(sit_down: SitDown) -> None:
    page = sit_down(Role.MANAGER, "/content/")
    page.get_by_role("link", name="写一篇").click()
    page.get_by_label("题目").fill("天冷了")
    page.get_by_label("内容").fill("请您多穿一点。")
    page.get_by_role("button", name="保存草稿").click()

    page.evaluate(TO_THE_END)
    page.get_by_role("button", name="播出").click()

    expect(page.locator("main .badge")).to_have_text("正在播出")
