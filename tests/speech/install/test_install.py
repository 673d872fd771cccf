"""A model is installed whole and checked, or not at all, whatever the network, the archive and the disk do."""

import errno
import fcntl
import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from speech import install as installing
from speech.engine import inspect
from speech.install import (
    BusyError,
    ChecksumError,
    DownloadError,
    InstallError,
    NoSpaceError,
    Official,
    UnsafeArchiveError,
    fetching,
    install,
    install_file,
)
from tests.speech.install.server import Page, serving

NAME = "vosk-model-test-cn"
FILES = {
    "am/final.mdl": b"\0B<TransitionModel>" + os.urandom(200_000),
    "conf/mfcc.conf": b"--sample-frequency=8000\n--dither=0\n",
    "conf/model.conf": b"--beam=13.0\n",
    "graph/words.txt": "<eps> 0\n没事 1\n".encode(),
    "graph/HCLr.fst": b"\xd6\xfd\xb2\x7e HCLr",
    "graph/Gr.fst": b"\xd6\xfd\xb2\x7e Gr",
    "graph/disambig_tid.int": b"1000000\n",
}


def archive(files: dict[str, bytes] | None = None, top: str = f"{NAME}/") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in (FILES if files is None else files).items():
            target.writestr(top + path, content)
    return buffer.getvalue()


CONTENT = archive()
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def page() -> Iterator[Page]:
    with serving(Page(CONTENT)) as opened:
        yield opened


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WAIT_S", 0)
    monkeypatch.setattr(fetching, "CHUNK", 1 << 14)


def left_in(models: Path) -> set[str]:
    """What is there beside locks and kept sums."""
    return {path.name for path in models.iterdir() if path.suffix not in (".lock", ".sha256")}


def test_a_model_is_downloaded_checked_and_unpacked(page: Page, models: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    folder = install(NAME, models, url=page.url, sha256=SUM, progress=lambda done, total: seen.append((done, total)))
    assert folder == models / NAME
    assert {path: (folder / path).read_bytes() for path in FILES} == FILES
    assert inspect(folder).checked
    assert left_in(models) == {NAME}
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(seen) > 3


def test_an_installed_model_is_not_downloaded_again(page: Page, models: Path) -> None:
    install(NAME, models, url=page.url, sha256=SUM)
    install(NAME, models, url=page.url, sha256=SUM)
    assert len(page.requests) == 1


def test_a_damaged_model_is_replaced(page: Page, models: Path) -> None:
    folder = install(NAME, models, url=page.url, sha256=SUM)
    (folder / "am/final.mdl").write_bytes(b"\0Bshort")
    install(NAME, models, url=page.url, sha256=SUM)
    assert (folder / "am/final.mdl").read_bytes() == FILES["am/final.mdl"]
    assert left_in(models) == {NAME}


def test_a_broken_connection_goes_on_where_it_stopped(page: Page, models: Path) -> None:
    page.breaks_after = [65_536, 49_152]
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))
    assert page.requests == [None, "bytes=65536-", "bytes=114688-"]


def test_a_server_without_ranges_starts_again(page: Page, models: Path) -> None:
    page.ranges, page.breaks_after = False, [65_536]
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))
    assert page.requests == [None, "bytes=65536-"]


def test_a_server_that_says_no_length_is_believed_only_with_the_right_sum(page: Page, models: Path) -> None:
    page.says_length, page.breaks_after = False, [65_536]
    with pytest.raises(ChecksumError):
        install(NAME, models, url=page.url, sha256=SUM)
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))


def test_a_connection_that_keeps_breaking_is_given_up_and_continued_by_the_next_command(
    page: Page, models: Path
) -> None:
    page.breaks_after = [65_536] + [0] * 10
    with pytest.raises(DownloadError, match="goes on where it stopped"):
        install(NAME, models, url=page.url, sha256=SUM)
    assert left_in(models) == {f".{NAME}.zip.part"}
    page.breaks_after = []
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))
    assert page.requests[-1] == "bytes=65536-"


def test_a_download_that_was_complete_is_not_asked_for_again(page: Page, models: Path) -> None:
    models.mkdir()
    (models / f".{NAME}.zip.part").write_bytes(CONTENT)
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))
    assert page.requests == [f"bytes={len(CONTENT)}-"]


