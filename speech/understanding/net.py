"""The safety net: dangers nobody wrote a pattern for, caught by the kinds of words that stand close together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from speech.understanding.files import read, words
from speech.understanding.meaning import INTENTS, Intent, Risk
from speech.understanding.scan import Hit
from speech.understanding.spelling import speller
from speech.understanding.trie import Trie

SHIELD = 8
"""How far, in characters, a word that explains everything harmlessly reaches to either side."""
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """Words of all the kinds `say`, at most `within` characters apart, are a danger unless one of `unless` is near."""

    say: tuple[str, ...]
    unless: tuple[str, ...]
    within: int
    intent: Intent
    risk: Risk


class Net:
    """Immutable once made; see net.yaml."""

    def __init__(self) -> None:
        source = read("net.yaml")
        kinds = {name: words(listed) for name, listed in source["kinds"].items()}
        self._rules = tuple(_rule(entry, kinds) for entry in source["rules"])
        self._by_kind: dict[str, list[Rule]] = {name: [] for name in kinds}
        for rule in self._rules:
            for kind in rule.say:
                self._by_kind[kind].append(rule)
        self._trie = Trie(_entries(kinds))

    def kinds(self, text: str) -> set[str]:
        """The kinds of words that `text` holds."""
        return {kind for _, _, kinds in self._trie.find(text) for kind in kinds}

    def find(self, text: str) -> Iterator[Hit]:
        """Possible dangers in `text`, each to be asked about, in the order in which they are complete."""
        found = [(start, end, kind) for start, end, kinds in self._trie.find(text) for kind in kinds]
        shields = _shields(found)
        for rule, start, end in self._met(found):
            if not any(_near(shields.get(kind, ()), start, end) for kind in rule.unless):
                yield Hit(start, end, rule.intent, rule.risk, doubt=True)

    def _met(self, found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[Rule, int, int]]:
        """Each rule whose words stand close enough together, once for each of the words that completes it."""
        last: dict[str, list[Place]] = {}
        for start, end, kind in found:
            last.setdefault(kind, []).append((start, end))
            for rule in self._by_kind[kind]:
                begin = _begin(rule, kind, start, last)
                if begin is not None:
                    yield rule, begin, end


def _begin(rule: Rule, kind: str, start: int, last: Mapping[str, list[Place]]) -> int | None:
    """Where the words of `rule` begin that its word of `kind`, at `start`, completes; None if one is missing."""
    begin = start
    for other in rule.say:
        if other == kind:
            continue
        place = next((place for place in reversed(last.get(other, ())[-3:]) if place[1] <= start), None)
        if place is None or start - place[1] > rule.within:
            return None
        begin = min(begin, place[0])
    return begin


def _shields(found: Iterable[tuple[int, int, str]]) -> dict[str, list[Place]]:
    shields: dict[str, list[Place]] = {}
    for start, end, kind in found:
        shields.setdefault(kind, []).append((start, end))
    return shields


def _near(places: Iterable[Place], start: int, end: int) -> bool:
    return any(place[1] > start - SHIELD and place[0] < end + SHIELD for place in places)


def _rule(entry: Mapping[str, Any], kinds: Mapping[str, Any]) -> Rule:
    """Raises ValueError when the rule names an intent or a kind of word that there is not."""
    say, unless, intent = words(entry["say"]), words(entry.get("unless", "")), entry["intent"]
    unknown = [kind for kind in (*say, *unless) if kind not in kinds]
    if unknown or intent not in INTENTS:
        raise ValueError(f"net.yaml: rule {entry!r}: unknown {unknown or intent!r}")
    return Rule(say, unless, entry.get("within", 0), intent, entry["risk"])


def _entries(kinds: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Each word as it stands after spelling, with the kinds it belongs to."""
    entries: dict[str, tuple[str, ...]] = {}
    for kind, listed in kinds.items():
        for word in {speller().spell(word).text for word in listed} - {""}:
            entries[word] = (*entries.get(word, ()), kind)
    return entries
