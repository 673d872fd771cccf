"""The line speaks its own phrases into its own ears: is the installed model fit for them?"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

import numpy as np

from speech.engine import Engine
from speech.engine.audio import pcm_of
from speech.grammars import EVERYWHERE, QUESTION_INTENTS
from speech.telephone import Line, telephone
from speech.understanding import INTENTS, Intent

Voice = Callable[[str], bytes]
"""A text as a WAV file, or as 16-bit samples at 8 kHz."""
GOOD_LINE = Line(snr_db=30)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase of the line, spoken after a question that it answers."""

    phrase: str
    intent: Intent
    question: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it. `lag_ms` is how long the whole recording kept the caller waiting."""

    spoken: Spoken
    text: str | None
    intent: Intent | None
    lag_ms: float
    cost_ms: float
    audio_s: float


@dataclass(frozen=True, slots=True)
class Report:
    heard: tuple[Heard, ...]
    uncut: tuple[str, ...]
    """Phrases that the model has no words for."""
    memory: int
    """Bytes resident in all workers."""

    @property
    def missed(self) -> list[Heard]:
        return [heard for heard in self.heard if heard.intent is None]

    @property
    def mistaken(self) -> list[Heard]:
        return [heard for heard in self.heard if heard.intent not in (None, heard.spoken.intent)]

    @property
    def real_time_factor(self) -> float:
        return sum(h.cost_ms for h in self.heard) / 1000 / max(1e-9, sum(h.audio_s for h in self.heard))

    def lag_ms(self, percent: int) -> float:
        """The lag that so many percent of the answers did not exceed."""
        lags = [heard.lag_ms for heard in self.heard]
        return quantiles(lags, n=100, method="inclusive")[percent - 1] if len(lags) > 1 else sum(lags)


def what_to_say(phrases: Mapping[Intent, Sequence[str]], most: int | None = None) -> list[Spoken]:
    """Every phrase, or the first `most` of each intent, after the first question that listens for it."""
    return [
        Spoken(phrase, intent, _question_for(intent))
        for intent in INTENTS
        for phrase in list(phrases.get(intent, ()))[:most]
    ]


def _question_for(intent: Intent) -> str:
    if intent in EVERYWHERE:
        return "menu"
    return next(question for question, intents in QUESTION_INTENTS.items() if intent in intents)


def examine(
    engine: Engine, phrases: Mapping[Intent, Sequence[str]], spoken: Iterable[Spoken], voice: Voice
) -> Iterator[Heard]:
    """Speak each into the engine, whose grammars are prepared, over a good telephone line."""
    intents = {phrase: intent for intent in reversed(INTENTS) for phrase in phrases.get(intent, ())}
    rng = np.random.default_rng(1)
    for item in spoken:
        samples = np.frombuffer(pcm_of(voice(item.phrase)), "<i2").astype(np.float32)
        audio = telephone(samples, GOOD_LINE, rng).astype("<i2").tobytes()
        started = time.perf_counter()
        result = engine.recognise(audio, item.question)
        lag_ms = (time.perf_counter() - started) * 1000
        intent = _intent(item, result.text, intents)
        yield Heard(item, result.text, intent, lag_ms, result.cost_ms, result.audio_s)


def _intent(item: Spoken, text: str | None, intents: Mapping[str, Intent]) -> Intent | None:
    """A phrase of two intents is the one that was meant."""
    if text is None or text == item.phrase:
        return item.intent if text else None
    return intents.get(text)
