"""A real headless browser for the tests of the browser phone, with somebody speaking into its microphone."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ivr.simulator import audio

DESKTOP, TABLET, TELEPHONE = (1280, 860), (1024, 768), (390, 844)
PATIENCE_MS = 20_000
"""Calls take their real time here, on a machine that may be busy."""
OpenPage = Callable[..., Page]
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


def _babble(seconds: float) -> bytes:
    """Syllables: noise that comes and goes, because a browser takes a steady tone for noise and removes it."""
    at = np.arange(round(seconds * audio.RATE)) / audio.RATE
    voice = np.random.default_rng(1).normal(size=at.size) * np.maximum(0, np.sin(2 * np.pi * 4 * at))
    return (6000 * voice).clip(-32768, 32767).astype("<i2").tobytes()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake microphone hears, over and over: two seconds of speech, two of silence."""
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    path.write_bytes(audio.write_wav(_babble(2) + audio.silence(2)))
    return path


@pytest.fixture(scope="module")
def browser(spoken: Path) -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CARELINE_REQUIRE_BROWSER") == "1":
            pytest.fail("there is no chromium or google-chrome, and CARELINE_REQUIRE_BROWSER is set")
        pytest.skip("there is no chromium or google-chrome")
    arguments = [*ARGUMENTS, f"--use-file-for-fake-audio-capture={spoken}"]
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens the phone in a window of that size; fails the test if the page reports an error."""
    errors: list[str] = []
    contexts = []

    def opened(size: tuple[int, int] = DESKTOP, path: str = "/phone", **options: Any) -> Page:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
