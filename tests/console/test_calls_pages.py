"""Calls: the list, one call as a conversation, its recordings, and what was really said in them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import AuditEvent, Call, Recording, Transfer
from care_records.models.calls import RecordingState
from care_records.services import calls, recordings
from prompts.audio import wav
from tests.care_records.builders import NOW, make_call, make_officer, make_person, make_request
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]
SOUND = wav.write(wav.encode(np.sin(np.arange(8000) / 8).astype(np.float32)))
"""One second."""


def spoken(sessions: Sessions, *texts: str, **values: object) -> int:
    """A call in which these were said, one a turn; its id."""
    with sessions.begin() as session:
        call = make_call(**values)
        session.add(call)
        session.flush()
        for number, text in enumerate(texts, 1):
            add_turn(session, call, number, heard=text)
        return call.id


def add_turn(session: Session, call: Call, number: int, **values: object) -> None:
    defaults: dict[str, object] = {
        "said": [{"key": "menu", "text": "请讲。"}],
        "asked": "help_message",
        "answer": "utterance",
        "heard": None,
        "key": None,
        "confidence": 0.42,
        "recording_sid": None,
        "at": call.started_at + timedelta(seconds=65),
        "took_ms": 2345,
    }
    calls.add_turn(session, call, number=number, **(defaults | values))  # type: ignore[arg-type]


@pytest.fixture
def recorded(sessions: Sessions, tmp_path: Path) -> int:
    """A recording in which 胸闷 was heard; its id."""
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "one.wav").write_bytes(SOUND)
    with sessions.begin() as session:
        call = make_call(person=make_person(name="张㛃"))
        session.add(call)
        session.flush()
        add_turn(session, call, 1, heard="我心口胸闷", recording_sid="RE1")
        recording = recordings.register(session, call=call, sid="RE1", url="http://x", at=NOW)
        recordings.stored(session, recording, path="recordings/one.wav", sha256="0" * 64, seconds=1.0)
        return recording.id


def rows(page: Element) -> list[Element]:
    return page.one("tbody").all("tr") if page.all("tbody") else []


def who(page: Element) -> list[str]:
    return [row.all("td")[1].text for row in rows(page)]


def test_without_any_call_the_list_says_so(viewer: Visitor) -> None:
    assert viewer.get("/calls/").one("p", class_="nothing").text == "还没有通话。"
    assert viewer.get("/calls/?words=胸闷").one("p", class_="nothing").text == "没有这样的通话。"


def test_the_newest_call_stands_first(viewer: Visitor, sessions: Sessions) -> None:
    for minutes, number in ((1, "+861"), (9, "+869"), (5, "+865")):
        spoken(sessions, from_number=number, started_at=NOW + timedelta(minutes=minutes))

    assert who(viewer.get("/calls/")) == ["+869", "+865", "+861"]


def test_the_list_is_narrowed_down(viewer: Visitor, sessions: Sessions) -> None:
    day = timedelta(days=1)
    spoken(sessions, from_number="old", started_at=NOW - day)
    spoken(sessions, from_number="in", outcome="put_through", purpose="inbound")
    spoken(sessions, from_number="out", outcome="fine", purpose="check_in")
    spoken(sessions, person=make_person(name="欧阳𠮷", phone="+8651200007777"), outcome="fine")

    found = {
        query: who(viewer.get(f"/calls/?{query}"))
        for query in ("who=𠮷", "who=0512-0000-7777", "purpose=check_in", "outcome=put_through", "last=2026-11-22")
    }

    assert found == {
        "who=𠮷": ["欧阳𠮷"],
        "who=0512-0000-7777": ["欧阳𠮷"],
        "purpose=check_in": ["out"],
        "outcome=put_through": ["in"],
        "last=2026-11-22": ["old"],
    }
    assert who(viewer.get("/calls/?outcome=going_on")) == ["old"]


def test_a_local_day_begins_at_the_offices_midnight(viewer: Visitor, sessions: Sessions) -> None:
    spoken(sessions, from_number="before", started_at=datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    spoken(sessions, from_number="after", started_at=datetime(2026, 11, 22, 16, 0, tzinfo=UTC))

    assert who(viewer.get("/calls/?first=2026-11-23")) == ["after"]


def test_what_was_said_is_shown_where_it_was_found(viewer: Visitor, sessions: Sessions) -> None:
    spoken(sessions, "今天天气好", from_number="+861")
    spoken(sessions, "我有点胸闷，不想动", from_number="+862")

    page = viewer.get("/calls/?words=胸闷")

    assert who(page) == ["+862"]
    assert page.one("mark").text == "胸闷"
    assert rows(page)[0].all("td")[4].text == "我有点 胸闷 ，不想动"


def test_a_filter_that_makes_no_sense_shows_everything(viewer: Visitor, sessions: Sessions) -> None:
    spoken(sessions)

    page = viewer.get("/calls/?first=yesterday&page=nonsense")

    assert len(rows(page)) == 1
    assert page.one("p", class_="error").text == "日期或时间不对。"


def test_a_call_is_shown_as_a_conversation(viewer: Visitor, sessions: Sessions) -> None:
    with sessions.begin() as session:
        officer = make_officer(name="值班员乙")
        call = make_call(person=make_person(name="张㛃"), outcome="put_through", status="completed", duration_s=80)
        session.add_all([officer, call])
        session.flush()
        add_turn(session, call, 1, heard="我要修水管<b>", key="2")
        add_turn(session, call, 2, answer="silence", confidence=None)
        add_turn(session, call, 3, answer="transfer_result", confidence=None)
        at = call.started_at
        session.add(
            Transfer(call=call, turn_number=3, staff=officer, to_number="+86", outcome="answered", seconds=30, at=at)
        )
        session.add(make_request(number="n1", call=call))
        call_id = call.id

    page = viewer.get(f"/calls/{call_id}")

    lines, answers = page.all("div", class_="line"), page.all("div", class_="caller")
    assert lines[0].all("p")[1].text == "请讲。"
    assert answers[0].text == "张㛃 · 1:05 · 用了2.3秒 我要修水管<b> 把握42% 可能听错 按了 2"
    assert answers[1].all("p")[1].text == "没有声音"
    assert answers[2].all("p")[2].text == "转给值班员乙：已接通，30秒"
    assert page.one("a", href="/console/requests/n1").text == "n1"


def test_a_call_that_goes_on_is_fetched_anew(viewer: Visitor, sessions: Sessions) -> None:
    call_id = spoken(sessions)

    assert viewer.get(f"/calls/{call_id}").one("div", id="talk").attributes["hx-get"].endswith(f"/{call_id}/turns")
    assert viewer.get(f"/calls/{call_id}/turns").one("p", class_="nothing").text == "这次通话里还没有问答。"


def test_a_call_that_is_not_there_is_said_not_to_be(officer: Visitor) -> None:
    officer.get("/calls/99", status=404)
    officer.get("/calls/99999999999999999999", status=404)
    officer.get("/calls/recordings/99/audio", status=404)
    officer.get("/calls/recordings/99/correct", status=404)


def test_whoever_plays_a_recording_stands_in_the_trail_once(viewer: Visitor, sessions: Sessions, recorded: int) -> None:
    for part in ("bytes=0-", "bytes=4000-4099", "bytes=100-"):
        viewer.open(f"/calls/recordings/{recorded}/audio", headers={"Range": part})

    with sessions() as session:
        trail = [(event.action, event.subject_id) for event in session.scalars(select(AuditEvent))]
    assert trail.count(("recording.played", recorded)) == 1


def test_a_recording_is_fetched_in_parts_and_kept_by_no_browser(viewer: Visitor, recorded: int) -> None:
    response = viewer.open(f"/calls/recordings/{recorded}/audio", headers={"Range": "bytes=100-199"})

    assert (response.status_code, response.data) == (206, SOUND[100:200])
    assert response.headers["Content-Range"] == f"bytes 100-199/{len(SOUND)}"
    assert (response.mimetype, response.headers["Cache-Control"]) == ("audio/wav", "no-store")


def test_nobody_who_has_not_signed_in_hears_a_recording(anybody: Visitor, sessions: Sessions, recorded: int) -> None:
    assert anybody.open(f"/calls/recordings/{recorded}/audio").status_code == 302
    with sessions() as session:
        assert session.scalars(select(AuditEvent)).all() == []


def test_a_recording_has_a_waveform(viewer: Visitor, recorded: int) -> None:
    response = viewer.open(f"/calls/recordings/{recorded}/waveform.svg")

    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
    assert response.text.count("M") == 180


@pytest.mark.parametrize("content", [b"", b"no audio at all", SOUND[:20], None])
def test_what_is_no_recording_has_none(viewer: Visitor, recorded: int, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "recordings" / "one.wav"
    path.unlink() if content is None else path.write_bytes(content)

    assert viewer.open(f"/calls/recordings/{recorded}/waveform.svg").status_code == 404


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"state": RecordingState.PENDING}, "录音还在取，请过一会儿再看。"),
        ({"state": RecordingState.MISSING}, "录音没有取到。"),
        ({"path": "recordings/gone.wav"}, "录音已经不在了。"),
        ({"path": "../secret.wav"}, "录音已经不在了。"),
    ],
)
def test_a_recording_that_cannot_be_played_says_why(
    viewer: Visitor, sessions: Sessions, recorded: int, values: dict[str, object], told: str
) -> None:
    with sessions.begin() as session:
        recording = session.get_one(Recording, recorded)
        for name, value in values.items():
            setattr(recording, name, value)
        call_id = recording.call_id

    page = viewer.get(f"/calls/{call_id}")

    assert page.one("div", class_="player").text == told
    assert viewer.open(f"/calls/recordings/{recorded}/audio").status_code == 404


def test_a_correction_is_kept_beside_what_was_heard_and_found(
    officer: Visitor, sessions: Sessions, recorded: int
) -> None:
    officer.get(f"/calls/recordings/{recorded}/correct")

    page = officer.submit("/correct", text="我新闻听完了")

    assert page.one("p", class_="heard").text.startswith("我心口胸闷")
    assert page.one("p", class_="corrected").text == "人工更正： 我新闻听完了"
    assert who(officer.get("/calls/?words=新闻")) == who(officer.get("/calls/?words=胸闷")) == ["张㛃"]
    with sessions() as session:
        assert "recording.corrected" in session.scalars(select(AuditEvent.action)).all()


def test_that_nothing_is_said_is_a_correction_too(officer: Visitor, sessions: Sessions, recorded: int) -> None:
    officer.get(f"/calls/recordings/{recorded}/correct")

    page = officer.submit("/correct", text="")

    assert page.one("p", class_="corrected").text == "人工更正： （没有说话）"


def test_a_correction_that_is_too_long_comes_back_as_it_was_typed(officer: Visitor, recorded: int) -> None:
    officer.get(f"/calls/recordings/{recorded}/correct")

    page = officer.submit("/correct", status=422, text="长" * 10_001)

    assert page.one("p", class_="error").text == "太长了。"
    assert page.one("textarea").text == "长" * 10_001


def test_a_viewer_corrects_nothing(viewer: Visitor, recorded: int) -> None:
    viewer.get(f"/calls/recordings/{recorded}/correct", status=403)
    viewer.post(f"/calls/recordings/{recorded}/correct", status=403)
