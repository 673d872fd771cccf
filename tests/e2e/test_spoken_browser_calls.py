"""The whole line, called by somebody who speaks into the browser phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CallTurn
from ivr.simulator import audio
from tests.e2e.lines import demo_line
from tests.e2e.spoken import needs_model, said
from tests.simulator.browser import OpenPage

pytestmark = [pytest.mark.browser, needs_model]

THROUGH_THE_MENU_MS = 90_000
"""The greeting and the menu take their real time, and the first words may be cut off."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demo_line(tmp_path_factory.mktemp("line"), speech_model="shipped") as app:
        yield app


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears, over and over."""
    folder = tmp_path_factory.mktemp("microphone")
    path = folder / "speech.wav"
    path.write_bytes(audio.write_wav(said("我要帮忙", folder) + audio.silence(4)))
    return path


def test_saying_what_one_wants_into_the_browser_phone_is_enough(
    open_page: OpenPage, sessions: sessionmaker[Session]
) -> None:
    page = open_page()
    page.get_by_role("button", name="拨打").click()
    asked = page.locator("#turns li").filter(has_text="您要办什么事")
    expect(asked.first).to_be_visible(timeout=THROUGH_THE_MENU_MS)
    with sessions() as session:
        heard = list(session.scalars(select(CallTurn.heard).where(CallTurn.asked == "menu")))
    assert heard[-1] == "我要帮忙"
