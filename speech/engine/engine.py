"""The recogniser of the line: phrases in, audio in, what was said out."""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

import structlog

from speech.decoder import Outcome
from speech.engine import grammar
from speech.engine.audio import AudioError, pcm_of, seconds
from speech.engine.errors import ModelError, ModelIncompleteError
from speech.engine.folder import UNKNOWN, Facts, for_telephone, inspect
from speech.engine.grammar import Prepared
from speech.engine.loudness import Loudness
from speech.engine.pool import Pool
from speech.engine.process import Model, Process, WorkerError
from speech.engine.recognition import Failure, Recognition, recognition

log = structlog.get_logger()

TIMEOUT_S = 10.0
_ASK_TIMEOUT_S = 60.0


class Listening:
    """One listening turn: audio as it comes, then the result. For one thread at a time."""

    def __init__(self, process: Process | None, prepared: Prepared | None, timeout_s: float) -> None:
        self._process, self._prepared, self._timeout_s = process, prepared, timeout_s
        self._audio_s = 0.0
        self._loudness = Loudness()
        if process is not None:
            self._number = process.number()
            process.send("open", self._number, prepared.grammar if prepared else None)

    def accept(self, samples: bytes) -> None:
        """16-bit samples at 8 kHz, any whole number of them; returns at once."""
        self._audio_s += seconds(samples)
        self._loudness.add(samples)
        if self._process is not None:
            self._process.send("accept", self._number, samples)

    def final(self) -> Recognition:
        """What was said. Waits for the decoder at most the engine's timeout plus the length of the audio."""
        if self._process is None:
            return self._failed("no worker")
        process, self._process = self._process, None
        answer: Future[Outcome] = process.ask("final", self._number)
        try:
            outcome = answer.result(self._timeout_s + self._audio_s)
        except FutureTimeoutError:
            process.kill()
            return self._failed("timeout")
        except WorkerError:
            return self._failed("worker died")
        if outcome.error is not None:
            return self._failed("engine", outcome.error)
        return recognition(outcome.words, self._prepared, outcome.cost_ms, self._audio_s, self._loudness.spoken_s)

    def drop(self) -> None:
        """Forget the turn; harmless after `final`."""
        if self._process is not None:
            self._process.send("drop", self._number)
            self._process = None

    def _failed(self, failure: Failure, error: str | None = None) -> Recognition:
        log.error("recognition_failed", failure=failure, error=error, audio_s=round(self._audio_s, 2))
        return Recognition(None, audio_s=self._audio_s, failure=failure)


class Deaf(Listening):
    """A turn whose grammar is empty: nothing can be heard, and nothing is wrong with the engine."""

    def __init__(self) -> None:
        super().__init__(None, None, 0.0)

    def final(self) -> Recognition:
        return Recognition(None, audio_s=self._audio_s)


