"""Danger by its sound: what a recogniser writes when it hears 就护车 for 救护车."""

from collections.abc import Iterator, Mapping, Sequence

from speech.understanding.files import mapping, read, words
from speech.understanding.meaning import GRAVITY, RISK_OF, Intent, Risk
from speech.understanding.scan import Hit
from speech.understanding.spelling import speller
from speech.understanding.trie import Trie, longest

SURE_BY_SOUND = 4
"""From so many characters on, a phrase is recognised though every character is another."""
SHORTEST = 3
"""Shorter phrases of danger are listened for only where sounds.yaml says so."""
Sought = tuple[str, Intent, Risk]


class Sounds:
    """Immutable once made; see sounds.yaml."""

    def __init__(self, phrases: Mapping[Intent, Sequence[str]]) -> None:
        source = read("sounds.yaml")
        self._codes = str.maketrans(
            {character: alike[0] for alike in mapping(source["readings"]).values() for character in alike}
        )
        also = ((word, intent) for intent, listed in source["also"].items() for word in words(listed))
        entries = {
            phrase.translate(self._codes): (phrase, intent, RISK_OF[intent])
            for phrase, intent in (*also, *_sought(phrases))
        }
        self._shields = frozenset(words(source["shields"]))
        self._trie = Trie(entries)

    def find(self, text: str, known: Sequence[Hit]) -> Iterator[Hit]:
        """Dangers that `text` only sounds like; where one of `known` is as grave there is nothing to add."""
        found = [hit for hit in self._trie.find(text.translate(self._codes)) if self._plausible(text, *hit)]
        if not found:
            return
        gravity = bytearray(len(text))
        for hit in sorted((hit for hit in known if not hit.vague), key=lambda hit: GRAVITY[hit.risk]):
            gravity[hit.start : hit.end] = bytes([GRAVITY[hit.risk]]) * (hit.end - hit.start)
        for start, end, (_, intent, risk) in longest(found, len(text)):
            if max(gravity[start:end]) < GRAVITY[risk]:
                yield Hit(start, end, intent, risk, doubt=True, vague=True)

    def _plausible(self, text: str, start: int, end: int, sought: Sought) -> bool:
        written, phrase = text[start:end], sought[0]
        if written == phrase or written in self._shields:
            return False
        return len(phrase) >= SURE_BY_SOUND or any(map(str.__eq__, written, phrase))


def _sought(phrases: Mapping[Intent, Sequence[str]]) -> Iterator[tuple[str, Intent]]:
    for intent in RISK_OF:
        if intent != "unwell":
            for phrase in phrases.get(intent, ()):
                text = speller().spell(phrase).text
                if len(text) >= SHORTEST:
                    yield text, intent