def test_what_is_left_of_another_file_is_dropped(page: Page, models: Path) -> None:
    models.mkdir()
    (models / f".{NAME}.zip.part").write_bytes(CONTENT + b"more")
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))
    assert page.requests == [f"bytes={len(CONTENT) + 4}-", None]


def test_a_server_that_sends_another_part_is_not_believed(page: Page, models: Path) -> None:
    page.breaks_after, page.shift = [65_536], 5
    with pytest.raises(DownloadError, match="another part"):
        install(NAME, models, url=page.url, sha256=SUM)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_server_that_refuses_is_reported(page: Page, models: Path, status: int) -> None:
    page.status = status
    with pytest.raises(DownloadError, match=str(status)):
        install(NAME, models, url=page.url)
    assert left_in(models) == set()


def test_nobody_listening_is_reported(models: Path) -> None:
    with pytest.raises(DownloadError):
        install(NAME, models, url="http://127.0.0.1:9/model.zip")


def test_a_wrong_sum_installs_nothing_and_keeps_nothing(page: Page, models: Path) -> None:
    with pytest.raises(ChecksumError, match=SUM):
        install(NAME, models, url=page.url, sha256="0" * 64)
    assert left_in(models) == set()


def test_the_sum_of_a_first_download_is_asked_of_the_next(page: Page, models: Path) -> None:
    folder = install(NAME, models, url=page.url)
    (folder / "am/final.mdl").unlink()
    page.content = archive(FILES | {"README": b"another"})
    with pytest.raises(ChecksumError):
        install(NAME, models, url=page.url)
    page.content = CONTENT
    assert inspect(install(NAME, models, url=page.url))


