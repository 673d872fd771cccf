"""A written text as a voice is to say it: cleaned, with its numbers in words, and cut into phrases with pauses."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prompts.numbers import in_words

PAUSES_S: Final = {"、": 0.45, "，": 0.55, "：": 0.55, "；": 0.65, "。": 0.7, "！": 0.7, "？": 0.7}
CUT_PAUSE_S: Final = 0.45
JOIN_PAUSE_S: Final = 0.15
"""After words that end without a mark: the sentence goes on in the next clip."""
LONGEST_PHRASE: Final = 30
"""Characters; a longer run without a mark is cut, so that one breath is enough for it."""
LONGEST_TEXT: Final = 3000
"""Characters, about 20 minutes. What is beyond is replaced by REST."""
REST: Final = "。内容太长，后面的请问工作人员。"

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_ASCII_MARKS = str.maketrans({",": "，", ";": "；", "!": "！", "?": "？", ":": "：", "\n": "。", "|": "，", "｜": "，"})
_KEYS = {"*": "星号", "#": "井号"}
_KEY = re.compile(r"(?<=按)\s*([*#])")
_SAID = str.maketrans({"+": "加", "=": "等于", "&": "和", "℃": "摄氏度", "𠮷": "吉", "兒": "儿"})
_SILENT = str.maketrans(dict.fromkeys("《》〈〉“”‘’\"'「」『』【】[]{}<>^~-—–―－_`@$\\", " "))
_BRACKETS = str.maketrans(dict.fromkeys("()（）…/·•*#", "，"))
_MARKS = "".join(PAUSES_S)
_BEYOND = re.compile(rf"[^\w\s{_MARKS}.]|[\U00010000-\U0010ffff]")
_LATIN_DOT = re.compile(r"\.(?![A-Za-z0-9])")
_GAP = re.compile(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])")
_MARK_RUN = re.compile(rf"[{_MARKS}](?:\s*[{_MARKS}])+")
_PHRASE = re.compile(rf"([^{_MARKS}]+)([{_MARKS}]?)")


@dataclass(frozen=True)
class Phrase:
    """One breath. `text` has no number, no mark inside and at most LONGEST_PHRASE characters."""

    text: str
    mark: str
    """The punctuation after it; "" when the text just ends or was cut."""
    pause_s: float


def spoken_form(text: str) -> str:
    """Every character is one that a voice can say, or a mark that is a pause; "" when nothing is left to say.

    Control characters, emoji and characters outside the basic plane are left out.
    """
    text = unicodedata.normalize("NFC", text).replace("\r", "\n")
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + REST
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C")
    text = _KEY.sub(lambda key: _KEYS[key[1]], in_words(_half_width_numbers(text)))
    for table in (_ASCII_MARKS, _SAID, _BRACKETS, _SILENT):
        text = text.translate(table)
    text = _LATIN_DOT.sub("。", _BEYOND.sub(" ", text))
    text = _MARK_RUN.sub(lambda run: max(run[0].replace(" ", ""), key=lambda mark: PAUSES_S.get(mark, 0)), text)
    return _GAP.sub("", text).strip().lstrip(_MARKS)


def _half_width_numbers(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; Chinese punctuation stays."""
    return "".join(chr(_FULL_WIDTH[ord(c)]) if ord(c) in _FULL_WIDTH and c not in _MARKS + "（）" else c for c in text)


def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of any text, in order."""
    return tuple(_phrases(spoken_form(text)))


def _phrases(said: str) -> Iterator[Phrase]:
    for run, mark in _PHRASE.findall(said):
        words = run.strip()
        breaths = [words[start : start + LONGEST_PHRASE] for start in range(0, len(words), LONGEST_PHRASE)]
        yield from (Phrase(breath, "", CUT_PAUSE_S) for breath in breaths[:-1])
        if breaths:
            yield Phrase(breaths[-1], mark, PAUSES_S.get(mark, JOIN_PAUSE_S))


def characters(text: str) -> int:
    """How many characters are said: what a speech rate counts. A Latin word counts as two."""
    said = spoken_form(text)
    return sum("\u3400" <= c <= "\u9fff" for c in said) + 2 * len(re.findall(r"[A-Za-z]+", said))
