"""What the pages of calls show: the list, with its filters and its search, and one call as a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_
from sqlalchemy.orm import Session, defer, joinedload
from werkzeug.security import safe_join

from care_records.console.paging import SIZE, Page, Place, read_page
from care_records.models import (
    AuditEvent,
    Call,
    CallTurn,
    CallWords,
    CheckIn,
    HelpRequest,
    OutboundCall,
    Person,
    Recording,
    Transfer,
)
from care_records.models.calls import RecordingState
from care_records.services import searching, words

GOING_ON: Final = "going_on"
"""Chosen in place of an outcome: calls that have none yet."""
_KEY: Final = (Call.started_at, Call.id)
_OPAQUE: Final = (defer(Call.state), defer(Call.turn), defer(Call.context))
_NEAR: Final = 3000
"""How many calls are read through before the index is asked."""
_NAMESAKES: Final = 500


@dataclass(frozen=True)
class Wanted:
    """Which calls a list shows; None: any."""

    people: Sequence[int] | None = None
    purpose: str | None = None
    outcome: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    words: str | None = None


@dataclass(frozen=True)
class Row:
    """A call of the list. `excerpt` is what was said: before what is looked for, that itself, after it."""

    call: Call
    excerpt: tuple[str, str, str]


@dataclass(frozen=True)
class Voice:
    """A recording. `playable`: it is in the data folder."""

    recording: Recording
    playable: bool


@dataclass(frozen=True)
class Exchange:
    """What the line said, and what came back."""

    turn: CallTurn
    since_start: timedelta
    voice: Voice | None
    transfers: Sequence[Transfer]

    @property
    def offset(self) -> str:
        """How long after the call began the answer came: 1:05."""
        minutes, seconds = divmod(int(self.since_start.total_seconds()), 60)
        return f"{minutes}:{seconds:02d}"


@dataclass(frozen=True)
class Conversation:
    """One call. `others` are recordings that belong to no exchange."""

    call: Call
    exchanges: Sequence[Exchange]
    others: Sequence[Voice]
    requests: Sequence[HelpRequest]
    check_in: CheckIn | None


def listed(session: Session, wanted: Wanted, place: Place) -> Page[Row]:
    """A page of the calls that fit, the newest first."""
    fitting = _fitting(wanted)
    if wanted.words:
        fitting.append(_said(session, wanted.words, fitting, place))
    query = select(Call).where(*fitting).options(*_OPAQUE, joinedload(Call.person))
    page = read_page(session, query, _KEY, place, newest_first=True)
    said = _words_of(session, [call.id for call in page.items])
    rows = [Row(call, words.excerpt(said.get(call.id, ""), wanted.words or "")) for call in page.items]
    return Page(rows, page.next_cursor, page.previous_cursor)


def people_called(session: Session, text: str) -> list[int]:
    """The ids of those whom a name, its pinyin or initials, or a telephone number finds."""
    return list(session.scalars(select(Person.id).where(searching.found_by(session, text)).limit(_NAMESAKES)))


def span(first: date | None, last: date | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day to the end of the last, as the office's clock has them."""
    begin = datetime.combine(first, time(), zone) if first else None
    end = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return begin, end


def person_named(session: Session, person_id: int) -> str | None:
    return session.scalar(select(Person.name).where(Person.id == person_id))


def conversation(session: Session, call_id: int, folder: Path) -> Conversation | None:
    """One call from its beginning to its end; None: there is no such call."""
    call = session.scalar(select(Call).where(Call.id == call_id).options(*_OPAQUE, joinedload(Call.person)))
    if call is None:
        return None
    recordings = session.scalars(select(Recording).where(Recording.call_id == call_id).order_by(Recording.id))
    voices = {recording.sid: _voice(recording, folder) for recording in recordings}
    turns = list(session.scalars(select(CallTurn).where(CallTurn.call_id == call_id).order_by(CallTurn.number)))
    transfers = _transfers(session, call_id)
    named = {turn.recording_sid for turn in turns}
    return Conversation(
        call=call,
        exchanges=[_exchange(call, turn, voices, transfers) for turn in turns],
        others=[voice for sid, voice in voices.items() if sid not in named],
        requests=list(session.scalars(select(HelpRequest).where(HelpRequest.call_id == call_id))),
        check_in=_check_in(session, call),
    )


def voice(session: Session, recording_id: int, folder: Path) -> Voice | None:
    """One recording with its call; None: there is no such recording."""
    related = joinedload(Recording.call).options(*_OPAQUE).joinedload(Call.person)
    recording = session.scalar(select(Recording).where(Recording.id == recording_id).options(related))
    return _voice(recording, folder) if recording else None


