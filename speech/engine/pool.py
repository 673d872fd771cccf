"""The decoding processes: as many as there are cores, each replaced when it ends."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog

from speech.engine.process import Model, Process, WorkerError

log = structlog.get_logger()

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 30.0
STEADY_S = 60.0
"""A process that lived this long ends a row of failures."""


class Pool:
    """Keeps `count` processes running on `model` until it is closed."""

    def __init__(self, model: Model, logs: Path, count: int) -> None:
        self._model, self._logs = model, logs
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._running: list[Process] = []
        self._failures = [0] * count
        self._started_at = [0.0] * count
        self.restarts = 0

    def start(self) -> None:
        """Returns when all are up. Raises WorkerError if one cannot start; none is left running then."""
        with ThreadPoolExecutor(len(self._failures)) as starters:
            started = [starters.submit(self._start, slot) for slot in range(len(self._failures))]
        for outcome in started:
            error = outcome.exception()
            if error is not None:
                self.close()
                raise error

    @contextmanager
    def borrowed(self) -> Iterator[Process]:
        """The process with the fewest open turns. Raises WorkerError when none is up."""
        with self._lock:
            if not self._running:
                raise WorkerError("no worker is up")
            process = min(self._running, key=lambda process: process.turns)
            process.turns += 1
        try:
            yield process
        finally:
            with self._lock:
                process.turns -= 1

    @property
    def running(self) -> list[Process]:
        with self._lock:
            return list(self._running)

    def close(self) -> None:
        self._closed.set()
        for process in self.running:
            process.stop()

    def _start(self, slot: int) -> None:
        process = Process(self._model, self._logs / f"worker-{slot}.log", partial(self._ended, slot))
        process.start()
        with self._lock:
            self._started_at[slot] = time.monotonic()
            if not process.ended:
                self._running.append(process)
        if self._closed.is_set():
            process.stop()

    def _ended(self, slot: int, process: Process, how: str) -> None:
        """Called from the ended process's own thread, which goes on to start the next one."""
        with self._lock:
            self._running = [other for other in self._running if other is not process]
            steady = time.monotonic() - self._started_at[slot] > STEADY_S
            self._failures[slot] = 0 if steady else self._failures[slot]
        if not self._closed.is_set():
            log.error("speech_worker_ended", slot=slot, how=how)
            self._restart(slot)

    def _restart(self, slot: int) -> None:
        while not self._closed.wait(min(FIRST_WAIT_S * 2 ** self._failures[slot], LONGEST_WAIT_S)):
            self._failures[slot] += 1
            try:
                self._start(slot)
            except WorkerError as error:
                log.error("speech_worker_failed_to_start", slot=slot, error=str(error))
                continue
            self.restarts += 1
            log.info("speech_worker_restarted", slot=slot)
            return
