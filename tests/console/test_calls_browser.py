"""Calls and help requests in a real headless browser."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, HelpRequest, Recording
from care_records.models.accounts import Role
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import calls, recordings, requests
from prompts.audio import wav
from tests.care_records.builders import make_call, make_officer, make_person, make_request
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

FROM_THE_MIDDLE = re.compile(r"width: ([5-9]\d|100)")
SPOKEN = [
    ("您好，常熟老干部局彩虹桥热线。我是自动电话，通话会录音。", {"answer": "key", "key": "2"}),
    ("您要办什么事？请慢慢说，说完按1。", {"heard": "我心口有点胸闷，药也没了", "confidence": 0.52, "key": "1"}),
    ("我记下了：看病、配药、用车的事。对的，请按1；不对，请按2。", {"answer": "silence"}),
    ("不着急。我再说一遍。", {"heard": "对的对的", "confidence": 0.93}),
]


def babble(seconds: float) -> bytes:
    """Something like syllables, loud and soft."""
    at = np.arange(round(seconds * wav.RATE)) / wav.RATE
    voice = np.random.default_rng(1).normal(size=at.size) * np.maximum(0, np.sin(2 * np.pi * 2 * at)) / 4
    return wav.write(wav.encode(voice.clip(-1, 1).astype(np.float32)))


@pytest.fixture
def call_id(sessions: sessionmaker[Session], tmp_path: Path) -> int:
    """A call with a recording, and the request that it opened; two more calls and requests beside them."""
    (tmp_path / "one.wav").write_bytes(babble(4))
    at = datetime.now(UTC) - timedelta(minutes=40)
    with sessions.begin() as session:
        person = make_person(name="欧阳𠮷", address="虞山街道示范路 8 号 201 室", phone="+8651200001234")
        call = make_call(
            person=person, started_at=at, outcome="request_confirmed", status="completed", duration_s=96, risk="orange"
        )
        others = [
            make_call(person=make_person(name="张㛃"), started_at=at, outcome="fine", purpose="check_in"),
            make_call(from_number="+8651200004321", started_at=at, status="in-progress"),
        ]
        session.add_all([call, *others, make_officer(name="值班员乙")])
        session.flush()
        for number, (text, answer) in enumerate(SPOKEN, 1):
            add_turn(session, call, number, text, answer)
        recording = recordings.register(session, call=call, sid="RE2", url="http://x", at=at)
        recordings.stored(session, recording, path="one.wav", sha256="0" * 64, seconds=4.0)
        due = datetime.now(UTC) + timedelta(hours=5, seconds=40)
        session.add_all(
            [
                make_request(
                    person=person, call=call, category="medicine", recording_sid="RE2", urgency=Urgency.YELLOW,
                    matter="看病、配药、用车的事", transcript="我心口有点胸闷，药也没了", due_at=due, created_at=at,
                ),
                make_request(phone="+8651200004321", due_at=at, created_at=at, category="fell", urgency=Urgency.RED),
            ]
        )  # fmt: skip
        return call.id


def add_turn(session: Session, call: Call, number: int, text: str, answer: dict[str, object]) -> None:
    values: dict[str, object] = {
        "said": [{"key": "x", "text": text}],
        "asked": "menu",
        "answer": "utterance",
        "heard": None,
        "key": None,
        "confidence": None,
        "recording_sid": f"RE{number}",
        "at": call.started_at + timedelta(seconds=20 * number),
        "took_ms": 4210,
    }
    calls.add_turn(session, call, number=number, **(values | answer))  # type: ignore[arg-type]


@pytest.mark.parametrize("screen", ["desktop", "telephone"])
def test_a_call_is_found_heard_and_corrected(
    sit_down: SitDown, sessions: sessionmaker[Session], call_id: int, screen: str
) -> None:
    page = sit_down(Role.OFFICER, "/calls/", size=SCREENS[screen])
    picture(page, f"calls-{screen}")
    assert (barriers(page), sticks_out(page), smallest_text(page) >= 16) == ([], False, True)
    page.get_by_label("说过的话").fill("胸闷")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("mark")).to_have_text("胸闷")
    page.locator("tbody a").click()

    page.get_by_role("button", name="慢一点").click()
    page.evaluate("document.querySelector('audio').muted = true")
    page.locator("[data-wave]").click()
    expect(page.locator("audio")).to_have_js_property("playbackRate", 0.75)
    expect(page.locator("[data-played]")).to_have_attribute("style", FROM_THE_MIDDLE)
    picture(page, f"call-{screen}")
    assert (barriers(page), sticks_out(page), smallest_text(page) >= 16) == ([], False, True)

    page.get_by_role("link", name="更正文字").click()
    page.get_by_label("实际说的").fill("我心口有点胸闷，要配药")
    picture(page, f"correct-{screen}")
    assert (barriers(page), sticks_out(page)) == ([], False)
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator(".corrected")).to_contain_text("我心口有点胸闷，要配药")
    with sessions() as session:
        assert session.scalars(select(Recording.corrected)).one() == "我心口有点胸闷，要配药"


@pytest.mark.parametrize("screen", ["desktop", "telephone"])
def test_a_request_is_taken_worked_on_and_resolved(
    sit_down: SitDown, sessions: sessionmaker[Session], call_id: int, screen: str
) -> None:
    page = sit_down(Role.OFFICER, "/requests/", size=SCREENS[screen])
    picture(page, f"requests-{screen}")
    assert (barriers(page), sticks_out(page), smallest_text(page) >= 16) == ([], False, True)
    row = page.locator("tbody tr").filter(has_text="欧阳𠮷")
    row.get_by_role("link").click()
    page.get_by_role("button", name="我来接手").click()
    page.get_by_label("写一条备注").fill("已经联系医生")
    page.get_by_role("button", name="保存备注").click()
    picture(page, f"request-{screen}")
    assert (barriers(page), sticks_out(page), smallest_text(page) >= 16) == ([], False, True)
    page.get_by_label("怎么办的，结果怎样").fill("药送到家里了")
    page.get_by_role("button", name="办结").click()
    expect(page.locator("main > .notice")).to_have_text("已经办结，明天请回访。")
    picture(page, f"resolved-{screen}")
    assert barriers(page) == []
    with sessions() as session:
        done = session.scalars(select(HelpRequest).where(HelpRequest.call_id == call_id)).one()
    assert (done.status, done.result) == (RequestStatus.RESOLVED, "药送到家里了")


def test_a_request_is_written_down_by_hand_in_english(sit_down: SitDown, call_id: int) -> None:
    page = sit_down(Role.OFFICER, "/requests/new", language="en")
    page.get_by_label("Name or telephone").fill("㛃")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="张㛃").click()
    page.get_by_label("What is it about").fill("水管漏水")
    picture(page, "new-english")
    assert (barriers(page), sticks_out(page)) == ([], False)
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("main > .notice")).to_have_text("The request is noted.")
    picture(page, "request-english")


def test_a_list_shows_what_has_come_without_reloading(
    sit_down: SitDown, sessions: sessionmaker[Session], call_id: int
) -> None:
    page = sit_down(Role.VIEWER, "/requests/")
    expect(page.locator("tbody tr")).to_have_count(2)
    with sessions.begin() as session:
        added = make_request()
        session.add(added)
        session.flush()
        requests.note(session, added, "message", at=datetime.now(UTC), kind="opened")

    expect(page.locator("tbody tr")).to_have_count(3)
