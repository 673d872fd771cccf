"""The model's words: the line's phrases whole, and every common character, with the accents they are said in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from speech.training.phones import PHONES
from speech.training.readings import phones_of_text, readings_of_character, spoken
from speech.understanding import Intent

UNKNOWN = "[unk]"
Slot = tuple[tuple[str, float], ...]
"""The phones that may stand at one place of a word, each with its cost; the standard one is first and free."""

_LIKELY, _POSSIBLE = 1.2, 2.0
MERGERS: dict[str, tuple[tuple[str, float], ...]] = {
    "zh": (("z", _LIKELY),), "ch": (("c", _LIKELY),), "sh": (("s", _LIKELY),), "ir": (("iz", _LIKELY),),
    "z": (("zh", _POSSIBLE),), "c": (("ch", _POSSIBLE),), "s": (("sh", _POSSIBLE),), "iz": (("ir", _POSSIBLE),),
    "eng": (("en", _LIKELY),), "ing": (("in", _LIKELY),), "ang": (("an", _POSSIBLE),), "uang": (("uan", _POSSIBLE),),
    "en": (("eng", _LIKELY),), "in": (("ing", _LIKELY),), "an": (("ang", _POSSIBLE),), "uan": (("uang", _POSSIBLE),),
    "n": (("l", _LIKELY),), "l": (("n", _LIKELY),), "r": (("l", _POSSIBLE), ("z", _POSSIBLE)),
}  # fmt: skip
"""What Jiangsu speakers of Mandarin say for a standard sound, with the cost of hearing it so."""


class LexiconError(Exception):
    """A text cannot be made a word of the model; the text names it."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`phrases` are words with a pronunciation of their own; `characters` share the syllables they are read as."""

    phrases: dict[str, tuple[str, ...]]
    characters: dict[str, tuple[tuple[str, ...], ...]]

    @property
    def words(self) -> list[str]:
        """All words in the order of their numbers, the first being number 1; `[unk]` is the last."""
        return [*self.phrases, *self.characters, UNKNOWN]


def slots(phones: Iterable[str]) -> list[Slot]:
    """The places of a pronunciation with the accents at each."""
    return [((phone, 0.0), *MERGERS.get(phone, ())) for phone in phones]


def read_phrases(path: Path) -> list[str]:
    """Every phrase of a phrase file, in order, as it is spoken and without repetitions.

    The file is the line's phrases.json (intents, each with lists by accent), any JSON of lists, or a text file with a
    phrase a line.

    Raises:
        LexiconError: the file holds no phrase.
    """
    text = path.read_text("utf-8")
    found = strings(json.loads(text)) if path.suffix == ".json" else text.splitlines()
    phrases = list(dict.fromkeys(filter(None, map(spoken, found))))
    if not phrases:
        raise LexiconError(f"{path}: no Chinese phrase in it")
    return phrases


def read_intents(path: Path) -> dict[Intent, list[str]]:
    """The phrases of the line's phrases.json by intent, accents together.

    Raises:
        LexiconError: it is no such file.
    """
    try:
        return {intent: strings(accents) for intent, accents in json.loads(path.read_text("utf-8"))["intents"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LexiconError(f"{path}: no phrases by intent in it") from error


def strings(value: object) -> list[str]:
    """All texts in a value of JSON, but not those under a key that begins with an underscore."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() if not key.startswith("_") for text in strings(item)]
    return []


def common_characters() -> list[str]:
    """The 3,755 characters of GB 2312's first level, which covers everyday writing."""
    codes = ((row, cell) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [bytes(code).decode("gb2312") for code in codes if code < (0xD7, 0xFA)]


def build(phrases: Iterable[str]) -> Lexicon:
    """The lexicon of these phrases, their characters and all common ones.

    Raises:
        LexiconError: a phrase has a character without a Mandarin reading.
    """
    said: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        phones = phones_of_text(phrase)
        if phones is None:
            raise LexiconError(f"{phrase}: no Mandarin reading")
        if len(phrase) > 1:
            said[phrase] = phones
    wanted = dict.fromkeys([*common_characters(), *(c for phrase in phrases for c in phrase)])
    characters = {c: tuple(readings) for c in wanted if (readings := readings_of_character(c))}
    return Lexicon(said, characters)


def homophones(phrases: Iterable[str]) -> list[tuple[str, ...]]:
    """Phrases that sound alike without tones, so that the model cannot tell them apart; groups of two or more."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for phrase in dict.fromkeys(phrases):
        if phones := phones_of_text(phrase):
            alike.setdefault(phones, []).append(phrase)
    return [tuple(group) for group in alike.values() if len(group) > 1]


def syllables_of(lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Every syllable that some character is read as, once, in a fixed order."""
    found = {reading for readings in lexicon.characters.values() for reading in readings}
    return sorted(found, key=lambda phones: [PHONES.index(phone) for phone in phones])
