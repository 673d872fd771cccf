"""The texts of one language, and how each of them is put together from recorded clips and words spoken at run time."""

import hashlib
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from prompts.wording import JOIN_PAUSE_S

ROOT = Path(__file__).parent
TEXTS = "texts.yaml"

LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
REFERENCE = re.compile(r"@([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)")
SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
SPOKEN = re.compile(r"\w")
LEADING_MARKS = re.compile(r"^[^\w*#]+")
CLOSING_MARKS = re.compile(r"[^\w*#]+$")

END_PAUSE_S: Final = 0.5
NO_SLOTS: Final[Mapping[str, str]] = MappingProxyType({})


class CatalogueError(Exception):
    """The texts cannot be used; the message names the file, the entry and what is wrong with it."""


class UnknownPromptError(CatalogueError, KeyError):
    """No entry has this key."""

    __str__ = Exception.__str__


class MissingSlotError(CatalogueError, KeyError):
    """A text has a slot that was given no value."""

    __str__ = Exception.__str__


@dataclass(frozen=True)
class Clip:
    """A recorded part of a prompt. `digest` changes with the words and with the pause after them."""

    name: str
    digest: str


@dataclass(frozen=True)
class Words:
    """A part of a prompt that is spoken at run time: a name, a number, a text of the day."""

    text: str


@dataclass(frozen=True)
class Script:
    """What somebody has to say for one clip. A clip without words is half a second of silence."""

    text: str
    last: bool
    """The prompt ends here, so that a pause belongs to the clip."""

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.text}|{self.last}".encode()).hexdigest()[:16]

    @property
    def pause_s(self) -> float:
        """The silence at the end of the clip."""
        return END_PAUSE_S if self.last else JOIN_PAUSE_S

    @property
    def silent(self) -> bool:
        return not SPOKEN.search(self.text)


@dataclass(frozen=True)
class _Slot:
    name: str
    marks: str
    """The punctuation that follows: it is spoken with the value, as a pause."""


_Part = Clip | _Slot


