"""What callers said, made fit to be searched: by any two characters of it, in any call.

Chinese has no spaces, and what people look for is mostly two characters long: too short for the trigrams that databases
offer. PostgreSQL finds the calls in which all pairs of characters occur, and then reads the few.
"""

import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from care_records.models import CallTurn, CallWords, Recording

_HALF_WIDTH: Final = {0xFEE0 + code: code for code in map(ord, string.ascii_letters + string.digits)} | {0: None}
LONGEST: Final = 20_000
"""Characters of one call that can be found; a call of an hour has fewer."""


def refresh(session: Session, *call_ids: int) -> None:
    """Makes what can be found of these calls anew: whenever a turn or a recording has got a text, or lost it."""
    session.flush()
    postgres = session.get_bind().dialect.name == "postgresql"
    said: dict[int, list[str]] = {call_id: [] for call_id in call_ids}
    for call_id, text in _texts(session, call_ids):
        said[call_id].append(text)
    rows = [_row(call_id, texts, with_pieces=postgres) for call_id, texts in said.items()]
    insert = (postgresql if postgres else sqlite).insert(CallWords).values(rows)
    values = {"text": insert.excluded.text, "pieces": insert.excluded.pieces}
    session.execute(insert.on_conflict_do_update(index_elements=[CallWords.call_id], set_=values))


def plain(text: str) -> str:
    """`text` as it is stored and looked for: large and small letters are the same, and so are full-width ones."""
    return text.translate(_HALF_WIDTH).lower()


def pieces(text: str) -> list[str]:
    """The different characters and pairs of characters in a text, in order."""
    return sorted({piece for line in text.split("\n") for piece in _pieces(line)})


def contain(wanted: str) -> ColumnElement[bool]:
    """Whether a call's words have `wanted` in them, as it stands; nothing in it is a wildcard."""
    return CallWords.text.contains(plain(wanted), autoescape=True)


def have(session: Session, wanted: str) -> list[ColumnElement[bool]]:
    """As `contain`, for all calls at once: PostgreSQL looks into the index first, SQLite reads what there is."""
    if session.get_bind().dialect.name == "sqlite":
        return [contain(wanted)]
    text = plain(wanted)
    pairs = [first + second for first, second in pairwise(text)] or [text]
    return [CallWords.pieces.contains(pairs), contain(wanted)]


def excerpt(text: str, wanted: str, around: int = 24) -> tuple[str, str, str]:
    """The first place where `wanted` stands in `text`: what is before it, itself, and what follows, of one line.

    Where it does not stand, or nothing is wanted: the beginning, and two empty texts.
    """
    at = text.find(plain(wanted)) if wanted else -1
    if at < 0:
        return _shortened(text.replace("\n", "，"), 2 * around), "", ""
    end = at + len(plain(wanted))
    before = text[:at].rpartition("\n")[2]
    before = before if len(before) <= around else f"…{before[-around:]}"
    return before, text[at:end], _shortened(text[end:].partition("\n")[0], around)


def _texts(session: Session, call_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """What was made out, in order: on the line, by a machine afterwards, by staff."""
    heard = select(CallTurn.call_id, CallTurn.heard).where(CallTurn.call_id.in_(call_ids))
    yield from _said(session.execute(heard.order_by(CallTurn.call_id, CallTurn.number)))
    written = select(Recording.call_id, Recording.transcript, Recording.corrected)
    yield from _said(session.execute(written.where(Recording.call_id.in_(call_ids)).order_by(Recording.id)))


def _said(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, str]]:
    for call_id, *texts in rows:
        yield from ((call_id, str(text)) for text in texts if text)


def _row(call_id: int, texts: Sequence[str], *, with_pieces: bool) -> dict[str, Any]:
    text = plain("\n".join(dict.fromkeys(texts)))[:LONGEST]
    return {"call_id": call_id, "text": text, "pieces": pieces(text) if with_pieces else None}


def _pieces(line: str) -> Iterator[str]:
    yield from line
    yield from (first + second for first, second in pairwise(line))


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