def turn_of(session: Session, recording: Recording) -> CallTurn | None:
    """The exchange in which it was recorded."""
    same = CallTurn.call_id == recording.call_id, CallTurn.recording_sid == recording.sid
    return session.scalar(select(CallTurn).where(*same).limit(1))


def file_of(recording: Recording, folder: Path) -> Path | None:
    """Where the recording is; None: nowhere, or not within the data folder."""
    if recording.state is not RecordingState.STORED or recording.path is None:
        return None
    path = safe_join(str(folder.absolute()), recording.path)
    return Path(path) if path and Path(path).is_file() else None


def played_since(session: Session, recording_id: int, account_id: int, since: datetime) -> bool:
    """Whether the trail says that this account has played the recording since then."""
    same = AuditEvent.subject_kind == "recording", AuditEvent.subject_id == recording_id
    by = AuditEvent.account_id == account_id, AuditEvent.action == "recording.played", AuditEvent.at >= since
    return bool(session.scalar(select(exists().where(*same, *by))))


# --- The list


def _fitting(wanted: Wanted) -> list[ColumnElement[bool]]:
    fitting: list[ColumnElement[bool]] = []
    if wanted.people is not None:
        fitting.append(Call.person_id.in_(wanted.people))
    if wanted.purpose:
        fitting.append(Call.purpose == wanted.purpose)
    if wanted.outcome:
        fitting.append(Call.outcome.is_(None) if wanted.outcome == GOING_ON else Call.outcome == wanted.outcome)
    if wanted.begin:
        fitting.append(Call.started_at >= wanted.begin)
    if wanted.end:
        fitting.append(Call.started_at < wanted.end)
    return fitting


def _said(session: Session, text: str, fitting: list[ColumnElement[bool]], place: Place) -> ColumnElement[bool]:
    """What holds of the calls in which `text` was said.

    What is said often is soon found by reading the calls next to the place; what is said in few calls is looked up
    among all. Neither takes long, where either alone would for the other kind.
    """
    near = _near(session, text, fitting, place)
    if near is not None:
        return Call.id.in_(near)
    found = select(CallWords.call_id).where(*words.have(session, text)).cte("found").prefix_with("MATERIALIZED")
    return Call.id.in_(select(found.c.call_id))


def _near(session: Session, text: str, fitting: list[ColumnElement[bool]], place: Place) -> list[int] | None:
    """The ids of a whole page of such calls near the place, or of all there are; None: it takes more than that."""
    down = not place.backwards
    next_ones = select(Call.id, *_KEY[:1]).where(*fitting)
    if len(place.after) == len(_KEY) and isinstance(place.after[0], datetime) and isinstance(place.after[1], int):
        here, there = tuple_(*_KEY), tuple_(*place.after)
        next_ones = next_ones.where(here < there if down else here > there)
    order = [column.desc() if down else column.asc() for column in _KEY]
    near = next_ones.order_by(*order).limit(_NEAR).cte("near")
    has = func.coalesce(words.contain(text), False)
    read = select(near.c.id, has).outerjoin(CallWords, CallWords.call_id == near.c.id)
    by = (near.c.started_at, near.c.id)
    rows = session.execute(read.order_by(*(column.desc() if down else column.asc() for column in by))).all()
    hits = [call_id for call_id, hit in rows if hit]
    return hits[: SIZE + 1] if len(hits) > SIZE or len(rows) < _NEAR else None


def _words_of(session: Session, call_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(CallWords.call_id, CallWords.text).where(CallWords.call_id.in_(call_ids)))
    return {row.call_id: row.text for row in rows}


# --- One call


def _voice(recording: Recording, folder: Path) -> Voice:
    return Voice(recording, file_of(recording, folder) is not None)


def _exchange(call: Call, turn: CallTurn, voices: dict[str, Voice], transfers: dict[int, list[Transfer]]) -> Exchange:
    return Exchange(
        turn=turn,
        since_start=max(turn.at - call.started_at, timedelta()),
        voice=voices.get(turn.recording_sid) if turn.recording_sid else None,
        transfers=transfers.get(turn.number, []),
    )


def _transfers(session: Session, call_id: int) -> dict[int, list[Transfer]]:
    by_turn: dict[int, list[Transfer]] = {}
    query = select(Transfer).where(Transfer.call_id == call_id).options(joinedload(Transfer.staff))
    for transfer in session.scalars(query.order_by(Transfer.id)):
        by_turn.setdefault(transfer.turn_number, []).append(transfer)
    return by_turn


def _check_in(session: Session, call: Call) -> CheckIn | None:
    tried = and_(OutboundCall.sid == call.sid, OutboundCall.check_in_id == CheckIn.id)
    return session.scalar(select(CheckIn).join(OutboundCall, tried))
