"""What the question that was asked adds to the meaning of an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speech.understanding.files import read, words
from speech.understanding.meaning import Intent, Risk
from speech.understanding.spelling import speller


@dataclass(frozen=True, slots=True)
class Amount:
    """What an intent amounts to after a question; not `sure` asks for a key."""

    risk: Risk
    sure: bool = True
    eases: bool = False
    """Not so for an ailment when something else is asked for in the same breath; malaise then asks for a key."""


@dataclass(frozen=True, slots=True)
class Question:
    """What may be said after a question and nowhere else: phrases as the whole answer, patterns anywhere in it."""

    phrases: Mapping[str, Intent]
    patterns: tuple[tuple[re.Pattern[str], Intent], ...]
    unsure: re.Pattern[str] | None
    risks: Mapping[Intent, Amount]


@dataclass(frozen=True, slots=True)
class Manners:
    """How phrases behave whatever was asked; see questions.yaml."""

    alone: frozenset[str]
    collisions: frozenset[str]
    polite: frozenset[str]
    malaise: re.Pattern[str]
    order: Mapping[Intent, tuple[int, int]]
    """Row and place in the row; the lowest row wins, within it the longest, and of equals the lowest place."""
    before: re.Pattern[str]
    after: re.Pattern[str]

    def core(self, text: str) -> tuple[int, int]:
        """Where the answer itself starts and ends, without what may stand around it."""
        start = self.before.match(text)
        begin = start.end() if start else 0
        end = self.after.search(text, begin)
        return begin, end.start() if end else len(text)


OPEN = Question({}, (), None, {})


def read_questions() -> tuple[dict[str, Question], Manners]:
    source = read("questions.yaml")
    questions = {name: _question(entry) for name, entry in source["questions"].items()}
    order = {
        intent: (row, place) for row, intents in enumerate(source["order"]) for place, intent in enumerate(intents)
    }
    manners = Manners(
        alone=_spelled(source["alone"]),
        collisions=_spelled(source["collisions"]),
        polite=_spelled(source["polite"]),
        malaise=re.compile(source["malaise"]),
        order=order,
        before=re.compile(rf"{source['before']}*"),
        after=re.compile(rf"{source['after']}*$"),
    )
    return questions, manners


def _question(entry: Mapping[str, Any]) -> Question:
    phrases = {text: intent for intent, listed in entry.get("phrases", {}).items() for text in _spelled(listed)}
    risks = {intent: Amount(**amount) for intent, amount in entry.get("risks", {}).items()}
    patterns = tuple((re.compile(source), intent) for intent, source in entry.get("patterns", {}).items())
    return Question(phrases, patterns, re.compile(entry["unsure"]) if "unsure" in entry else None, risks)


def _spelled(listed: str) -> frozenset[str]:
    return frozenset(text for word in words(listed) if (text := speller().spell(word).text))
