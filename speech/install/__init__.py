"""Puts a model into the data folder: whole and checked, or not at all."""

import fcntl
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from speech.engine.errors import ModelError
from speech.engine.folder import CHECKSUMS, inspect
from speech.install.errors import (
    BusyError,
    ChecksumError,
    DownloadError,
    InstallError,
    NoSpaceError,
    UnsafeArchiveError,
)
from speech.install.fetching import Progress, download
from speech.install.official import OFFICIAL, Official
from speech.install.unpacking import MOST_BYTES, unpack

__all__ = [
    "OFFICIAL",
    "BusyError",
    "ChecksumError",
    "DownloadError",
    "InstallError",
    "NoSpaceError",
    "Official",
    "UnsafeArchiveError",
    "install",
    "install_file",
]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)


def _no_progress(done: int, total: int | None) -> None:
    """Nobody is watching."""


def install(
    name: str, models: Path, *, url: str | None = None, sha256: str | None = None, progress: Progress = _no_progress
) -> Path:
    """Download a model and put it into `models`; its folder. One that is there and sound is left as it is.

    `url` and `sha256` take the place of the official ones; a model that is not official needs a `url`. Where no
    checksum is known, the archive's own CRCs are what there is, and its sum is kept for the next time.

    Raises:
        InstallError: the subclass says what went wrong, and what was kept.
    """
    official = OFFICIAL.get(name)
    address = url or (official.url if official else None)
    if address is None:
        raise InstallError(f"{name}: not an official model ({', '.join(OFFICIAL)}); give its address")
    with _locked(name, models):
        folder = models / name
        if _sound(folder):
            return folder
        part = models / f".{name}.zip.part"
        download(address, part, progress, official.largest if official else MOST_BYTES)
        _check(part, name, models, sha256 or (official.sha256 if official else None))
        _check_size(part, official if sha256 is None and url is None else None)
        _put(part, folder)
        part.unlink()
    return folder


def install_file(archive: Path, models: Path, *, name: str | None = None, sha256: str | None = None) -> Path:
    """As `install`, from an archive that is here already, which stays where it is."""
    name = name or archive.stem
    if not archive.is_file():
        raise InstallError(f"{archive}: there is no such file")
    official = OFFICIAL.get(name)
    with _locked(name, models):
        folder = models / name
        if not _sound(folder):
            _compare(archive, sha256 or (official.sha256 if official else None))
            _put(archive, folder)
    return folder


@contextmanager
def _locked(name: str, models: Path) -> Iterator[None]:
    """One installation of `name` at a time, between processes too; the lock ends with the process that holds it."""
    if not _NAME.fullmatch(name):
        raise InstallError(f"{name!r}: is not a name for a model")
    models.mkdir(parents=True, exist_ok=True)
    with (models / f".{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"{name}: another installation of it is running") from None
        yield


def _sound(folder: Path) -> bool:
    with suppress(ModelError):
        return bool(inspect(folder, dictation=True))
    return False


def _check(part: Path, name: str, models: Path, sha256: str | None) -> None:
    """Against the known sum, or that of the first download, which is written down."""
    first = models / f".{name}.sha256"
    if sha256 is None and first.exists():
        sha256 = first.read_text("ascii").strip()
    try:
        found = _compare(part, sha256)
    except ChecksumError:
        part.unlink()
        raise
    first.write_text(f"{found}\n", "ascii")


def _compare(archive: Path, sha256: str | None) -> str:
    found = _digest(archive)
    if sha256 is not None and found != sha256.lower():
        raise ChecksumError(f"{archive.name}: the SHA-256 is {found} and should be {sha256.lower()}")
    return found


def _check_size(part: Path, official: Official | None) -> None:
    size = part.stat().st_size
    if official is not None and not official.smallest <= size <= official.largest:
        part.unlink()
        raise ChecksumError(f"{official.name}: {size} bytes are not the size of this model")


def _put(archive: Path, folder: Path) -> None:
    """Unpack beside `folder`, check, and only then give it its name."""
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as work:
        own = Path(work) / "model"
        own.mkdir()
        model = unpack(archive, own)
        if not (model / CHECKSUMS).exists():
            _write_sums(model)
        try:
            inspect(model, dictation=True)
        except ModelError as error:
            raise InstallError(f"{archive.name}: is not a model for this line: {error}") from error
        if folder.exists():
            shutil.move(folder, Path(work) / "old")
        model.replace(folder)


def _write_sums(model: Path) -> None:
    """What the line compares the folder with whenever it starts."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(model).as_posix()}\n" for path in files]
    (model / CHECKSUMS).write_text("".join(lines), "utf-8")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
