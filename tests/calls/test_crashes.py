"""The process is killed, without warning, where it hurts most: everything is there once when it is back."""

import multiprocessing
import signal

import pytest

from tests.calls.conftest import MakeLine
from tests.calls.crash import crash
from tests.calls.line import NO_ANSWER, ONE, Line
from tests.calls.outages import outage

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.calls.crash"])


def killed(line: Line, work: str, point: str) -> None:
    """Does `work` in another process, on the same data, which is killed at `point`."""
    child = processes.Process(target=crash, args=(line.settings.database, line.settings.data_dir, work, point))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    child.close()


def everything_once(line: Line) -> bool:
    turns = [turn.number for turn in line.call().turns]
    return len(line.requests()) == 1 and turns == [1, 2] and line.journal.pending == 0


@pytest.mark.parametrize("point", ["before the commit", "after the commit"])
def test_killed_while_committing(line: Line, sqlite_url: str, make_line: MakeLine, point: str) -> None:
    line.start()
    killed(line, "answer", point)
    restarted = make_line(sqlite_url)
    restarted.answer(1, ONE)
    restarted.answer(2, NO_ANSWER)
    assert everything_once(restarted)


@pytest.mark.parametrize("point", ["in the middle of the journal's line", "after the journal's line"])
def test_killed_while_journalling(line: Line, sqlite_url: str, make_line: MakeLine, point: str) -> None:
    line.start()
    with outage(sqlite_url, "locked"):
        killed(line, "answer", point)
        restarted = make_line(sqlite_url)
        restarted.answer(1, ONE)
        restarted.answer(2, NO_ANSWER)
    restarted.service.replay()
    assert everything_once(restarted)


@pytest.mark.parametrize(
    "point",
    [
        "before the commit",
        "between two records",
        "before the second commit",
        "before the journal is removed",
        "after the journal is removed",
    ],
)
def test_killed_while_replaying(line: Line, point: str) -> None:
    line.start()
    with outage(line.settings.database, "gone"):
        line.answer(1, ONE)
        line.answer(2, NO_ANSWER)
    killed(line, "replay", point)
    line.service.replay()
    assert everything_once(line)