class Engine:
    """A loaded model in processes of its own. Safe to use from several threads; a context manager."""

    def __init__(self, facts: Facts, pool: Pool, folder: tempfile.TemporaryDirectory[str], timeout_s: float) -> None:
        self.facts = facts
        self._pool, self._timeout_s = pool, timeout_s
        self._finish = weakref.finalize(self, _finish, pool, folder)  # at the interpreter's end too
        self._prepared: dict[str, Prepared] = {}
        self._reported: set[str] = set()

    def prepare(self, name: str, phrases: Iterable[str]) -> Prepared:
        """Make `name` a grammar that `recognise` and `listen` can be asked for; replaces one of that name.

        Raises WorkerError when no worker is up.
        """
        wanted = list(phrases)
        forms = [form for phrase in wanted for form in grammar.spoken_forms(phrase)]
        known = self.known({part for form in forms for part in grammar.parts(form)} | {UNKNOWN})
        prepared = grammar.prepare(name, wanted, known)
        self._report(prepared.uncut)
        self._prepared[name] = prepared
        return prepared

    def _report(self, uncut: Iterable[str]) -> None:
        """Name each phrase once, however many grammars it is in."""
        news = [phrase for phrase in uncut if phrase not in self._reported]
        self._reported.update(news)
        if news:
            log.warning("phrases_cannot_be_heard", model=self.facts.name, phrases=news)

    def known(self, words: Iterable[str]) -> set[str]:
        """Those of `words` that the model has. Raises WorkerError."""
        with self._pool.borrowed() as process:
            try:
                return set(process.ask("known", process.number(), list(words)).result(_ASK_TIMEOUT_S))
            except FutureTimeoutError:
                process.kill()
                raise WorkerError("the worker does not answer") from None

    @contextmanager
    def listen(self, name: str | None) -> Iterator[Listening]:
        """A turn that listens for the phrases prepared as `name`, or for anything. KeyError for an unknown name."""
        prepared = None if name is None else self._prepared[name]
        with ExitStack() as stack:
            if prepared is not None and not prepared.grammar:
                yield Deaf()
                return
            process = None
            with suppress(WorkerError):
                process = stack.enter_context(self._pool.borrowed())
            turn = Listening(process, prepared, self._timeout_s)
            stack.callback(turn.drop)
            yield turn

    def recognise(self, audio: bytes, name: str | None) -> Recognition:
        """What is said in a whole recording: a WAV file, or 16-bit samples at 8 kHz. KeyError for an unknown name.

        Never raises for what is in the audio or happens to the engine: see `Recognition.failure`.
        """
        with self.listen(name) as turn:
            try:
                turn.accept(pcm_of(audio))
            except AudioError as error:
                log.warning("recording_cannot_be_heard", error=str(error))
                return Recognition(None, failure="audio")
            return turn.final()

    @property
    def trouble(self) -> str | None:
        """Why the engine can hear nothing just now; None when it can."""
        return None if self._pool.running else "no speech worker is up"

    @property
    def workers(self) -> list[Process]:
        """The processes that are up."""
        return self._pool.running

    @property
    def restarts(self) -> int:
        """How often a process has been replaced."""
        return self._pool.restarts

    def close(self) -> None:
        """End the processes; turns that are open fail."""
        self._finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _finish(pool: Pool, folder: tempfile.TemporaryDirectory[str]) -> None:
    pool.close()
    folder.cleanup()


class NoEngine:
    """Stands in for an engine that could not be opened: every turn is answered by keys, and `trouble` says why."""

    facts = None
    restarts = 0

    def __init__(self, trouble: str) -> None:
        self.trouble = trouble

    def prepare(self, name: str, phrases: Iterable[str]) -> Prepared:
        return Prepared(name, "", {}, tuple(phrases))

    def recognise(self, audio: bytes, name: str | None) -> Recognition:  # noqa: ARG002 - as Engine's
        return Recognition(None, failure="no worker")

    @contextmanager
    def listen(self, name: str | None) -> Iterator[Listening]:  # noqa: ARG002 - as Engine's
        yield Listening(None, None, 0.0)

    def close(self) -> None:
        pass


def open_engine(
    folder: Path, workers: int | None = None, *, dictation: bool = False, timeout_s: float = TIMEOUT_S
) -> Engine:
    """Load the model in `folder` in `workers` processes (one for each core unless given).

    Raises:
        ModelError: the subclass says what is wrong with the model; see `inspect`.
    """
    facts = inspect(folder, dictation=dictation)
    own = tempfile.TemporaryDirectory(prefix="careline-speech-")
    try:
        model = Model(for_telephone(facts, Path(own.name)), _trial(facts) if facts.grammars else None)
        pool = Pool(model, Path(own.name), workers or os.cpu_count() or 1)
        pool.start()
    except WorkerError as error:
        own.cleanup()
        raise ModelIncompleteError(f"{folder}: {error}") from error
    log.info("speech_engine_ready", model=facts.name, workers=len(pool.running), grammars=facts.grammars)
    return Engine(facts, pool, own, timeout_s)


def _trial(facts: Facts) -> str:
    return grammar.prepare("trial", [facts.word], {facts.word}).grammar


def open_or_keys(folder: Path, workers: int | None = None, *, dictation: bool = False) -> Engine | NoEngine:
    """An engine, or its stand-in with the reason: the line goes on by keys."""
    try:
        return open_engine(folder, workers, dictation=dictation)
    except ModelError as error:
        log.error("speech_engine_not_available", error=str(error))
        return NoEngine(str(error))
