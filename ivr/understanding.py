"""The line's understanding of a language, built from the phrases that prompts/ holds for it."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speech.understanding import INTENTS, Intent, Understanding

STYLES = frozenset({"standard", "jiangsu"})


class PhrasesError(Exception):
    """A language's phrases cannot be used; the text names the file and says what is wrong with it."""


@cache
def load_understanding(language: str) -> Understanding:
    """Understanding of `language`, such as zh_CN. Raises PhrasesError when its phrases.json is missing or wrong."""
    return Understanding(load_phrases(language))


@cache
def load_phrases(language: str) -> Mapping[Intent, tuple[str, ...]]:
    """What `language` is listened for, by intent. Raises PhrasesError as above."""
    file = _folder() / language / "phrases.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PhrasesError(f"{file}: {error}") from error
    try:
        return read_phrases(content)
    except ValueError as error:
        raise PhrasesError(f"{file}: {error}") from None


def _folder() -> Path:
    """Where prompts/ is, found without importing it: `careline understand` has no use for the voice."""
    package = find_spec("prompts")
    if package is None or not package.submodule_search_locations:
        raise PhrasesError("the prompts package is not installed")
    return Path(package.submodule_search_locations[0])


def read_phrases(content: Any) -> dict[Intent, tuple[str, ...]]:
    """The phrases of every intent, from a parsed phrases.json. Raises ValueError naming the intent that is wrong."""
    intents = content.get("intents") if isinstance(content, dict) else None
    if not isinstance(intents, dict) or set(intents) != set(INTENTS):
        raise ValueError(f"`intents` must be an object with exactly these keys: {', '.join(INTENTS)}")
    return {intent: _phrases(intent, intents[intent]) for intent in INTENTS}


def _phrases(intent: Intent, styles: Any) -> tuple[str, ...]:
    if not isinstance(styles, dict) or not set(styles) <= STYLES:
        raise ValueError(f"{intent}: must be an object of {', '.join(sorted(STYLES))}")
    lists = list(styles.values())
    if not all(isinstance(phrases, list) for phrases in lists):
        raise ValueError(f"{intent}: phrases must be in lists")
    phrases = tuple(phrase for phrases in lists for phrase in phrases)
    if not phrases or not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
        raise ValueError(f"{intent}: needs at least one phrase, and every phrase must be a text that is not empty")
    return phrases
