"""Brings what was said, as somebody or some recogniser wrote it down, to the one spelling the rest is written in.

Spaces, punctuation, fillers (嗯, 那个, 就是说), traditional characters, full-width digits and the commonest words of
Jiangsu speech are evened out; every character remembers where it stood.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from speech.understanding.files import mapping, read, words

PAUSE = "，"
PUNCTUATION = "，。！？、；：…,.!?;:~—“”‘’\"'()（）《》<>【】·\n\t"
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance in the common spelling. `places[i]` is where character i of `text` stood in `original`."""

    original: str
    text: str
    places: tuple[int, ...]
    stuttered: bool = False
    """A character stands twice in a row that is not commonly doubled, as in 摔摔了一跤."""

    def fluent(self) -> "Spoken":
        """The utterance with characters said once that were said twice or more in a row."""
        kept = [index for index in range(len(self.text)) if index == 0 or self.text[index] != self.text[index - 1]]
        text = "".join(self.text[index] for index in kept)
        return Spoken(self.original, text, tuple(self.places[index] for index in kept))

    def quote(self, start: int, end: int) -> str:
        """The stretch of the original that became text[start:end]."""
        return self.original[self.places[start] : self.places[end - 1] + 1]


class Speller:
    """Immutable once made; see spelling.yaml."""

    def __init__(self) -> None:
        rules = read("spelling.yaml")
        characters = mapping(rules["characters"])
        traditional = {k: characters.get(v, v) for k, v in _traditional().items()}
        self._characters = str.maketrans(
            {chr(code): chr(half) for code, half in FULL_WIDTH.items()}
            | traditional
            | characters
            | dict.fromkeys(PUNCTUATION, PAUSE)
            | {"-": " "}  # 1-2-0
        )
        self._words = {self._even(k): v for k, v in mapping(rules["words"]).items()}
        self._drop = re.compile(rf"{_any_of(map(self._even, words(rules['fillers'])))}|(?<![什怎那这多要])么(?!二)")
        self._edit = re.compile(
            rf"(?P<pause>{PAUSE}+)"
            rf"|(?P<word>{_any_of(self._words)})"
            # Wu 格 at the end of a clause is 的; 脱 and 牢 after a verb are 掉 and 住
            r"|(?P<de>(?<![及合规价表资性严方])格(?=$|，|了))"
            r"|(?P<off>(?<=[跌坏歪死吃丢破断用忘烂碎倒摔瞎瘫木麻])脱)"
            r"|(?P<fast>(?<=[堵接卡揪锁粘噎哽夹困不])牢)"
        )
        self._stutter = re.compile(rf"([^{rules['doubled']}])\1")
        self._letters = {"de": "的", "off": "掉", "fast": "住"}

    def _even(self, text: str) -> str:
        return text.translate(self._characters)

    def spell(self, original: str) -> Spoken:
        """`original` in the common spelling; its text is empty when it holds nothing but fillers."""
        evened = self._even(original)
        places = [index for index, character in enumerate(evened) if not character.isspace()]
        text, places = _rewritten("".join(evened.split()), places, self._drop, lambda _: "")
        text, places = _rewritten(text, places, self._edit, self._replacement)
        text = text.removesuffix(PAUSE)
        return Spoken(original, text, tuple(places[: len(text)]), self._stutter.search(text) is not None)

    def _replacement(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        if kind == "pause":
            return PAUSE if match.start() else ""
        return self._words[match[0]] if kind == "word" else self._letters[kind]


def _any_of(listed: Iterable[str]) -> str:
    return "|".join(sorted(set(listed), key=len, reverse=True))


def _rewritten(
    text: str, places: list[int], edit: re.Pattern[str], replacement: Callable[[re.Match[str]], str]
) -> tuple[str, list[int]]:
    """`text` with every match of `edit` replaced, and where each of its characters now comes from."""
    pieces: list[str] = []
    moved: list[int] = []
    done = 0
    for match in edit.finditer(text):
        start, end = match.span()
        new = replacement(match)
        pieces += (text[done:start], new)
        moved += places[done:start]
        moved += _spread(places[start:end], len(new))
        done = end
    if not done:
        return text, places
    return "".join((*pieces, text[done:])), moved + places[done:]


def _spread(places: list[int], size: int) -> list[int]:
    """`size` places for a replacement of the characters at `places`."""
    last = len(places) - 1
    return [places[min(index, last)] if index < size - 1 else places[last] for index in range(size)]


def _traditional() -> dict[str, str]:
    table = mapping(read("traditional.yaml"))
    return dict(zip(table["traditional"], table["simplified"], strict=True))


@cache
def speller() -> Speller:
    return Speller()
