"""Fetches a large file over an unreliable connection."""

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
import structlog

from speech.install.errors import DownloadError, NoSpaceError

log = structlog.get_logger()

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and, when it is known, how many there will be."""

TRIES = 5
"""Broken connections in a row, none of which brought anything."""
WAIT_S = 1.0
"""After the first of them; then twice as long, three times …"""
TIMEOUT_S = (10, 30)
CHUNK = 1 << 16


def download(url: str, part: Path, progress: Progress, largest: int) -> None:
    """Complete `part`, going on from what is in it, where the server allows that.

    Raises:
        DownloadError: the server refuses, sends more than `largest` bytes, or the connection keeps breaking.
        NoSpaceError: the disk is full.
    """
    target = _Target(part, progress, largest)
    failures, most = 0, target.size
    while True:
        try:
            _fetch(url, target)
            return
        except requests.RequestException as error:
            failures = 1 if target.size > most else failures + 1
            most = max(most, target.size)
            if failures >= TRIES:
                raise DownloadError(f"{url}: {_reason(error)}; the same command goes on where it stopped") from error
            log.warning("download_interrupted", url=url, bytes=target.size, error=_reason(error))
            time.sleep(WAIT_S * failures)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise NoSpaceError(f"{part.parent}: the disk is full after {target.size} bytes") from error


@dataclass(frozen=True, slots=True)
class _Target:
    part: Path
    progress: Progress
    largest: int

    @property
    def size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def store(self, response: requests.Response, have: int) -> None:
        """Write the response after the first `have` bytes, which are there."""
        total = _total(response, have)
        if total is not None and total > self.largest:
            raise DownloadError(f"{response.url}: {total} bytes are more than the model can have")
        with self.part.open("ab" if have else "wb") as file:
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                have += len(chunk)
                self.progress(have, total)
                if have > self.largest:
                    raise DownloadError(f"{response.url}: sends more than the model can have")
        if total is not None and have < total:
            raise requests.ConnectionError(f"broke off after {have} of {total} bytes")


def _fetch(url: str, target: _Target) -> None:
    """One connection. Ends when the file is complete; raises RequestException when it broke off."""
    have = target.size
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
        match response.status_code:
            case requests.codes.requested_range_not_satisfiable if have:
                _check_complete(response, target)
            case requests.codes.partial_content if have:
                _check_start(response, have)
                target.store(response, have)
            case requests.codes.ok:
                target.store(response, 0)
            case status:
                raise DownloadError(f"{url}: the server answers {status} {response.reason}")


def _check_complete(response: requests.Response, target: _Target) -> None:
    """A server has nothing after what we have: complete, unless it says that the file is of another size."""
    size = response.headers.get("Content-Range", "").rpartition("/")[2]
    if size != str(target.size):
        target.part.unlink()
        raise requests.ConnectionError("the file on the server has changed; starting again")


def _check_start(response: requests.Response, have: int) -> None:
    if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise DownloadError(f"{response.url}: the server sends another part than the one asked for")


def _total(response: requests.Response, have: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return have + int(length) if length.isdigit() else None


def _reason(error: requests.RequestException) -> str:
    return str(error) or type(error).__name__
