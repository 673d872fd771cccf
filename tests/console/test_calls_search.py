"""Searching in what was said, on both databases: what is said often, and what is said once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console.calls import data
from care_records.console.paging import SIZE, START, Page, decode
from care_records.database import downgrade, make_engine, make_sessions, upgrade
from care_records.models import Call, CallTurn, CallWords
from care_records.services import calls, recordings, words
from tests.care_records.builders import NOW, make_call

Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture(params=["read", "index"])
def near(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the calls next to the place are enough for a page, or the index is asked as well."""
    if request.param == "index":
        monkeypatch.setattr(data, "_NEAR", 2)


def said(sessions: Sessions, text: str, minutes: int = 0, **values: object) -> int:
    with sessions.begin() as session:
        call = make_call(started_at=NOW + timedelta(minutes=minutes), **values)
        session.add(call)
        session.flush()
        turn(session, call, 1, text)
        return call.id


def turn(session: Session, call: Call, number: int, heard: str | None) -> CallTurn:
    return calls.add_turn(
        session,
        call,
        number=number,
        said=[],
        asked=None,
        answer="utterance",
        heard=heard,
        key=None,
        confidence=None,
        recording_sid=None,
        at=NOW,
        took_ms=0,
    )


def found(sessions: Sessions, text: str, cursor: str | None = None, **wanted: object) -> Page[data.Row]:
    with sessions() as session:
        place = decode(cursor) if cursor else START
        return data.listed(session, data.Wanted(words=text, **wanted), place)  # type: ignore[arg-type]


def ids(page: Page[data.Row]) -> list[int]:
    return [row.call.id for row in page.items]


@pytest.mark.parametrize("text", ["胸闷", "闷", "有点胸闷", "𠮷", "cpap", "ＣＰＡＰ", "100%", "a_b", "没有 药"])
def test_a_call_is_found_by_any_part_of_what_was_said(sessions: Sessions, near: None, text: str) -> None:
    call_id = said(sessions, "我有点胸闷，王𠮷说CPAP机100%坏了a_b，没有 药", minutes=-9)
    for minutes in range(3):
        said(sessions, "闷胸，点有：100次，aXb，吉，没有药", minutes) if text != "闷" else said(sessions, "好", minutes)

    assert ids(found(sessions, text)) == [call_id]


def test_what_is_said_often_goes_on_over_pages_in_both_directions(sessions: Sessions, near: None) -> None:
    made = [said(sessions, "没事，都好", minutes) for minutes in range(2 * SIZE + 3)]
    said(sessions, "头晕", 500)
    newest_first = made[::-1]

    first = found(sessions, "没事")
    second = found(sessions, "没事", first.next_cursor)
    third = found(sessions, "没事", second.next_cursor)
    back = found(sessions, "没事", third.previous_cursor)

    assert ids(first) + ids(second) + ids(third) == newest_first
    assert ids(back) == ids(second)
    assert third.next_cursor is None


def test_search_and_filters_go_together(sessions: Sessions, near: None) -> None:
    for minutes in range(4):
        said(sessions, "头晕", minutes, purpose="check_in")
    wanted = said(sessions, "头晕", 1, purpose="inbound", outcome="put_through")
    said(sessions, "头晕", 2, purpose="inbound")

    assert ids(found(sessions, "头晕", purpose="inbound", outcome="put_through")) == [wanted]


def test_words_are_not_joined_over_two_sentences(sessions: Sessions, near: None) -> None:
    with sessions.begin() as session:
        call = make_call()
        session.add(call)
        session.flush()
        turn(session, call, 1, "我胸")
        turn(session, call, 2, "闷得很")

    assert ids(found(sessions, "胸闷")) == []


def test_what_a_machine_wrote_down_later_and_what_staff_heard_are_found_too(sessions: Sessions) -> None:
    with sessions.begin() as session:
        call = make_call()
        session.add(call)
        session.flush()
        recording = recordings.register(session, call=call, sid="RE1", url="http://x", at=NOW)
        recordings.transcribed(session, recording, "听新闻", confidence=0.4, at=NOW)
        recordings.correct(session, recording, "第一次更正")
        recordings.correct(session, recording, "是心闷")

    assert len(ids(found(sessions, "新闻"))) == len(ids(found(sessions, "心闷"))) == 1
    assert ids(found(sessions, "第一次")) == []


def test_a_call_in_which_only_keys_were_pressed_has_no_words(sessions: Sessions) -> None:
    with sessions.begin() as session:
        call = make_call()
        session.add(call)
        session.flush()
        turn(session, call, 1, None)

    with sessions() as session:
        assert session.scalars(select(CallWords)).all() == []


def test_the_words_of_a_call_that_is_deleted_are_gone(sessions: Sessions) -> None:
    call_id = said(sessions, "胸闷")
    with sessions.begin() as session:
        session.delete(session.get_one(CallTurn, session.scalars(select(CallTurn.id)).one()))
        session.flush()
        session.delete(session.get_one(Call, call_id))

    with sessions() as session:
        assert session.scalars(select(CallWords)).all() == []


def test_what_was_said_before_there_was_a_search_is_found(sessions: Sessions, database_url: str) -> None:
    made = [said(sessions, f"胸闷{number}") for number in range(3)]

    downgrade(database_url, "0004")
    upgrade(database_url)

    assert sorted(ids(found(sessions, "胸闷"))) == made


@pytest.mark.parametrize(
    ("text", "wanted", "shown"),
    [
        ("一二三\n四五六七", "五六", ("四", "五六", "七")),
        ("啊" * 40 + "胸闷" + "哦" * 40, "胸闷", ("…" + "啊" * 24, "胸闷", "哦" * 24 + "…")),
        ("一\n二", "", ("一，二", "", "")),
        ("", "胸闷", ("", "", "")),
    ],
)
def test_an_excerpt_shows_what_stands_around(text: str, wanted: str, shown: tuple[str, str, str]) -> None:
    assert words.excerpt(text, wanted) == shown
