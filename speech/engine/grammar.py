"""Phrases as a recogniser takes them: cut into the words that its model knows.

Native code aborts the process on an empty or malformed grammar and on the token `<eps>`, so nothing but what this
module has made is handed to it.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from speech.engine.folder import UNKNOWN

LONGEST_PHRASE = 40
"""Characters; a longer one is not something that people say to a menu."""

_NOT_SPOKEN = re.compile(r"[\W_]+")
_EMERGENCY = {"120": "幺二零", "110": "幺幺零", "119": "幺幺九"}
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_RESERVED = re.compile(r"^(?:<.*>|\[.*\]|#\d+)$|[\s\"\\]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The phrases of one kind of turn, ready for the engine."""

    name: str
    grammar: str
    """JSON without escapes; empty when no phrase can be heard."""
    phrases: Mapping[str, str]
    """What is heard, without spaces, to the phrase as it was given."""
    uncut: tuple[str, ...]
    """Phrases that cannot be heard: the model has no words for them."""


def spoken_forms(phrase: str) -> tuple[str, ...]:
    """A phrase as it may be said: digits in characters, without punctuation; empty when nothing can be said."""
    by_number = phrase
    for digits, words in _EMERGENCY.items():
        by_number = by_number.replace(digits, words)
    forms = ("".join(_DIGITS.get(c, c) for c in _NOT_SPOKEN.sub("", text)) for text in (by_number, phrase))
    return tuple(dict.fromkeys(form for form in forms if 0 < len(form) <= LONGEST_PHRASE))


def parts(form: str) -> set[str]:
    """Every stretch of `form` that might be a word."""
    return {form[start:end] for start in range(len(form)) for end in range(start + 1, len(form) + 1)}


def cut(form: str, known: Collection[str]) -> tuple[str, ...] | None:
    """`form` in the fewest known words, the longer first among equals; None if it cannot be."""
    best: list[tuple[str, ...] | None] = [None] * len(form) + [()]
    for start in range(len(form) - 1, -1, -1):
        for end in range(len(form), start, -1):
            rest = best[end]
            if rest is None or form[start:end] not in known:
                continue
            found = best[start]
            if found is None or len(rest) + 1 < len(found):
                best[start] = (form[start:end], *rest)
    return best[0]


def usable(words: Iterable[str]) -> set[str]:
    """The words that may stand in a grammar: no symbols of the engine's own, nothing that JSON would escape."""
    return {word for word in words if word and not _RESERVED.search(word)}


def prepare(name: str, phrases: Iterable[str], known: Collection[str]) -> Prepared:
    """`known` holds the model's words among `parts` of the spoken forms, and UNKNOWN if the model has it.

    Of a phrase's forms those that need the fewest words are listened for: words on their own mix with other phrases'.
    """
    words = usable(known)
    heard: dict[str, str] = {}
    entries: dict[str, None] = {}
    uncut = []
    for phrase in dict.fromkeys(phrases):
        cuts = [pieces for form in spoken_forms(phrase) if (pieces := cut(form, words))]
        if not cuts:
            uncut.append(phrase)
        fewest = min(map(len, cuts), default=0)
        for pieces in (pieces for pieces in cuts if len(pieces) == fewest):
            heard.setdefault("".join(pieces), phrase)
            entries[" ".join(pieces)] = None
    if entries and UNKNOWN in known:
        entries[UNKNOWN] = None
    return Prepared(name, json.dumps(list(entries), ensure_ascii=False) if entries else "", heard, tuple(uncut))
