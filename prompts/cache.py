"""Audio made at run time, kept on disk: bounded, and safe with several processes."""

import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

LIMIT_BYTES: Final = 64 * 1024 * 1024
"""About two hours and twenty minutes of speech."""
WRITES_BETWEEN_CLEANING: Final = 64
SUFFIX: Final = ".ulaw"


def key_of(*parts: object) -> str:
    """One key for everything that the audio depends on."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()


class AudioCache:
    """Mu-law samples by key. A disk that is full or read-only costs time, never an answer."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._writes = 0

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            found = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return found or None

    def put(self, key: str, mulaw: bytes) -> None:
        """The file appears whole or not at all, whoever else is writing it."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(path, mulaw)
        except OSError as error:
            log.warning("audio_not_cached", error=error.strerror)
            return
        if self._time_to_clean():
            self.clean()

    def _write(self, path: Path, mulaw: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mulaw)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def clean(self) -> None:
        """Removes what was used longest ago until three quarters of the limit are left."""
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        if total <= self._limit:
            return
        for _, size, path in files:
            path.unlink(missing_ok=True)
            total -= size
            if total <= self._limit * 3 // 4:
                return

    def _files(self) -> list[tuple[int, int, Path]]:
        """(last use in ns, bytes, path); a file that another process has just removed is passed over."""
        found = []
        for path in self._folder.glob("*/*"):
            try:
                about = path.stat()
            except FileNotFoundError:
                continue
            found.append((about.st_mtime_ns, about.st_size, path))
        return found

    def _time_to_clean(self) -> bool:
        with self._lock:
            self._writes += 1
            return self._writes % WRITES_BETWEEN_CLEANING == 1

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / (key[2:] + SUFFIX)
