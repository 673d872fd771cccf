"""A program and a helper beside it: started together, ended together, the helper started again when it dies."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from threading import Event, Thread
from types import FrameType
from typing import Final

import structlog

log = structlog.get_logger()

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
"""Between two starts of a helper; doubled each time, and back to the first once one has lived for so long."""
GRACE_S: Final = 30.0
"""How long both may take to end what is under way."""
LOOKS_EVERY_S: Final = 0.2

ENDING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Command = Sequence[str]


class Supervisor:
    """Runs until the main program ends, or until it is told to end by SIGTERM, SIGINT or SIGHUP."""

    def __init__(self, main: Command, helper: Command, environment: Mapping[str, str]) -> None:
        self._main_command = main
        self._helper_command = helper
        self._environment = dict(environment)
        self._told = False
        self._pause_s = FIRST_PAUSE_S
        self._begun_at = 0.0

    def run(self) -> int:
        """The main program's exit status; 0 when both were told to end."""
        for number in ENDING:
            signal.signal(number, self._end)
        main, helper = self._start(self._main_command), self._start_helper()
        try:
            while main.poll() is None and not self._told:
                helper = self._kept_alive(helper)
                time.sleep(LOOKS_EVERY_S)
        finally:
            self._finish(main, helper)
        return 0 if self._told else main.returncode

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*command, "--supervisor", str(os.getpid())], env=self._environment)  # noqa: S603

    def _start_helper(self) -> subprocess.Popen[bytes]:
        self._begun_at = time.monotonic()
        return self._start(self._helper_command)

    def _kept_alive(self, helper: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """The helper, or the one that takes its place once the pause is over."""
        if helper.poll() is None:
            return helper
        lived_s = time.monotonic() - self._begun_at
        if lived_s > LONGEST_PAUSE_S:
            self._pause_s = FIRST_PAUSE_S
        if lived_s < self._pause_s:
            return helper
        log.error("helper_started_again", status=helper.returncode, pause_s=self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return self._start_helper()

    def _finish(self, *programs: subprocess.Popen[bytes]) -> None:
        """Whoever does not end in time is killed: what it was at is due still."""
        for program in programs:
            if program.poll() is None:
                program.terminate()
        until = time.monotonic() + GRACE_S
        for program in programs:
            try:
                program.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("program_killed", pid=program.pid)
                program.kill()
                program.wait()


def end_with(supervisor: int | None) -> None:
    """Ends this process, as SIGTERM does, once the process that supervises it is gone."""
    if supervisor is None:
        return

    def watch() -> None:
        while os.getppid() == supervisor:
            Event().wait(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, name="supervisor-watch", daemon=True).start()
