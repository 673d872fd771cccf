"""Lists are read a page at a time, in both directions."""

import base64
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console.paging import START, Page, Place, decode, encode, page_url, read_page
from care_records.models import Call
from tests.care_records.builders import NOW, make_call

KEY = (Call.started_at, Call.id)


@pytest.fixture
def calls(sessions: sessionmaker[Session]) -> list[str]:
    """Seven calls, newest first; the second and the third began at the same moment."""
    minutes = (7, 6, 6, 5, 4, 3, 2)
    made = [make_call(started_at=NOW + timedelta(minutes=at)) for at in minutes]
    with sessions.begin() as session:
        session.add_all(reversed(made))
    return [call.sid for call in sorted(made, key=lambda call: (call.started_at, call.id), reverse=True)]


def turn(sessions: sessionmaker[Session], cursor: str | None, size: int = 3) -> Page[Call]:
    place = decode(cursor) if cursor else START
    with sessions() as session:
        return read_page(session, select(Call), KEY, place, newest_first=True, size=size)


def sids(page: Page[Call]) -> list[str]:
    return [call.sid for call in page.items]


def test_going_on_shows_every_row_once_in_order(sessions: sessionmaker[Session], calls: list[str]) -> None:
    first = turn(sessions, None)
    second = turn(sessions, first.next_cursor)
    third = turn(sessions, second.next_cursor)

    assert sids(first) + sids(second) + sids(third) == calls
    assert (first.previous_cursor, third.next_cursor) == (None, None)


def test_going_back_shows_the_page_before(sessions: sessionmaker[Session], calls: list[str]) -> None:
    second = turn(sessions, turn(sessions, None).next_cursor)
    third = turn(sessions, second.next_cursor)

    back = turn(sessions, third.previous_cursor)
    start = turn(sessions, back.previous_cursor)

    assert sids(back) == sids(second)
    assert sids(start) == calls[:3]
    assert start.previous_cursor is None
    assert sids(turn(sessions, start.next_cursor)) == sids(back)


def test_a_list_that_fits_on_a_page_has_no_other(sessions: sessionmaker[Session], calls: list[str]) -> None:
    page = turn(sessions, None, size=7)

    assert sids(page) == calls
    assert (page.previous_cursor, page.next_cursor) == (None, None)


def test_an_empty_list_has_one_page(sessions: sessionmaker[Session]) -> None:
    assert turn(sessions, None) == Page([])


@pytest.mark.parametrize("text", ["", "x", "[]", "[0]", "null", '{"at": 1}', '[0, {"at": 1}]', '[0, {"a": 1}]'])
def test_a_cursor_that_means_nothing_is_the_start(text: str) -> None:
    assert decode(base64.urlsafe_b64encode(text.encode()).decode()) == START


@pytest.mark.parametrize("after", [(1,), (1, 2), ("2026", 1), (NOW, 1, 1)])
def test_a_cursor_of_another_list_is_the_start(
    sessions: sessionmaker[Session], calls: list[str], after: tuple[object, ...]
) -> None:
    assert sids(turn(sessions, encode(Place(after)))) == calls[:3]


def test_a_cursor_keeps_the_filters_of_the_list(app: Flask) -> None:
    with app.test_request_context("/console/calls/?person=7&page=old&outcome=%E6%8C%82"):
        assert page_url("new") == "/console/calls/?person=7&outcome=%E6%8C%82&page=new"
