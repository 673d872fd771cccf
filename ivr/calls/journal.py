"""The journal: where records wait, on disk, while the database refuses them.

A file with a JSON record a line, each fsynced before its caller hears the next turn. A replay applies the lines in
order and removes the file once all of them are in the database; a crash between the two makes them be applied again,
which is why applying must be idempotent. What cannot be applied for what it says, or cannot be read, is kept aside in
`rejected.jsonl` and never blocks the rest.
"""

import errno
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from threading import RLock

import structlog
from pydantic import ValidationError

from ivr.calls.files import sync_folder
from ivr.calls.locks import file_lock
from ivr.calls.record import Record, parse

log = structlog.get_logger()

Apply = Callable[[Record], None]


class DatabaseAwayError(Exception):
    """The database takes nothing at the moment, whatever it is."""


@dataclass(frozen=True)
class Replayed:
    """What a replay came to, in records. `complete` is false when the database went away before the end."""

    applied: int = 0
    rejected: int = 0
    complete: bool = True


@dataclass
class _Seen:
    """What has been read of a file: `size` bytes, these records. A file only grows, and its name never comes back."""

    size: int = 0
    records: list[Record] = field(default_factory=list)


class Journal:
    """Safe between threads, and between processes that share the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._rejects = folder / "rejected.jsonl"
        self._writing = folder / "writing.lock"
        self._replaying = folder / "replaying.lock"
        for file in (self._rejects, self._writing, self._replaying):
            file.touch(mode=0o600)
        sync_folder(folder)
        self._mutex = RLock()
        self._seen: dict[str, _Seen] = {}
        self._unwritten: list[Record] = []

    def append(self, records: Sequence[Record]) -> None:
        """Returns once the records are on disk, all or none.

        If the disk refuses too, they are kept in memory, ahead of whatever comes later, and `unwritten` says so.
        """
        with self._mutex:
            self._unwritten.extend(records)
            try:
                with file_lock(self._writing):
                    _append(self._newest(), b"".join(_line(record) for record in self._unwritten), self._reject)
            except OSError as error:
                log.critical("journal_write_failed", errno=error.errno, unwritten=len(self._unwritten))
            else:
                self._unwritten.clear()

    def pending_for(self, sid: str) -> tuple[Record, ...]:
        """This call's records that the database may not have yet, oldest first."""
        return tuple(record for record in self._pending() if record.sid == sid)

    @property
    def pending(self) -> int:
        """How many records wait for the database."""
        return len(self._pending())

    @property
    def unwritten(self) -> int:
        """How many of them are in memory only, because the disk refused them as well."""
        return len(self._unwritten)

    @property
    def rejected(self) -> int:
        """How many lines somebody must look at in `rejected.jsonl`."""
        return self._rejects.read_bytes().count(b"\n") if self._rejects.exists() else 0

    def replay(self, apply: Apply) -> Replayed:
        """Applies what is pending, in order. One replay at a time; while one is under way, another does nothing.

        `apply` commits the record before it returns, does nothing with one that it has applied before, and raises
        DatabaseAwayError to stop here and try again later; a record on which it raises anything else is rejected.
        Raises OSError when the disk does not even take a rejected record.
        """
        if not self._files() and not self._unwritten:
            return Replayed()
        try:
            with file_lock(self._replaying, wait=False):
                return self._replay(apply)
        except BlockingIOError:
            return Replayed(complete=False)

    # --- Reading

    def _pending(self) -> list[Record]:
        with self._mutex:
            files = self._files()
            self._seen = {file.name: self._seen.get(file.name, _Seen()) for file in files}
            return [record for file in files for record in self._read_on(file)] + self._unwritten

    def _read_on(self, file: Path) -> list[Record]:
        """The file's records, read on from where the last look ended, up to the last whole line."""
        seen = self._seen[file.name]
        lines = _lines(file, seen.size)
        seen.size += sum(map(len, lines))
        for line in lines:
            try:
                seen.records.append(parse(line))
            except ValidationError:
                log.critical("journal_line_unreadable", file=file.name)  # the replay keeps it aside
        return seen.records

    def _files(self) -> list[Path]:
        """Oldest first; hardly ever more than one. None when the folder cannot be read: the calls go on without it."""
        try:
            return sorted(file for file in self._folder.iterdir() if file.name[0].isdigit())
        except OSError as error:
            log.critical("journal_unreadable", errno=error.errno)
            return []

    # --- Writing

    def _newest(self) -> Path:
        """The file to append to. A new one is named by the time, so that no name comes back."""
        files = self._files()
        if files:
            return files[-1]
        file = self._folder / f"{time.time_ns():020d}.jsonl"
        file.touch(mode=0o600, exist_ok=False)
        sync_folder(self._folder)
        return file

    def _reject(self, line: bytes) -> None:
        """Keeps a line aside, once."""
        line = line.rstrip(b"\n") + b"\n"
        if line not in self._rejects.read_bytes().splitlines(keepends=True):
            _append(self._rejects, line, lambda _: None)

    # --- Replaying

    def _replay(self, apply: Apply) -> Replayed:
        outcomes: list[bool] = []
        try:
            for file in self._files():
                self._replay_file(file, apply, outcomes)
            while self._unwritten:
                record = self._unwritten[0]
                outcomes.append(self._attempt(_line(record), apply))
                with self._mutex:
                    self._unwritten = [other for other in self._unwritten if other is not record]
        except DatabaseAwayError:
            return Replayed(outcomes.count(True), outcomes.count(False), complete=False)
        return Replayed(outcomes.count(True), outcomes.count(False))

    def _replay_file(self, file: Path, apply: Apply, outcomes: list[bool]) -> None:
        """Applies line after line, also those that are appended meanwhile, until the file can be removed."""
        done = 0
        while not self._removed(file, done):
            for line in _lines(file, done):
                outcomes.append(self._attempt(line, apply))
                done += len(line)

    def _removed(self, file: Path, done: int) -> bool:
        """Removes the file if all its whole lines, `done` bytes, are dealt with."""
        with file_lock(self._writing):
            rest = file.read_bytes()[done:]
            if b"\n" in rest:
                return False
            if rest:
                log.critical("journal_line_torn", size=len(rest))
                self._reject(rest)
            file.unlink()
            sync_folder(self._folder)
            return True

    def _attempt(self, line: bytes, apply: Apply) -> bool:
        try:
            apply(parse(line))
        except DatabaseAwayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept aside for somebody to look at
            self._reject(line)
            log.critical("journal_record_rejected", error=type(error).__name__)
            return False
        return True


