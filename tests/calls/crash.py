"""A line that is killed at a chosen point, in a process of its own."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ivr.calls import journal, service
from tests.calls.line import ONE, Line


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(function: Callable[..., Any], times: int = 1) -> Callable[..., Any]:
    """`function`, whose process dies when it has returned for the `times`-th time."""
    left = [times]

    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        left[0] -= 1
        if left[0] == 0:
            die()
        return result

    return wrapped


def half_a_line(file: Path, data: bytes, reject: object) -> None:
    with file.open("ab") as handle:
        handle.write(data[: len(data) // 2])
        handle.flush()
        die()


POINTS: dict[str, Callable[[], None]] = {
    "in the middle of the journal's line": lambda: setattr(journal, "_append", half_a_line),
    "after the journal's line": lambda: setattr(journal.Journal, "append", dying_after(journal.Journal.append)),
    "before the commit": lambda: setattr(service, "apply", dying_after(service.apply)),
    "after the commit": lambda: setattr(service.CallService, "_commit", dying_after(service.CallService._commit)),
    "between two records": lambda: setattr(service.CallService, "_replay", dying_after(service.CallService._replay)),
    "before the second commit": lambda: setattr(service, "apply", dying_after(service.apply, 2)),
    "before the journal is removed": lambda: setattr(Path, "unlink", die),
    "after the journal is removed": lambda: setattr(Path, "unlink", dying_after(Path.unlink)),
}
WORK: dict[str, Callable[[Line], object]] = {
    "answer": lambda line: line.answer(1, ONE),
    "replay": lambda line: line.service.replay(),
}


def crash(url: str, folder: Path, work: str, point: str) -> None:
    """Does the work with a line that is killed at the point."""
    line = Line(url, folder)
    POINTS[point]()
    WORK[work](line)
