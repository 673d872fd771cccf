"""From Chinese text to pinyin and to phones."""

import re
from collections.abc import Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin

from speech.training.phones import phones_of

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_NUMBERS = {"120": "幺二零", "110": "幺幺零", "119": "幺幺九"}
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def spoken(text: str) -> str:
    """`text` as it is said: emergency numbers and digits in characters, punctuation and spaces dropped."""
    for digits, words in _NUMBERS.items():
        text = text.replace(digits, words)
    return "".join(_CHINESE.findall("".join(_DIGITS.get(c, c) for c in text)))


def syllables(text: str) -> list[str]:
    """Pinyin with tone digits (5 is the neutral tone), one syllable a character of `spoken(text)`."""
    return lazy_pinyin(spoken(text), style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False)


def phones_of_syllables(read: Sequence[str]) -> tuple[str, ...] | None:
    """All phones in order; None if one syllable is not Mandarin."""
    parts = [phones_of(syllable) for syllable in read]
    if not parts or any(part is None for part in parts):
        return None
    return tuple(phone for part in parts if part for phone in part)


@lru_cache(maxsize=100_000)
def phones_of_text(text: str) -> tuple[str, ...] | None:
    """The phones of a text as it is usually read; None if it holds nothing readable."""
    return phones_of_syllables(syllables(text))


def readings_of_character(character: str) -> list[tuple[str, ...]]:
    """Every reading of one character, tones aside; the usual one first."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)[0]
    unique = dict.fromkeys(phones for reading in found if (phones := phones_of(reading)))
    return list(unique)