def test_an_official_model_of_another_size_is_none(page: Page, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    official = Official(NAME, len(CONTENT) + 1, len(CONTENT) + 9, None, "")
    monkeypatch.setitem(installing.OFFICIAL, NAME, official)
    monkeypatch.setattr(Official, "url", property(lambda _: page.url))
    with pytest.raises(ChecksumError, match="size"):
        install(NAME, models)
    assert left_in(models) == set()


def test_a_server_that_sends_without_end_is_stopped(page: Page, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(installing.OFFICIAL, NAME, Official(NAME, 1, 100_000, None, ""))
    for page.says_length in (True, False):
        with pytest.raises(DownloadError, match="more"):
            install(NAME, models, url=page.url)


def test_an_unknown_model_needs_an_address(models: Path) -> None:
    with pytest.raises(InstallError, match="vosk-model-small-cn"):
        install("vosk-model-xy", models)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a b", "名"])
def test_a_name_is_no_path(models: Path, name: str) -> None:
    with pytest.raises(InstallError):
        install(name, models, url="http://127.0.0.1:9/")
    assert not models.exists()


def test_only_one_installation_of_a_model_runs_at_a_time(page: Page, models: Path) -> None:
    models.mkdir()
    with (models / f".{NAME}.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BusyError):
            install(NAME, models, url=page.url)
    assert inspect(install(NAME, models, url=page.url))


def test_two_that_start_together_install_one_whole_model(page: Page, models: Path) -> None:
    begun, errors = Event(), []

    def first() -> None:
        install(NAME, models, url=page.url, sha256=SUM, progress=lambda *_: (begun.set(), go_on.wait(10)))  # type: ignore[func-returns-value]

    go_on = Event()
    thread = Thread(target=first)
    thread.start()
    assert begun.wait(10)
    try:
        install(NAME, models, url=page.url, sha256=SUM)
    except BusyError as error:
        errors.append(error)
    go_on.set()
    thread.join()
    assert len(errors) == 1
    assert inspect(models / NAME).checked


# --- from a file ---------------------------------------------------------------------------------------------------


@pytest.fixture
def given(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / f"{NAME}.zip"
        path.write_bytes(content)
        return path

    return write


def test_a_model_is_installed_from_a_file_which_stays(given: Callable[[bytes], Path], models: Path) -> None:
    path = given(CONTENT)
    assert install_file(path, models) == models / NAME
    assert inspect(models / NAME).checked
    assert path.exists()


def test_an_archive_without_a_folder_of_its_own_is_a_model_too(given: Callable[[bytes], Path], models: Path) -> None:
    assert inspect(install_file(given(archive(top="")), models))


def test_a_file_with_the_wrong_sum_is_not_installed(given: Callable[[bytes], Path], models: Path) -> None:
    path = given(CONTENT)
    with pytest.raises(ChecksumError):
        install_file(path, models, sha256="0" * 64)
    assert left_in(models) == set()
    assert path.exists()


def test_a_file_that_is_not_there_is_reported(models: Path, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="no such file"):
        install_file(tmp_path / "nothing.zip", models)


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", CONTENT[:-3000], CONTENT[:5000] + b"x" + CONTENT[5001:]])
def test_a_damaged_archive_installs_nothing(given: Callable[[bytes], Path], models: Path, content: bytes) -> None:
    with pytest.raises(InstallError):
        install_file(given(content), models)
    assert left_in(models) == set()


@pytest.mark.parametrize("path", ["../../evil", "/evil", "a/../../../evil", "..\\evil", "C:\\evil"])
def test_an_archive_that_writes_elsewhere_is_refused(given: Callable[[bytes], Path], models: Path, path: str) -> None:
    with pytest.raises(UnsafeArchiveError):
        install_file(given(archive({path: b"evil"}, top="")), models)
    assert left_in(models) == set()
    assert not list(models.parent.rglob("*evil*"))


def test_a_link_in_an_archive_is_refused(given: Callable[[bytes], Path], models: Path) -> None:
    buffer = io.BytesIO(CONTENT)
    with zipfile.ZipFile(buffer, "a") as target:
        link = zipfile.ZipInfo(f"{NAME}/link")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc")
    with pytest.raises(UnsafeArchiveError, match="link"):
        install_file(given(buffer.getvalue()), models)


def test_an_archive_that_unpacks_to_far_more_is_refused(given: Callable[[bytes], Path], models: Path) -> None:
    bomb = archive({"am/final.mdl": bytes(30_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(UnsafeArchiveError, match="unpack to"):
        install_file(given(bomb), models)


def test_an_archive_that_lies_about_its_sizes_is_stopped(given: Callable[[bytes], Path], models: Path) -> None:
    content = archive({"am/final.mdl": bytes(30_000_000)})
    honest, lie = (30_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert honest in content
    with pytest.raises(InstallError):
        install_file(given(content.replace(honest, lie)), models)
    assert left_in(models) == set()


def test_an_archive_of_countless_files_is_refused(given: Callable[[bytes], Path], models: Path) -> None:
    with pytest.raises(UnsafeArchiveError, match="files"):
        install_file(given(archive({str(n): b"" for n in range(2001)})), models)


def test_an_archive_without_a_model_is_not_installed(given: Callable[[bytes], Path], models: Path) -> None:
    with pytest.raises(InstallError, match="not a model for this line"):
        install_file(given(archive({"readme.txt": b"hello"})), models)
    assert left_in(models) == set()


def test_a_model_of_another_language_is_not_installed(given: Callable[[bytes], Path], models: Path) -> None:
    with pytest.raises(InstallError, match="no Chinese"):
        install_file(given(archive(FILES | {"graph/words.txt": "<eps> 0\n네 1\n".encode()})), models)


def test_sums_that_the_archive_brings_are_obeyed(given: Callable[[bytes], Path], models: Path) -> None:
    with pytest.raises(InstallError, match=r"final\.mdl"):
        install_file(given(archive(FILES | {"SHA256SUMS": b"0" * 64 + b"  am/final.mdl\n"})), models)


# --- a full disk ---------------------------------------------------------------------------------------------------


class FullDisk(io.FileIO):
    """Takes 50,000 bytes and no more."""

    def write(self, data: object) -> int:
        if self.tell() > 50_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def test_a_disk_that_fills_up_keeps_the_download_for_later(
    page: Page, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, mode: FullDisk(path, mode.replace("b", "")))
        patched.setattr(installing, "_locked", unlocked)
        models.mkdir()
        with pytest.raises(NoSpaceError):
            install(NAME, models, url=page.url, sha256=SUM)
    assert (models / f".{NAME}.zip.part").stat().st_size > 50_000
    assert inspect(install(NAME, models, url=page.url, sha256=SUM))


class unlocked:  # noqa: N801 - stands in for a function
    def __init__(self, *_: object) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def test_a_model_that_does_not_fit_is_not_begun(
    given: Callable[[bytes], Path], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(NoSpaceError, match="1000 are free"):
        install_file(given(CONTENT), models)
    assert left_in(models) == set()
