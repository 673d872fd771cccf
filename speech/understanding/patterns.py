"""Patterns of meaning: regular expressions over an utterance, with classes of words and gaps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speech.understanding.files import read, words
from speech.understanding.meaning import INTENTS, RISK_OF, Intent, Risk
from speech.understanding.needs import Needs, needs

GAP = re.compile(r"~(\d+)?")
CLASS = re.compile(r"\{([a-z]+)\}")
DEFAULT_GAP = 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of saying something. The groups of `regex` are its gaps, in which anything may have been said."""

    regex: re.Pattern[str]
    needs: Needs
    intent: Intent | None
    risk: Risk | None
    doubt: bool
    place: bool
    """The danger is where the caller is, whoever it was that met with it."""


class Patterns:
    """A set of patterns, and a quick way to the few that an utterance can match.

    Bit i of every number here is pattern i. The n-th plane says of each character for which patterns it fulfils the
    n-th need; a pattern is tried only when every one of its needs is fulfilled by some character of the utterance.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = tuple(patterns)
        depth = max((len(pattern.needs) for pattern in patterns), default=0)
        self._planes = [self._plane(index) for index in range(depth)]

    def _plane(self, index: int) -> tuple[int, dict[str, int]]:
        """The patterns that have no need of that index, and for each character those whose need it fulfils."""
        without, by_character = 0, dict[str, int]()
        for number, pattern in enumerate(self._patterns):
            if len(pattern.needs) <= index:
                without |= 1 << number
                continue
            for character in pattern.needs[index]:
                by_character[character] = by_character.get(character, 0) | 1 << number
        return without, by_character

    def find(self, text: str) -> Iterator[tuple[Pattern, re.Match[str]]]:
        """Every match of every pattern; the matches of one pattern do not overlap."""
        candidates = self._candidates(set(text))
        while candidates:
            lowest = candidates & -candidates
            candidates ^= lowest
            pattern = self._patterns[lowest.bit_length() - 1]
            for match in pattern.regex.finditer(text):
                yield pattern, match

    def _candidates(self, characters: set[str]) -> int:
        candidates = -1
        for without, by_character in self._planes:
            fulfilled = without
            for character in characters:
                if character in by_character:
                    fulfilled |= by_character[character]
            candidates &= fulfilled
        return candidates


def read_classes() -> dict[str, str]:
    """The regular expression of each class of words."""
    return {name: _any_of(words(listed)) for name, listed in read("words.yaml").items()}


def read_patterns(name: str, classes: Mapping[str, str]) -> list[Pattern]:
    """The patterns of a file. Raises ValueError naming the one that is wrong."""
    return [_pattern(source, group, classes) for group in read(name) for source in group["say"]]


def _pattern(source: str, group: Mapping[str, Any], classes: Mapping[str, str]) -> Pattern:
    expanded = expand(source, classes)
    intent: Intent = group["intent"]
    if intent not in INTENTS:
        raise ValueError(f"pattern {source!r}: there is no intent {intent!r}")
    try:
        regex = re.compile(expanded)
    except re.error as error:
        raise ValueError(f"pattern {source!r}: {error}") from error
    risk = group.get("risk", RISK_OF.get(intent))
    return Pattern(regex, needs(expanded), intent, risk, group.get("doubt", False), group.get("place", False))


def mask(source: str, classes: Mapping[str, str]) -> Pattern:
    """A pattern of something harmless."""
    expanded = expand(source, classes)
    return Pattern(re.compile(expanded), needs(expanded), None, None, False, False)


def expand(source: str, classes: Mapping[str, str]) -> str:
    """`source` as a regular expression. Raises ValueError when it names a class that there is not."""
    try:
        named = CLASS.sub(lambda match: classes[match[1]], source)
    except KeyError as error:
        raise ValueError(f"pattern {source!r}: no class of words is called {error}") from None
    return GAP.sub(lambda match: f"(.{{0,{match[1] or DEFAULT_GAP}}}?)", named)


def _any_of(listed: Sequence[str]) -> str:
    return f"(?:{'|'.join(sorted(set(listed), key=lambda word: (-len(word), word)))})"
