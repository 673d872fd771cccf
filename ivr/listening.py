"""How the line hears: a model for answers, whose turn is waiting, and one that writes down messages afterwards.

Whatever is wrong with a model, the line stays up: answers are then given by keys, and messages wait for people's ears.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from threading import Lock

import structlog

from ivr import dialog
from ivr.config import Settings
from ivr.dialog.model import Listen
from ivr.spotting import spot
from ivr.understanding import load_phrases
from speech.engine import Engine, NoEngine, Prepared, Recognition, WorkerError, open_or_keys
from speech.grammars import phrases_for
from speech.models import shipped
from speech.understanding import Intent

log = structlog.get_logger()

OFF, SHIPPED = "off", "shipped"
MODELS = "models"
"""Where installed models are, in the data folder."""

EVERYTHING = "everything"
"""The name of the grammar with every phrase."""
SUBJECTS: tuple[Intent, ...] = (
    *("emergency", "red_flag", "fell", "self_harm", "unwell"),
    *("medicine", "transport", "repair", "cleaning", "meals", "company", "contribute", "activities"),
)
"""What is picked out of a message. 再说一遍 or 再见 in the middle of one is not said to the line."""
IN_PART = 0.5
"""Highest confidence of an answer of which only phrases were understood: what is around them may turn them round."""
DICTATION_WORDS = 20_000
"""A vocabulary below this is a list of what is said to the line; one above it is a language, which can be dictated."""

AnyEngine = Engine | NoEngine
Phrases = Mapping[Intent, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Caught:
    """What was made out of a recording; `text` None is nothing that the line knows."""

    text: str | None = None
    confidence: float | None = None
    cost_ms: float = 0.0


class Ears:
    """Hears answers. Safe between threads."""

    def __init__(self, engine: AnyEngine, phrases: Phrases) -> None:
        self._engine, self._grammars = _prepared(engine, phrases, dialog.QUESTIONS)
        self._subjects = _subjects(phrases)

    @property
    def on(self) -> bool:
        """Whether anything can be heard just now."""
        return self._engine.trouble is None

    def answer(self, audio: bytes, listen: Listen) -> Caught:
        """What was said in answer to a question. In a message, of which more is said than the line knows, its subjects.

        Never raises for what is in the audio or happens to the engine.
        """
        grammar = self._grammars.get(listen.question)
        if grammar is None:
            return Caught()
        heard = self._engine.recognise(audio, grammar.name)
        if heard.text is None and listen.kind == "message":
            part = _in_part(heard, grammar, self._subjects)
            return replace(part, confidence=min(part.confidence, IN_PART)) if part.confidence is not None else part
        return _whole(heard)

    def health(self) -> dict[str, object]:
        return _health(self._engine)

    def close(self) -> None:
        self._engine.close()


class MessageWriter:
    """Writes down messages, with a model in one process of its own, so that no caller waits for it.

    The model is loaded with the first message, since one for dictation takes its time. Safe between threads.
    """

    def __init__(self, open_engine: Callable[[], AnyEngine], phrases: Phrases) -> None:
        self._open = open_engine
        self._phrases = phrases
        self._subjects = _subjects(phrases)
        self._lock = Lock()
        self._engine: AnyEngine | None = None
        self._grammar: Prepared | None = None

    @property
    def on(self) -> bool:
        """Whether anything can be written down just now. Loads the model, when it is asked first."""
        return self._loaded().trouble is None

    def write(self, audio: bytes) -> Caught | None:
        """What is said in a recording; None when the engine failed, so that it must be tried again."""
        heard = self._loaded().recognise(audio, self._grammar.name if self._grammar else None)
        if heard.failure not in (None, "audio"):
            return None
        if heard.text is None and self._grammar:
            return _in_part(heard, self._grammar, self._subjects)
        return _whole(heard) if self._grammar else _dictated(heard)

    def health(self) -> dict[str, object]:
        engine = self._engine
        return {"ok": True, "model": None, "why": "not loaded yet"} if engine is None else _health(engine)

    def close(self) -> None:
        with self._lock:
            if self._engine:
                self._engine.close()

    def _loaded(self) -> AnyEngine:
        with self._lock:
            if self._engine is None:
                engine = self._open()
                if not _dictates(engine):
                    engine, grammars = _prepared(engine, self._phrases, (EVERYTHING,))
                    self._grammar = grammars.get(EVERYTHING)
                self._engine = engine
            return self._engine


@dataclass(frozen=True, slots=True)
class Listening:
    """All that the line hears with."""

    ears: Ears
    messages: MessageWriter

    def health(self) -> dict[str, object]:
        """For /healthz: the models, or why there is none; `ok` also when listening is switched off."""
        answers, messages = self.ears.health(), self.messages.health()
        return answers | {"ok": bool(answers["ok"] and messages["ok"]), "messages": messages}

    def close(self) -> None:
        self.ears.close()
        self.messages.close()


def open_listening(settings: Settings) -> Listening:
    """The models of the settings. A model that cannot be used is reported, and the line goes on without it."""
    phrases = load_phrases(settings.language)
    return Listening(Ears(_engine(settings, settings.speech_model), phrases), open_messages(settings))


def open_messages(settings: Settings) -> MessageWriter:
    """The model that writes messages down; nothing is loaded before there is one."""

    def open_engine() -> AnyEngine:
        return _engine(settings, settings.message_model or settings.speech_model, workers=1, dictation=True)

    return MessageWriter(open_engine, load_phrases(settings.language))


def model_folder(data_dir: Path, model: str) -> Path:
    """The model that comes with the line, an installed one by its name, or a folder."""
    if model == SHIPPED:
        return shipped()
    installed = data_dir / MODELS / model
    return installed if installed.is_dir() else Path(model)


def _engine(settings: Settings, model: str, *, workers: int | None = None, dictation: bool = False) -> AnyEngine:
    if model == OFF:
        return NoEngine(OFF)
    folder = model_folder(settings.data_dir, model)
    try:
        return open_or_keys(folder, workers, dictation=dictation)
    except OSError as error:
        log.error("speech_engine_not_available", error=str(error))
        return NoEngine(f"{folder}: {error.strerror}")


def _prepared(engine: AnyEngine, phrases: Phrases, names: Iterable[str]) -> tuple[AnyEngine, dict[str, Prepared]]:
    """The grammars of the questions; an engine that dies over them is none."""
    try:
        return engine, {name: engine.prepare(name, phrases_for(name, phrases)) for name in names}
    except WorkerError as error:
        log.error("speech_engine_not_available", error=str(error))
        engine.close()
        return NoEngine(str(error)), {}


def _subjects(phrases: Phrases) -> frozenset[str]:
    return frozenset(chain.from_iterable(phrases.get(intent, ()) for intent in SUBJECTS))


def _dictates(engine: AnyEngine) -> bool:
    facts = engine.facts
    return facts is not None and (not facts.grammars or facts.words >= DICTATION_WORDS)


def _whole(heard: Recognition) -> Caught:
    return Caught(heard.text, heard.confidence, heard.cost_ms) if heard.text else Caught(cost_ms=heard.cost_ms)


def _in_part(heard: Recognition, grammar: Prepared, subjects: frozenset[str]) -> Caught:
    spotted = spot(heard.words, grammar.phrases, subjects)
    if spotted is None:
        return Caught(cost_ms=heard.cost_ms)
    return Caught(spotted.text, spotted.confidence, heard.cost_ms)


def _dictated(heard: Recognition) -> Caught:
    """Of many words the least certain one says nothing; their mean does."""
    if not heard.text:
        return Caught(cost_ms=heard.cost_ms)
    return Caught(heard.text, sum(word.confidence for word in heard.words) / len(heard.words), heard.cost_ms)


def _health(engine: AnyEngine) -> dict[str, object]:
    if isinstance(engine, NoEngine):
        return {"ok": engine.trouble == OFF, "model": None, "why": engine.trouble}
    facts = engine.facts
    return {
        "ok": engine.trouble is None,
        "model": facts.name,
        "why": engine.trouble,
        "rate": facts.rate,
        "grammars": facts.grammars,
        "words": facts.words,
        "checked": facts.checked,
        "workers": len(engine.workers),
        "restarts": engine.restarts,
    }
