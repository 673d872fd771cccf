"""How a name is spelled in pinyin, and by what a person is found: 张示例 by 示例, zhangshili, shili, zsl or 5288."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from typing import Final

import pypinyin

_SURNAMES: Final = {
    **{"单": "shan", "仇": "qiu", "解": "xie", "任": "ren", "曾": "zeng", "区": "ou", "查": "zha", "朴": "piao"},
    **{"翟": "zhai", "盖": "ge", "覃": "qin", "缪": "miao", "乐": "yue", "员": "yun", "折": "she", "冼": "xian"},
    **{"尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai", "单于": "chan yu"},
}
"""Characters that are read differently when they are somebody's surname."""
_RARE: Final = {"𠮷": "ji"}
"""Characters of names that the dictionary has not."""
_READINGS: Final = 3
"""How many readings of a character are told apart, and how many spellings of a name at most."""
_SPELLINGS: Final = 4
SORT_BYTES: Final = 200
SEARCH_BYTES: Final = 1200
"""What an index of PostgreSQL holds of one row is limited."""
_START: Final = "|"


@lru_cache(1000)
def spelling(name: str) -> str:
    """The usual spelling, a syllable for each character, to put names in order: 单示例 is `shan shi li`."""
    surname = next((known for known in (name[:2], name[:1]) if known in _SURNAMES), "")
    rest = (_readings(character)[0] for character in name[len(surname) :])
    return _cut(" ".join([*([_SURNAMES[surname]] if surname else []), *rest]), SORT_BYTES)


def search_text(name: str, *phones: str | None) -> str:
    """All by which somebody is found; each spelling begins after a mark, at every syllable of it."""
    found = [name.lower(), *(phone for phone in phones if phone), *_spelled(name)]
    return _cut(_START.join(["", *found, ""]), SEARCH_BYTES)


def wanted(text: str) -> str:
    """What has to stand in the search text of whoever is looked for by `text`; empty: nobody is looked for.

    Letters begin a syllable, or a name; digits and Chinese characters stand anywhere.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split()).replace(_START, "")
    if _is_number(plain):
        return "".join(character for character in plain if character.isdigit()).lstrip("0")
    return f"{_START}{plain}" if plain.isascii() and plain else plain


@lru_cache(1000)
def _spelled(name: str) -> tuple[str, ...]:
    spellings = [spelling(name).split(" "), *_spellings(name)]
    return tuple(dict.fromkeys(key for syllables in spellings for key in _keys(syllables)))


def _spellings(name: str) -> Iterator[list[str]]:
    """Every way in which the name can be read, as far as that is a few."""
    found: list[list[str]] = [[]]
    for readings in map(_readings, name):
        longer = [[*syllables, reading] for syllables, reading in product(found, readings)]
        found = longer if len(longer) <= _SPELLINGS else [[*syllables, readings[0]] for syllables in found]
    yield from found


def _keys(syllables: list[str]) -> Iterator[str]:
    initials = "".join(syllable[:1] for syllable in syllables)
    for start in range(len(syllables)):
        yield "".join(syllables[start:])
        yield initials[start:]


@cache
def _readings(character: str) -> tuple[str, ...]:
    """How a character can be read, the usual way first; what is no Chinese character stands for itself."""
    if character in _RARE:
        return (_RARE[character],)
    usual = pypinyin.lazy_pinyin(character, v_to_u=False)
    others = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True)
    found = [reading.lower() for group in (usual, *others) for reading in group]
    own = usual[0].lower() if usual else character.lower()
    return tuple(dict.fromkeys([own, *(reading for reading in found if len(reading) > 1)]))[:_READINGS]


def _is_number(plain: str) -> bool:
    return bool(plain) and all(character in "0123456789+-() " for character in plain) and any(map(str.isdigit, plain))


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
