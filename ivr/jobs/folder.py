"""The broker that needs no server: a message is a file in a folder.

kombu's own file system transport, with three things mended. It shows a message while it is still being written, and
whoever reads half of one dies of it; it takes a message away through the machine's temporary folder, which may be
on another disk, where two readers can both get it; and a file that cannot be read stops it for good.
"""

import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

import structlog
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

log = structlog.get_logger()

Message = dict[str, Any]

READY, TAKEN = ".msg", ".taken"
LEFT_BEHIND_S = 300.0
"""A file that is neither written nor read to its end after so long belonged to a process that is dead."""


class FolderChannel(filesystem.Channel):  # type: ignore[misc] # kombu is not typed
    """A message is `<ns since 1970>_<uuid>.<queue>.msg`, so that names sort by age, also after a restart."""

    def _put(self, queue: str, payload: Message, **_: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid4().hex}.{queue}"
        half, whole = self._folder / f"{name}.half", self._folder / f"{name}{READY}"
        half.write_text(dumps(payload), "utf-8")
        half.rename(whole)

    def _get(self, queue: str) -> Message:
        """The oldest message that nobody else has taken; one that cannot be read is thrown away."""
        for file in self._waiting(queue):
            mine = file.with_suffix(TAKEN)
            try:
                file.rename(mine)
            except FileNotFoundError:  # somebody else has it, under the same name: it is theirs to remove
                continue
            try:
                text = mine.read_text("utf-8")
            finally:
                mine.unlink(missing_ok=True)
            message = _parsed(text)
            if message is not None:
                return message
            log.error("queued_message_unreadable", file=file.name)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        files = self._waiting(queue)
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    def _waiting(self, queue: str) -> list[Path]:
        """Oldest first."""
        ending = f".{queue}{READY}"
        return sorted(file for file in self._folder.iterdir() if file.name.endswith(ending))

    @property
    def _folder(self) -> Path:
        return Path(self.data_folder_in)


def _parsed(text: str) -> Message | None:
    try:
        message = loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "properties" in message else None


class FolderTransport(filesystem.Transport):  # type: ignore[misc] # kombu is not typed
    Channel = FolderChannel


def clear_leftovers(folder: Path, older_than_s: float = LEFT_BEHIND_S) -> int:
    """Removes what dead processes have left half written or half read. Returns how many files."""
    before = time.time() - older_than_s
    found = [file for file in folder.iterdir() if file.suffix != READY and file.stat().st_mtime < before]
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)