class Catalogue:
    """The entries of one language. `texts` maps dotted keys to texts with `{slots}`; CatalogueError if it cannot."""

    def __init__(self, language: str, texts: Mapping[str, str], folder: Path) -> None:
        self.language = language
        self.folder = folder
        self._texts = dict(texts)
        self._parts: dict[str, tuple[_Part, ...]] = {}
        self._scripts: dict[str, Script] = {}
        for key, text in self._texts.items():
            self._parts[key] = tuple(self._split(key, text))

    def keys(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def slots(self, key: str) -> tuple[str, ...]:
        """The names of the slots that `key` needs, in their order."""
        return tuple(dict.fromkeys(SLOT.findall(self._entry(key))))

    def scripts(self) -> Mapping[str, Script]:
        """Every recorded clip of the language, by its name."""
        return MappingProxyType(self._scripts)

    def script(self, name: str) -> Script:
        """Raises UnknownPromptError when no clip has this name."""
        try:
            return self._scripts[name]
        except KeyError:
            raise UnknownPromptError(f"{self.language}: no clip is called {name!r}") from None

    def text(self, key: str, slots: Mapping[str, str] = NO_SLOTS) -> str:
        """What is said, in writing. A slot value "@other.key" stands for that entry.

        Raises UnknownPromptError and MissingSlotError.
        """
        text = self._entry(key)

        def fill(match: re.Match[str]) -> str:
            value = self._value(key, match[1], slots)
            named = REFERENCE.fullmatch(value)
            if not named:
                return value
            inner = self.text(named[1])
            return CLOSING_MARKS.sub("", inner) if LEADING_MARKS.match(text[match.end() :]) else inner

        return SLOT.sub(fill, text)

    def clips(self, key: str, slots: Mapping[str, str] = NO_SLOTS) -> tuple[Clip | Words, ...]:
        """What is played for an entry, in order; never empty unless every slot value is.

        Raises UnknownPromptError and MissingSlotError.
        """
        self._entry(key)
        played: list[Clip | Words] = []
        for part in self._parts[key]:
            played.extend((part,) if isinstance(part, Clip) else self._filled(key, part, slots))
        return tuple(played)

    def _filled(self, key: str, slot: _Slot, slots: Mapping[str, str]) -> tuple[Clip | Words, ...]:
        value = self._value(key, slot.name, slots)
        named = REFERENCE.fullmatch(value)
        if named:
            return self.clips(named[1])
        if not SPOKEN.search(value):
            return ()
        ends = CLOSING_MARKS.search(value)
        return (Words(value if ends else value + slot.marks),)

    def _value(self, key: str, name: str, slots: Mapping[str, str]) -> str:
        try:
            return slots[name]
        except KeyError:
            raise MissingSlotError(f"{self.language}: {key} needs a value for {{{name}}}") from None

    def _entry(self, key: str) -> str:
        try:
            return self._texts[key]
        except KeyError:
            raise UnknownPromptError(f"{self.language}: no prompt has the key {key!r}") from None

    def _split(self, key: str, text: str) -> Iterator[_Part]:
        """The parts of a text. Punctuation after a slot belongs to the slot; several clips are numbered."""
        pieces = SLOT.split(text)
        spoken = [index for index in range(0, len(pieces), 2) if SPOKEN.search(pieces[index])]
        final = max((*spoken, *range(1, len(pieces), 2)), default=0)
        if final == 0:
            yield self._record(key, text, last=True)
            return
        for index, piece in enumerate(pieces):
            if index % 2:
                yield _Slot(piece, _marks(pieces[index + 1], last=index == final))
            elif index in spoken:
                number = f".{spoken.index(index) + 1}" if len(spoken) > 1 else ""
                words = LEADING_MARKS.sub("", piece) if index else piece
                yield self._record(key + number, words, last=index == final)

    def _record(self, name: str, text: str, *, last: bool) -> Clip:
        if name in self._scripts:
            raise CatalogueError(f"{self.language}: two entries need a clip called {name!r}; rename one of them")
        script = self._scripts[name] = Script(text.strip(), last)
        return Clip(name, script.digest)


def _marks(following: str, *, last: bool) -> str:
    found = LEADING_MARKS.match(following)
    marks = found[0].strip() if found else ""
    return marks or ("。" if last else "")


@lru_cache(maxsize=8)
def load_catalogue(language: str) -> Catalogue:
    """The catalogue of prompts/<language>, read once. Raises CatalogueError naming what is wrong with it."""
    if not LANGUAGE.fullmatch(language):
        raise CatalogueError(f"{language!r} is not a language such as zh_CN")
    folder = ROOT / language
    return Catalogue(language, read_texts(folder / TEXTS), folder)


def read_texts(path: Path) -> dict[str, str]:
    """The entries of a texts file. Raises CatalogueError naming the file, and the entry where there is one."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: is not YAML: {error}") from error
    if not isinstance(content, dict) or not content:
        raise CatalogueError(f"{path}: must be a mapping of keys to texts")
    for key, text in content.items():
        _check_entry(path, key, text)
    return content


def _check_entry(path: Path, key: object, text: object) -> None:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise CatalogueError(f"{path}: {key!r} is not a key: use a-z, 0-9, _ and dots, such as help.readback")
    if not isinstance(text, str):
        raise CatalogueError(f"{path}: {key}: the text must be words, in quotes if need be, and is {text!r}")
    if any(mark in SLOT.sub("", text) for mark in "{}"):
        raise CatalogueError(f"{path}: {key}: a slot must look like {{name}}: {text!r}")


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, where YAML would quietly keep the second text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key given twice: {', '.join(map(str, sorted(twice, key=str)))}", node.start_mark
            )
        return super().construct_mapping(node, deep)
