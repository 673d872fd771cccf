"""Reads the language's files, and names the file when one is not as it should be."""

from importlib import resources
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = resources.files("speech.understanding").joinpath("mandarin")


def read(name: str) -> Any:
    """A parsed file of the language. Raises ValueError when it is not YAML."""
    try:
        text = FOLDER.joinpath(name).read_text(encoding="utf-8")
        return yaml.load(text, LOADER)  # noqa: S506 - a safe loader, the fast one where there is one
    except yaml.YAMLError as error:
        raise ValueError(f"{name}: {error}") from error


def mapping(value: Any) -> dict[str, str]:
    """A mapping of text to text, as a file holds it."""
    return {str(key): str(item) for key, item in value.items()}


def words(value: Any) -> tuple[str, ...]:
    """Words separated by spaces."""
    return tuple(str(value).split())
