"""The whole line, called by somebody at the browser phone."""

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, HelpRequest
from tests.simulator.browser import OpenPage

pytestmark = pytest.mark.browser


def test_an_urgent_call_reaches_the_officer_at_the_page(
    app: Flask, open_page: OpenPage, sessions: sessionmaker[Session]
) -> None:
    page = open_page()
    caller = page.locator("#caller option").first.inner_text()
    page.get_by_role("button", name="拨打").click()
    turns = page.locator("#turns li")
    expect(turns.filter(has_text="彩虹桥热线")).to_contain_text(caller.partition("（")[2].rstrip("）"))
    page.keyboard.press("1")
    expect(turns.filter(has_text="我马上叫值班同志")).to_be_visible()
    page.get_by_role("button", name="接听").click()
    expect(page.locator("#state")).to_have_text("正在和值班同志通话")
    page.get_by_role("button", name="挂断").click()
    expect(page.locator("#state")).to_have_text("已挂断")
    with sessions() as session:
        request = session.scalars(select(HelpRequest).join(Call).order_by(HelpRequest.id.desc())).first()
    assert request is not None
    assert (request.category, request.urgency) == ("emergency", "red")
