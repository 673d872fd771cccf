"""A copy of the duty list on disk, so that an officer can be rung when the database is gone, also after a restart."""

from pathlib import Path
from threading import Lock

import structlog
from pydantic import TypeAdapter, ValidationError

from ivr.calls.files import write_atomically
from ivr.dialog.model import Officer

log = structlog.get_logger()

OFFICERS = TypeAdapter[tuple[Officer, ...]](tuple[Officer, ...])


class DutyCopy:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._officers = self._load()

    @property
    def officers(self) -> tuple[Officer, ...]:
        """The list as it was when it could last be read from the records; empty if it never was."""
        return self._officers

    def refresh(self, officers: tuple[Officer, ...]) -> None:
        """Writes the list down if it has changed. A disk that refuses is reported; the copy in memory is kept."""
        with self._lock:
            if officers == self._officers:
                return
            self._officers = officers
            try:
                write_atomically(self._path, OFFICERS.dump_json(officers))
            except OSError as error:
                log.critical("duty_copy_not_written", errno=error.errno)

    def _load(self) -> tuple[Officer, ...]:
        try:
            return OFFICERS.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            log.critical("duty_copy_unreadable", error=type(error).__name__)
            return ()
