"""The pages of accounts, in a real headless browser."""

import pytest
from playwright.sync_api import expect

from care_records.models.accounts import Role
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

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser

PAGES = ("", "password", "codes", "users", "users/new", "users/1", "trail")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_of_accounts_can_be_read_and_used_by_everybody(
    sit_down: SitDown, address: str, screen: str, language: str
) -> None:
    page = sit_down(Role.ADMIN, size=SCREENS[screen], language=language)
    for name in PAGES:
        page.goto(f"{address}/console/accounts/{name}")
        picture(page, f"accounts-{name.replace('/', '-') or 'own'}-{screen}-{language}")
        assert (name, barriers(page)) == (name, [])
        assert (name, sticks_out(page)) == (name, False)
        assert smallest_text(page) >= 16


def test_an_administrator_adds_an_account_by_hand(sit_down: SitDown) -> None:
    page = sit_down(Role.ADMIN, "/accounts/users")
    page.get_by_role("link", name="新建账户").click()
    page.get_by_label("姓名").fill("李示例")
    page.get_by_label("用户名").fill("li")
    page.get_by_label("角色").select_option("officer")
    page.get_by_role("button", name="新建账户").click()
    expect(page.locator(".secret")).to_be_visible()
    page.get_by_role("link", name="抄好了").click()
    expect(page.locator("h1")).to_have_text("李示例")
