"""Everything that ever happened with a person, in one line of time, the newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer, joinedload

from care_records.console.paging import Page, Place, encode
from care_records.models import Call, CheckIn, HelpRequest, Pause, PersonEvent
from care_records.models.check_ins import CheckInState

SIZE: Final = 30
Moment = InstrumentedAttribute[datetime]


@dataclass(frozen=True)
class Happening:
    """Something that happened: a call, a check-in, a request, a pause or an edit, and its row."""

    at: datetime
    kind: str
    row: Any

    @property
    def key(self) -> tuple[datetime, str, int]:
        return self.at, self.kind, self.row.id


@dataclass(frozen=True)
class _Source:
    query: Callable[[int], Select[Any]]
    at: Moment
    id: InstrumentedAttribute[int]


def _calls(person_id: int) -> Select[Any]:
    opaque = defer(Call.state), defer(Call.turn), defer(Call.context)
    return select(Call).where(Call.person_id == person_id).options(*opaque)


def _check_ins(person_id: int) -> Select[Any]:
    """What has not begun has not happened."""
    begun = CheckIn.person_id == person_id, CheckIn.state != CheckInState.PLANNED
    return select(CheckIn).where(*begun).options(joinedload(CheckIn.request))


def _requests(person_id: int) -> Select[Any]:
    return select(HelpRequest).where(HelpRequest.person_id == person_id)


def _pauses(person_id: int) -> Select[Any]:
    return select(Pause).where(Pause.person_id == person_id)


def _edits(person_id: int) -> Select[Any]:
    return select(PersonEvent).where(PersonEvent.person_id == person_id).options(joinedload(PersonEvent.staff))


_SOURCES: Final[Mapping[str, _Source]] = {
    "call": _Source(_calls, Call.started_at, Call.id),
    "check_in": _Source(_check_ins, CheckIn.due_at, CheckIn.id),
    "request": _Source(_requests, HelpRequest.created_at, HelpRequest.id),
    "pause": _Source(_pauses, Pause.created_at, Pause.id),
    "edit": _Source(_edits, PersonEvent.at, PersonEvent.id),
}


def happened(
    session: Session, person_id: int, place: Place, only: str | None = None, size: int = SIZE
) -> Page[Happening]:
    """A page of it. `only` a kind of happening; the cursor leads on to what was earlier."""
    wanted = [only] if only and only in _SOURCES else list(_SOURCES)
    before = _cursor(place)
    found = [one for kind in wanted for one in _newest(session, kind, person_id, before, size + 1)]
    found.sort(key=lambda one: one.key, reverse=True)
    shown = found[:size]
    return Page(shown, next_cursor=encode(Place(shown[-1].key)) if len(found) > size else None)


def _newest(
    session: Session, kind: str, person_id: int, before: tuple[datetime, str, int] | None, limit: int
) -> Sequence[Happening]:
    source = _SOURCES[kind]
    query = source.query(person_id)
    if before is not None:
        query = query.where(_earlier(source, kind, before))
    rows = session.scalars(query.order_by(source.at.desc(), source.id.desc()).limit(limit))
    return [Happening(getattr(row, source.at.key), kind, row) for row in rows]


def _earlier(source: _Source, kind: str, before: tuple[datetime, str, int]) -> ColumnElement[bool]:
    """Which rows of a source come after `before` in a line that is sorted by moment, kind and id, all of them down."""
    at, other, id_ = before
    if kind == other:
        return or_(source.at < at, and_(source.at == at, source.id < id_))
    return source.at <= at if kind < other else source.at < at


def _cursor(place: Place) -> tuple[datetime, str, int] | None:
    """Where to go on; a cursor comes from outside."""
    match place.after:
        case (datetime() as at, str() as kind, int() as id_) if at.tzinfo is not None:
            return at, kind, id_
    return None
