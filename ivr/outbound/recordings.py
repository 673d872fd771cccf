"""Callers' recordings fetched from the provider into the data folder, until they are there or given up."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import HelpRequest, Recording
from care_records.models.calls import RecordingState
from care_records.services import recordings, requests
from ivr.calls.files import write_atomically
from ivr.calls.reading import reading
from ivr.config import Settings
from ivr.outbound.audio import wav_seconds
from ivr.telephony.provider import ProviderError

log = structlog.get_logger()

SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MISSING_NOTE = "来电录音没有取到，请直接回电询问。"

Fetch = Callable[[str], bytes]
"""The bytes behind a recording's URL; raises ProviderError."""


@dataclass(frozen=True)
class Due:
    """A recording to fetch, outside of any session. `path` is relative to the data folder."""

    row_id: int
    sid: str
    url: str
    path: Path


class RecordingFetcher:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings, fetch: Fetch) -> None:
        self._sessions = sessions
        self._data_dir = settings.data_dir
        self._zone = settings.zone
        self._fetch = fetch

    def fetch_due(self, now: datetime) -> int:
        """Tries each recording that is due once. Returns how many have been stored; raises what the database raises."""
        return sum(self._try(due, now) for due in self._due(now))

    def _due(self, now: datetime) -> list[Due]:
        with reading(self._sessions) as session:
            return [
                Due(row.id, row.sid, row.url, self._path(row.sid, row.created_at))
                for row in recordings.due(session, now)
            ]

    def _path(self, sid: str, created_at: datetime) -> Path:
        """Named by its SID, unless that is not fit for a file name: it comes from outside."""
        name = sid if SAFE_NAME.fullmatch(sid) else hashlib.sha256(sid.encode()).hexdigest()
        return Path("recordings") / f"{created_at.astimezone(self._zone):%Y/%m}" / f"{name}.wav"

    def _try(self, due: Due, now: datetime) -> bool:
        """Fetches, stores, then tells the records; no session is open while the provider is asked."""
        try:
            audio = self._fetch(due.url)
            seconds = wav_seconds(audio)
            write_atomically(self._data_dir / due.path, audio)
        except Exception as error:  # noqa: BLE001 - whatever it is, the row remembers it and is tried again
            self._failed(due, error, now)
            return False
        with self._sessions.begin() as session:
            row = session.get_one(Recording, due.row_id)
            digest = hashlib.sha256(audio).hexdigest()
            recordings.stored(session, row, path=due.path.as_posix(), sha256=digest, seconds=seconds)
        log.info("recording_stored", recording_sid=due.sid, size=len(audio))
        return True

    def _failed(self, due: Due, error: Exception, now: datetime) -> None:
        reason = f"{type(error).__name__}: {error}" if isinstance(error, ProviderError) else type(error).__name__
        with self._sessions.begin() as session:
            row = session.get_one(Recording, due.row_id)
            recordings.failed(session, row, reason, now)
            missing = row.state is RecordingState.MISSING
            if missing:
                _tell_staff(session, row, now)
        log.log(
            40 if missing else 30, "recording_missing" if missing else "recording_not_fetched", recording_sid=due.sid
        )


def _tell_staff(session: Session, recording: Recording, now: datetime) -> None:
    """A note for every request that the recording may belong to: those that name it, or else all of its call."""
    of_call = list(session.scalars(select(HelpRequest).where(HelpRequest.call_id == recording.call_id)))
    named = [request for request in of_call if request.recording_sid == recording.sid]
    for request in named or of_call:
        requests.note(session, request, MISSING_NOTE, at=now)
