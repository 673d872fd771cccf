"""What has been kept long enough is removed: voices, help requests that are over, lines of the audit trail.

    removed = retention.run(session, now, Keep())
    for path in removed.files: delete it in the data folder
    commit; again while removed.more

The files go before the commit: should the process die in between, the next run names them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from care_records.models import AuditEvent, CheckIn, HelpRequest, Recording, RetentionRun
from care_records.models.requests import RequestStatus

LEAST_ACCESS_DAYS: Final = 183
"""What the law asks for: six months."""
AT_ONCE: Final = 1000
"""Of each kind: a run holds up nobody for long."""
_OVER: Final = (RequestStatus.RESOLVED, RequestStatus.CLOSED)


@dataclass(frozen=True)
class Keep:
    """How long what is kept. Raises ValueError for less than a day, or for a trail of less than six months."""

    audio_days: int = 90
    request_years: int = 3
    access_days: int = 365

    def __post_init__(self) -> None:
        if self.audio_days < 1 or self.request_years < 1:
            raise ValueError("voices are kept for a day at least, and help requests for a year")
        if self.access_days < LEAST_ACCESS_DAYS:
            raise ValueError(f"the audit trail is kept for {LEAST_ACCESS_DAYS} days at least")


@dataclass(frozen=True)
class Removed:
    """What a run removed. `files` are relative to the data folder, for whoever ran it to delete before the commit."""

    files: Sequence[str]
    requests: int
    accesses: int
    more: bool
    """There is more than one run removes."""


def run(session: Session, now: datetime, keep: Keep, at_once: int = AT_ONCE) -> Removed:
    """Removes what is too old, at most `at_once` of each kind, and writes down what that was."""
    audio_before = now - timedelta(days=keep.audio_days)
    requests_before = _years_before(now, keep.request_years)
    accesses_before = now - timedelta(days=keep.access_days)
    files = _forget_voices(session, audio_before, now, at_once)
    requests = _remove_requests(session, requests_before, at_once)
    accesses = _remove_accesses(session, accesses_before, at_once)
    session.add(
        RetentionRun(
            at=now,
            audio_before=audio_before,
            recordings=len(files),
            requests_before=requests_before,
            requests=requests,
            accesses_before=accesses_before,
            accesses=accesses,
        )
    )
    session.flush()
    return Removed(files, requests, accesses, more=at_once in (len(files), requests, accesses))


def last_run(session: Session) -> RetentionRun | None:
    return session.scalar(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(1))


def _forget_voices(session: Session, before: datetime, now: datetime, limit: int) -> list[str]:
    """The rows stay, with what was made out in them; one that nobody has written down by now never will be."""
    old = select(Recording.id, Recording.path).where(Recording.path.is_not(None), Recording.created_at < before)
    found = session.execute(old.order_by(Recording.created_at).limit(limit)).all()
    forgotten = {"path": None, "sha256": None, "transcribed_at": func.coalesce(Recording.transcribed_at, now)}
    _in(session, update(Recording).values(forgotten), Recording.id, [number for number, _ in found])
    return [path for _, path in found if path is not None]


def _remove_requests(session: Session, before: datetime, limit: int) -> int:
    """Only what is over, and has been for as long; a check-in that had become one of them keeps its own row."""
    over = HelpRequest.status.in_(_OVER), HelpRequest.created_at < before, HelpRequest.resolved_at < before
    oldest = select(HelpRequest.id).where(*over).order_by(HelpRequest.created_at).limit(limit)
    found = session.scalars(oldest.with_for_update()).all()
    _in(session, update(CheckIn).values(request_id=None), CheckIn.request_id, found)
    _in(session, delete(HelpRequest), HelpRequest.id, found)
    return len(found)


def _remove_accesses(session: Session, before: datetime, limit: int) -> int:
    old = select(AuditEvent.id).where(AuditEvent.at < before).order_by(AuditEvent.at).limit(limit)
    found = session.scalars(old).all()
    _in(session, delete(AuditEvent), AuditEvent.id, found)
    return len(found)


def _in(session: Session, statement: Any, column: InstrumentedAttribute[Any], values: Sequence[int]) -> None:
    if values:
        session.execute(statement.where(column.in_(values)).execution_options(synchronize_session=False))


def _years_before(now: datetime, years: int) -> datetime:
    """The same day and time, years ago; for 29 February the first of March where there is none."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return datetime.combine(date(now.year - years, 3, 1), now.timetz())
