"""`careline serve`: two programs that begin and end together, and a helper that is started again when it dies."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr import supervisor
from ivr.supervisor import Supervisor

BORN = "import os, pathlib, sys; pathlib.Path(sys.argv[1], f'{sys.argv[2]}-{os.getpid()}').touch()\n"
FOR_EVER = BORN + "import time\nwhile True: time.sleep(0.05)"
AT_ONCE = BORN + "sys.exit(3)"


def program(code: str, folder: Path, name: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, str(folder), name)


def births(folder: Path, name: str) -> list[int]:
    """The process ids of those that were started by this name."""
    return [int(file.name.rpartition("-")[2]) for file in folder.glob(f"{name}-*")]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervisor, "LOOKS_EVERY_S", 0.01)


@pytest.fixture(autouse=True)
def handlers() -> object:
    """Signals are handled as before, once a test is over."""
    before = {number: signal.getsignal(number) for number in supervisor.ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(folder: Path, main: str, helper: str, *, then: Callable[[], None] = lambda: None) -> int:
    """The exit status; `then` runs beside it."""
    beside = threading.Thread(target=then)
    beside.start()
    try:
        return Supervisor(program(main, folder, "main"), program(helper, folder, "helper"), os.environ).run()
    finally:
        beside.join()


def when(true: Callable[[], bool], do: Callable[[], None]) -> Callable[[], None]:
    def wait() -> None:
        while not true():
            threading.Event().wait(0.01)
        do()

    return wait


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_both_end_when_the_supervisor_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    def both() -> bool:
        return bool(births(tmp_path, "main") and births(tmp_path, "helper"))

    status = run(tmp_path, FOR_EVER, FOR_EVER, then=when(both, lambda: os.kill(os.getpid(), number)))
    assert status == 0
    assert not any(alive(pid) for name in ("main", "helper") for pid in births(tmp_path, name))


def test_when_the_main_program_ends_so_does_the_helper(tmp_path: Path) -> None:
    assert run(tmp_path, AT_ONCE, FOR_EVER) == 3
    assert not any(alive(pid) for pid in births(tmp_path, "helper"))


def test_a_helper_that_dies_is_started_again_each_time_after_a_longer_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(supervisor.log, "error", lambda _event, **values: pauses.append(values["pause_s"]))

    def thrice() -> bool:
        return len(births(tmp_path, "helper")) >= 4

    run(tmp_path, FOR_EVER, AT_ONCE, then=when(thrice, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert pauses[:3] == [0.01, 0.02, 0.04]


def test_the_pause_between_two_starts_has_an_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.02)
    pauses: list[float] = []
    monkeypatch.setattr(supervisor.log, "error", lambda _event, **values: pauses.append(values["pause_s"]))

    def often() -> bool:
        return len(births(tmp_path, "helper")) >= 5

    run(tmp_path, FOR_EVER, AT_ONCE, then=when(often, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert max(pauses) <= 0.02


def test_a_program_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_S", 0.1)
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOR_EVER

    def there() -> bool:
        return bool(births(tmp_path, "main"))

    run(tmp_path, stubborn, FOR_EVER, then=when(there, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    assert not alive(births(tmp_path, "main")[0])


def test_a_part_whose_supervisor_was_killed_ends(tmp_path: Path) -> None:
    part = "import os, sys, time; from ivr.supervisor import end_with; end_with(int(sys.argv[1]))\n"
    part += "print('there', flush=True)\nwhile True: time.sleep(0.05)"
    parent = f"import os, subprocess, sys; subprocess.Popen([sys.executable, '-c', {part!r}, str(os.getpid())]).wait()"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "there\n"
        killed.kill()
        assert killed.stdout.read() == ""  # which ends when nobody is left who could write
