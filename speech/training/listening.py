"""Listening with the real engine: what a model hears in labelled sounds, and what that is worth."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.training.lexicon import UNKNOWN, strings
from speech.training.readings import spoken

_CHUNK = 1600


@dataclass(frozen=True, slots=True)
class Case:
    """8 kHz sound and the phrase that is said in it; None if it holds none of the grammar's phrases."""

    truth: str | None
    sound: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Heard:
    """The phrases heard, in order, [unk] left out; the lowest confidence of one, 0 if there is none."""

    phrases: tuple[str, ...]
    confidence: float


class Listener:
    """A model with a grammar of whole phrases and [unk].

    Phrases that are no word of the model are spelt in its characters (`spelt`); `missing` are those that cannot be.
    """

    def __init__(self, model: Path, phrases: Sequence[str]) -> None:
        import vosk  # noqa: PLC0415 - a large native library

        vosk.SetLogLevel(-1)
        self._vosk, self._model = vosk, vosk.Model(str(model))
        spellings = {phrase: spelt(phrase, self.knows) for phrase in phrases}
        self.missing = [phrase for phrase, spelling in spellings.items() if spelling is None]
        self._phrases = {" ".join(spelling): phrase for phrase, spelling in spellings.items() if spelling}
        self._grammar = json.dumps([*self._phrases, UNKNOWN], ensure_ascii=False)

    def knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def hear(self, sound: NDArray[np.int16]) -> Heard:
        """All that is heard in the sound, whose end is the end of the turn."""
        recogniser = self._vosk.KaldiRecognizer(self._model, 8000, self._grammar)
        recogniser.SetWords(True)
        results = []
        for start in range(0, len(sound), _CHUNK):
            if recogniser.AcceptWaveform(sound[start : start + _CHUNK].astype("<i2").tobytes()):
                results.append(json.loads(recogniser.Result()))
        results.append(json.loads(recogniser.FinalResult()))
        words = [word for result in results for word in result.get("result", [])]
        return self._heard(words)

    def _heard(self, words: Sequence[Mapping[str, Any]]) -> Heard:
        known = [word for word in words if word["word"] != UNKNOWN]
        confidence = min((float(word["conf"]) for word in known), default=0.0)
        return Heard(tuple(_joined([str(word["word"]) for word in known], self._phrases)), confidence)


def _joined(words: Sequence[str], phrases: Mapping[str, str]) -> list[str]:
    """Words put together to phrases of the grammar, longest first; a remainder stays as it is."""
    found, position = [], 0
    while position < len(words):
        for end in range(len(words), position, -1):
            spelling = " ".join(words[position:end])
            if spelling in phrases or end == position + 1:
                found.append(phrases.get(spelling, spelling))
                position = end
                break
    return found


def spelt(phrase: str, knows: Callable[[str], object]) -> list[str] | None:
    """`phrase` as the fewest words for which `knows(word)` is true; None if it cannot be cut."""
    best: list[list[str] | None] = [[], *([None] * len(phrase))]
    for end in range(1, len(phrase) + 1):
        for start in range(end):
            before = best[start]
            shorter = before is not None and (best[end] is None or len(before) + 1 < len(best[end] or ()))
            if before is not None and shorter and knows(phrase[start:end]):
                best[end] = [*before, phrase[start:end]]
    return best[len(phrase)]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the cases, at one confidence threshold; for cases without a phrase only `accepted` counts."""

    cases: int
    phrase_right: float
    intent_right: float
    rejected: float
    wrong_intent: float
    accepted: float


def score(cases: Sequence[Case], heard: Sequence[Heard], intent_of: Mapping[str, str], threshold: float = 0.0) -> Score:
    """How right the line would be if it acted on what is heard with at least `threshold` confidence."""
    right = intent = rejected = wrong = accepted = 0
    for case, one in zip(cases, heard, strict=True):
        phrases = one.phrases if one.confidence >= threshold else ()
        intents = {intent_of.get(phrase, phrase) for phrase in phrases}
        wanted = {intent_of.get(case.truth, case.truth)} if case.truth else set()
        right += phrases == (case.truth,)
        intent += bool(phrases) and intents == wanted
        rejected += not phrases
        wrong += bool(phrases) and not intents & wanted
        accepted += bool(phrases)
    count = max(1, len(cases))
    return Score(len(cases), right / count, intent / count, rejected / count, wrong / count, accepted / count)


def confusions(
    cases: Sequence[Case], heard: Sequence[Heard], intent_of: Mapping[str, str], threshold: float
) -> dict[str, dict[str, int]]:
    """For each intent that was said, how often which was heard; "nothing" below the threshold, "several" if mixed."""
    table: dict[str, Counter[str]] = {}
    for case, one in zip(cases, heard, strict=True):
        intents = {intent_of.get(phrase, phrase) for phrase in one.phrases}
        got = (
            "nothing" if not intents or one.confidence < threshold else "several" if len(intents) > 1 else intents.pop()
        )
        table.setdefault(intent_of.get(case.truth or "", "none"), Counter())[got] += 1
    return {said: dict(counts) for said, counts in sorted(table.items())}


def interval(share: float, cases: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95% confidence interval of a share."""
    if not cases:
        return 0.0, 1.0
    centre = share + z * z / (2 * cases)
    spread = z * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    scale = 1 + z * z / cases
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def intents_of(path: Path) -> dict[str, str]:
    """Each phrase's intent in the line's phrases.json; the first one named where two share a phrase."""
    intents = json.loads(path.read_text("utf-8"))["intents"]
    found: dict[str, str] = {}
    for intent, accents in intents.items():
        for phrase in strings(accents):
            found.setdefault(spoken(phrase), intent)
    return found
