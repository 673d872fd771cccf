"""The console in a real headless browser: served on this machine, with somebody signed in.

A conftest or a test module says `from tests.console.browser import address, browser, open_page, sit_down, spoken`, and
its tests take `sit_down`: `page = sit_down(Role.OFFICER, "/requests/", size=TELEPHONE, language="en")`.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from axe_core_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from werkzeug.serving import make_server

from care_records.models.accounts import Role
from tests.console.conftest import PASSWORD
from tests.simulator.browser import DESKTOP, PATIENCE_MS, TABLET, TELEPHONE, browser, spoken

__all__ = ["DESKTOP", "TABLET", "TELEPHONE", "SitDown", "address", "barriers", "browser", "open_page", "picture"]
__all__ += ["sit_down", "smallest_text", "spoken"]

OpenPage = Callable[..., Page]
SitDown = Callable[..., Page]
SCREENS = {"desktop": DESKTOP, "tablet": TABLET, "telephone": TELEPHONE}
_SMALLEST = (
    "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && "
    "[...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))"
    ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the console is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens a page in a window of that size; fails the test if a script fails, or if the policy refuses something."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    def noted(message: ConsoleMessage) -> None:
        # An answer that is an error is no error of the page: it has to cope with that.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            errors.append(message.text)

    def opened(size: tuple[int, int] = DESKTOP, path: str = "/console/") -> Page:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", noted)
        page.goto(f"{address}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == [], errors


@pytest.fixture
def sit_down(open_page: OpenPage, make_account: Callable[..., int]) -> SitDown:
    """Signs somebody with that role in, by hand, and opens a page of the console."""

    def opened(role: Role, path: str = "/", *, size: tuple[int, int] = DESKTOP, language: str = "zh") -> Page:
        make_account(role.value, role)
        page = open_page(size, "/console/accounts/login")
        if language == "en":
            page.get_by_role("button", name="English").click()
        page.locator("#name").fill(role.value)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_selector("nav.subjects")
        if path != "/":
            page.goto(f"{page.url.rstrip('/')}{path}")
        return page

    return opened


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """The serious faults that axe finds: what it is, and where."""
    found = Axe().run(page)["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in serious]


def smallest_text(page: Page) -> float:
    """In pixels, of all texts that are shown."""
    size: float = page.evaluate(_SMALLEST)
    return size


def sticks_out(page: Page) -> bool:
    """Whether the page must be moved sideways to be read."""
    found: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return found


def picture(page: Page, name: str) -> None:
    """Keeps a picture of the whole page in the folder that PICTURES names, if it names one."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
