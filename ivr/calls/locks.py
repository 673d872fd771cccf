"""One thing at a time: locks that hold between the threads of a process and between processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from zlib import crc32

import structlog

STRIPES = 128

log = structlog.get_logger()


@contextmanager
def file_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds the file's advisory lock. Raises BlockingIOError when `wait` is false and somebody else has it.

    The file is opened anew each time, so that two threads, or two children of one fork, exclude each other.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


class CallLocks:
    """At most one step of a call at a time. Calls share a fixed number of locks; two that share one take turns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._files = tuple(folder / f"call-{number:03d}.lock" for number in range(STRIPES))
        self._threads = tuple(Lock() for _ in self._files)
        for file in self._files:
            file.touch(mode=0o600)  # now, because a full disk must not stop a call later

    @contextmanager
    def hold(self, sid: str) -> Iterator[None]:
        """Waits its turn. Where the file cannot be locked, a caller is still answered, in turn within this process."""
        stripe = crc32(sid.encode()) % STRIPES
        with self._threads[stripe], ExitStack() as stack:
            try:
                stack.enter_context(file_lock(self._files[stripe]))
            except OSError as error:
                log.critical("call_lock_unavailable", errno=error.errno)
            yield