def _line(record: Record) -> bytes:
    return record.model_dump_json().encode() + b"\n"


def _lines(file: Path, offset: int) -> list[bytes]:
    """The whole lines from `offset`, a number of bytes, on; none if a replay has just removed the file."""
    try:
        with file.open("rb") as handle:
            handle.seek(offset)
            data = handle.read()
    except FileNotFoundError:
        return []
    return data[: data.rfind(b"\n") + 1].splitlines(keepends=True)


def _append(file: Path, data: bytes, reject: Callable[[bytes], None]) -> None:
    """Appends and fsyncs `data` whole or, raising OSError, not at all; what a crash left of a line goes to `reject`."""
    with file.open("r+b", buffering=0) as handle:
        whole = _whole(handle)
        handle.seek(whole)
        torn = handle.read()
        if torn:
            log.critical("journal_line_torn", size=len(torn))
            reject(torn)
            handle.truncate(whole)
        try:
            handle.seek(whole)
            if handle.write(data) != len(data):
                raise OSError(errno.ENOSPC, "short write")
            os.fsync(handle.fileno())
        except OSError:
            handle.truncate(whole)
            raise


def _whole(handle: FileIO) -> int:
    """Up to where the file, in bytes, is whole lines: all of it but for a crash in the middle of one."""
    size = handle.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    handle.seek(size - 1)
    if handle.read(1) == b"\n":
        return size
    handle.seek(0)
    return handle.read().rfind(b"\n") + 1
