"""The process that decodes: one model, any number of turns at a time, a fresh recogniser for each.

Native code can abort, so it runs here and nowhere else; and because there is one such process for each core, this
module imports nothing but the standard library. Requests come over a pipe and are served in order:

    ("open", turn, grammar | None)    ("accept", turn, samples)    ("drop", turn)     no answer
    ("final", turn)                   -> (turn, Outcome)
    ("known", request, words)         -> (request, words of these that the model has)
"""

import ctypes
import importlib
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

LINE_RATE = 8000
"""Samples a second of everything that is decoded."""
STEP = LINE_RATE // 10 * 2
"""Bytes decoded at a time, whatever the size of what arrives, so that the result does not depend on it."""
TURNS_BETWEEN_TRIMS = 64


class Word(NamedTuple):
    """One word of the model's; seconds are counted from the start of the audio."""

    text: str
    start_s: float
    end_s: float
    confidence: float


class Ready(NamedTuple):
    load_s: float


class Broken(NamedTuple):
    """The engine refuses the model."""

    reason: str


class Outcome(NamedTuple):
    words: list[Word]
    cost_ms: float
    error: str | None


@dataclass(slots=True)
class _Turn:
    recogniser: Any
    waiting: bytearray = field(default_factory=bytearray)
    words: list[Word] = field(default_factory=list)
    cost_s: float = 0.0
    error: str | None = None

    def accept(self, samples: bytes) -> None:
        self.waiting += samples
        while len(self.waiting) >= STEP and self.error is None:
            step = bytes(self.waiting[:STEP])
            del self.waiting[:STEP]
            self._timed(lambda step=step: self._decode(step))  # type: ignore[misc]

    def finish(self) -> Outcome:
        self._timed(self._finish)
        return Outcome(self.words, self.cost_s * 1000, self.error)

    def _decode(self, step: bytes) -> None:
        if self.recogniser.AcceptWaveform(step):
            self._keep(self.recogniser.Result())

    def _finish(self) -> None:
        if self.waiting:
            self._decode(bytes(self.waiting))
        self._keep(self.recogniser.FinalResult())

    def _timed(self, work: Callable[[], None]) -> None:
        started = time.thread_time()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the library raises nothing narrower; reported with the outcome
            self.error = str(error)
        self.cost_s += time.thread_time() - started

    def _keep(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            self.words.append(Word(word["word"], word["start"], word["end"], word["conf"]))


class _Desk:
    """Serves the requests."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._turns: dict[int, _Turn] = {}
        self._ended = 0

    def serve(self, request: tuple[Any, ...]) -> Any:
        kind, number, *rest = request
        match kind:
            case "open":
                started = time.thread_time()
                recogniser = _recogniser(self._model, rest[0])
                self._turns[number] = _Turn(recogniser, cost_s=time.thread_time() - started)
            case "accept":
                self._turns[number].accept(rest[0])
            case "drop":
                self._end(number)
            case "final":
                outcome = self._turns[number].finish()
                self._end(number)
                return outcome
            case "known":
                return [word for word in rest[0] if self._model.vosk_model_find_word(word) >= 0]
        return None

    def _end(self, number: int) -> None:
        self._turns.pop(number, None)
        self._ended += 1
        if self._ended % TURNS_BETWEEN_TRIMS == 0:
            _give_memory_back()


def _vosk() -> Any:
    """The native library's module, which only this process may load."""
    return importlib.import_module("vosk")


def _recogniser(model: Any, grammar: str | None) -> Any:
    made = _vosk().KaldiRecognizer(model, LINE_RATE, *([grammar] if grammar else []))
    made.SetWords(True)
    return made


def _give_memory_back() -> None:
    """Freed memory stays with the process until the C library is asked to return it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _prove(model: Any, grammar: str | None) -> None:
    """Decode a moment of silence both ways: a graph that was cut off loads, and ends the process when it is used."""
    for wanted in {grammar, None}:
        turn = _Turn(_recogniser(model, wanted))
        turn.accept(bytes(STEP * 5))
        error = turn.finish().error
        if error is not None:
            raise RuntimeError(error)


def run(connection: Connection, folder: str, grammar: str | None, log: str) -> None:
    """Serve until the other end of `connection` closes. What native code says goes to the file `log`.

    `grammar` is one that the model takes, to try it with before the first call; None for a model that takes none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(log, "ab") as errors:  # noqa: PTH123
        os.dup2(errors.fileno(), 2)
    started = time.perf_counter()
    try:
        _vosk().SetLogLevel(-1)
        model = _vosk().Model(folder)
        _prove(model, grammar)
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine does not load, and the answer says so
        connection.send(Broken(f"{type(error).__name__}: {error}"))
        return
    connection.send(Ready(time.perf_counter() - started))
    _serve(connection, _Desk(model))


def _serve(connection: Connection, desk: _Desk) -> None:
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        answer = desk.serve(request)
        if answer is not None:
            connection.send((request[1], answer))
