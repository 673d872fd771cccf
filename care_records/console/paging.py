"""Lists that go on: a page at a time by key, so that the thousandth page costs no more than the first.

page = read_page(session, select(Call).where(...), (Call.started_at, Call.id), asked_page(), newest_first=True)
{{ ui.paging(page) }}
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")
Key = tuple[InstrumentedAttribute[Any], ...]

SIZE: Final = 50
PARAMETER: Final = "page"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list. A cursor is what `?page=` takes to get to the next ones, or to those before; None: none there."""

    items: Sequence[T]
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a page begins: right after the row with these key values, or, backwards, right before it."""

    after: tuple[Any, ...] = ()
    backwards: bool = False


START: Final = Place()


def asked_page() -> Place:
    """The place that this request asks for; the start if it asks for none, or for none that makes sense."""
    return decode(request.args.get(PARAMETER, ""))


def read_page(  # noqa: PLR0913
    session: Session, query: Select[T], key: Key, place: Place, *, newest_first: bool = False, size: int = SIZE
) -> Page[T]:
    """The rows of `query` at that place, in the order of `key`, whose columns together are unique and indexed.

    `query` has no ORDER BY and no LIMIT of its own; its entity has the key's columns as attributes, none of them NULL.
    """
    if not _fits(place.after, key):
        place = START
    down = newest_first is not place.backwards
    if place.after:
        query = query.where(_beyond(key, place.after, down=down))
    order = [column.desc() if down else column.asc() for column in key]
    found = list(session.scalars(query.order_by(*order).limit(size + 1)))
    more, rows = len(found) > size, found[:size]
    if place.backwards:
        rows.reverse()
    before = more if place.backwards else bool(place.after)
    after = bool(rows) if place.backwards else more
    return Page(
        rows,
        next_cursor=encode(Place(_values(rows[-1], key))) if after and rows else None,
        previous_cursor=encode(Place(_values(rows[0], key), backwards=True)) if before and rows else None,
    )


def page_url(cursor: str) -> str:
    """This list, with its filters, at another place."""
    return f"{request.path}?{urlencode([*_other_parameters(), (PARAMETER, cursor)])}"


def encode(place: Place) -> str:
    values = [_plain(value) for value in place.after]
    text = json.dumps([int(place.backwards), *values], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> Place:
    try:
        backwards, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return Place(tuple(_rich(value) for value in values), backwards == 1) if values else START
    except (ValueError, TypeError, KeyError, binascii.Error):
        return START


def _other_parameters() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]


def _fits(values: tuple[Any, ...], key: Key) -> bool:
    """Whether they may be values of this key: a cursor comes from outside."""
    if len(values) != len(key):
        return False
    return all(isinstance(value, _kind(column)) for value, column in zip(values, key, strict=True))


def _kind(column: InstrumentedAttribute[Any]) -> type:
    """What the values of a column are in Python."""
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return stored.python_type


def _beyond(key: Key, values: tuple[Any, ...], *, down: bool) -> ColumnElement[bool]:
    here, there = tuple_(*key), tuple_(*values)
    return here < there if down else here > there


def _values(row: object, key: Key) -> tuple[Any, ...]:
    return tuple(getattr(row, column.key) for column in key)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _rich(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["at"]) if "at" in value else date.fromisoformat(value["day"])
