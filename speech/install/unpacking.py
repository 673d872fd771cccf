"""Unpacks an archive that nobody vouches for."""

import errno
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from speech.install.errors import InstallError, NoSpaceError, UnsafeArchiveError

MOST_FILES = 2000
MOST_BYTES = 8_000_000_000
MOST_RATIO = 100
"""Unpacked to packed: models reach 3."""
_CHUNK = 1 << 20
_ENCRYPTED = 0x1


def unpack(archive: Path, into: Path) -> Path:
    """Unpack `archive` into the empty folder `into`; the folder that holds the model.

    That is the archive's only folder, if it has just one, or `into` itself.

    Raises:
        UnsafeArchiveError: nothing has been written outside `into`, and less than the limits within it.
        NoSpaceError: the disk is full.
        InstallError: the archive is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            entries = source.infolist()
            _check(entries, archive)
            _check_space(entries, into)
            for entry in entries:
                _extract(source, entry, into)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InstallError(f"{archive}: is not a sound archive: {error}") from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoSpaceError(f"{into.parent}: the disk is full") from error
    inside = list(into.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else into


def _check(entries: list[zipfile.ZipInfo], archive: Path) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES:
        raise UnsafeArchiveError(f"{archive}: has {len(entries)} files")
    if total > MOST_BYTES or total > MOST_RATIO * max(1, archive.stat().st_size):
        raise UnsafeArchiveError(f"{archive}: would unpack to {total} bytes")
    names: set[PurePosixPath] = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            raise UnsafeArchiveError(f"{archive}: {entry.filename!r} lies outside")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnsafeArchiveError(f"{archive}: {entry.filename!r} is a link or a device")
        if entry.flag_bits & _ENCRYPTED or path in names:
            raise UnsafeArchiveError(f"{archive}: {entry.filename!r} is encrypted or there twice")
        names.add(path)


def _check_space(entries: list[zipfile.ZipInfo], into: Path) -> None:
    needed, free = sum(entry.file_size for entry in entries), shutil.disk_usage(into).free
    if needed > free:
        raise NoSpaceError(f"{into.parent}: unpacking needs {needed} bytes, and {free} are free")


def _extract(source: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> None:
    """Never more than the entry declares, whatever its data unpack to; reading to the end checks its CRC."""
    path = into / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with source.open(entry) as data, path.open("xb") as file:
        while chunk := data.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise UnsafeArchiveError(f"{entry.filename!r} unpacks to more than it declares")
            file.write(chunk)
