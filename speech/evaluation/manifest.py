"""Folders of labelled recordings: a `manifest.jsonl` beside the audio. docs/speech.md describes it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.jsonl"
_NAMES = ("question", "speaker", "noise")


class ManifestError(Exception):
    """A folder is not one of labelled recordings; the text names the line that is wrong."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A recording and what is said in it."""

    audio: Path
    text: str
    intent: str | None = None
    """What it should be understood as; None for none of what the line listens for, if `judged`."""
    judged: bool = False
    """The manifest says what the intent is; otherwise it is what `text` means after the question."""
    question: str | None = None
    """What had been asked; None for nothing in particular."""
    speaker: str = "?"
    noise: str = "?"


def read(folder: Path) -> list[Labelled]:
    """The recordings that the folder's manifest names, in its order.

    Raises:
        ManifestError: there is no manifest, a line is not as described, or an audio file is missing.
    """
    manifest = folder / MANIFEST
    try:
        lines = manifest.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{manifest}: {error}") from error
    found = [_labelled(folder, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise ManifestError(f"{manifest}: names no recording")
    return found


def _labelled(folder: Path, number: int, line: str) -> Labelled:
    where = f"{folder / MANIFEST}:{number}"
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ManifestError(f"{where}: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("audio"), str) or not isinstance(row.get("text"), str):
        raise ManifestError(f"{where}: needs `audio` and `text`")
    audio = folder / row["audio"]
    if not audio.is_file():
        raise ManifestError(f"{where}: there is no {audio}")
    intent = row.get("intent")
    if not isinstance(intent, str | None):
        raise ManifestError(f"{where}: `intent` must be a name or null")
    return Labelled(audio, row["text"], intent, "intent" in row, **_named(row))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(row[name]) for name in _NAMES if row.get(name) is not None}
