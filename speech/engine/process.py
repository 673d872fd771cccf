"""One decoding process, seen from the line's own: requests without waiting, answers as futures, death as an outcome."""

import itertools
import multiprocessing
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from speech import decoder

_SPAWN = multiprocessing.get_context("spawn")
"""Forking a process with threads, or with a loaded engine, is not safe."""
LOAD_TIMEOUT_S = 120.0
_LAST_WORDS = 2000


class WorkerError(Exception):
    """The process is gone, or refused the model; the text says how it ended."""


class Model(NamedTuple):
    """What a process loads: a folder fit for telephone audio, and a grammar to try it with."""

    folder: Path
    grammar: str | None


class Process:
    """A running decoder. All methods may be called from any thread; none blocks but `start` and `stop`."""

    def __init__(self, model: Model, log: Path, on_end: Callable[["Process", str], None]) -> None:
        """`on_end` is called once, from a thread of its own, when the process has ended, with how it ended."""
        self._model, self._log, self._on_end = model, log, on_end
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._answers: dict[int, Future[Any]] = {}
        self._requests: queue.SimpleQueue[tuple[Any, ...] | None] = queue.SimpleQueue()
        self.ended = False
        self.load_s = 0.0
        self.turns = 0
        """Turns that are open now."""

    def start(self) -> None:
        """Returns when the model is loaded. Raises WorkerError when it cannot be; `on_end` is then not called."""
        self._connection, theirs = _SPAWN.Pipe()
        self._log.unlink(missing_ok=True)
        self._process = _SPAWN.Process(
            target=decoder.run,
            args=(theirs, str(self._model.folder), self._model.grammar, str(self._log)),
            name="speech-worker",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self.load_s = self._await_ready(self._connection)
        self._sender = threading.Thread(target=self._send_all, name="speech-sender", daemon=True)
        self._sender.start()
        threading.Thread(target=self._receive_all, name="speech-receiver", daemon=True).start()

    def _await_ready(self, connection: Connection) -> float:
        try:
            answer = connection.recv() if connection.poll(LOAD_TIMEOUT_S) else None
        except (EOFError, OSError):
            answer = None
        if isinstance(answer, decoder.Ready):
            return answer.load_s
        reason = answer.reason if isinstance(answer, decoder.Broken) else None
        self.kill()
        self._process.join(10)
        raise WorkerError(reason or f"the engine ended while loading it ({self._how_it_ended()})")

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def memory(self) -> int | None:
        """Bytes resident; None where the system does not say."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            return None

    def number(self) -> int:
        return next(self._numbers)

    def send(self, kind: str, number: int, *values: object) -> None:
        """Without an answer; lost when the process has ended."""
        self._requests.put((kind, number, *values))

    def ask(self, kind: str, number: int, *values: object) -> Future[Any]:
        """The answer to come; WorkerError if the process ends before it."""
        answer: Future[Any] = Future()
        with self._lock:
            if self.ended:
                answer.set_exception(WorkerError("has ended"))
                return answer
            self._answers[number] = answer
        self.send(kind, number, *values)
        return answer

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()

    def stop(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        self._process.join(10)

    def _send_all(self) -> None:
        while (request := self._requests.get()) is not None:
            try:
                self._connection.send(request)
            except OSError:
                return

    def _receive_all(self) -> None:
        while True:
            try:
                number, value = self._connection.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                answer = self._answers.pop(number, None)
            if answer is not None:
                answer.set_result(value)
        self._process.join(10)
        self._end(self._how_it_ended())

    def _end(self, how: str) -> None:
        with self._lock:
            self.ended = True
            unanswered = list(self._answers.values())
            self._answers.clear()
        self._requests.put(None)
        for answer in unanswered:
            answer.set_exception(WorkerError(how))
        self._sender.join()  # a write in progress fails, because the other end is gone
        self._connection.close()
        self._on_end(self, how)

    def _how_it_ended(self) -> str:
        try:
            said = self._log.read_bytes()[-_LAST_WORDS:].decode("utf-8", errors="replace").strip()
        except OSError:
            said = ""
        return f"exit code {self._process.exitcode}" + (f": {said.splitlines()[-1]}" if said else "")
