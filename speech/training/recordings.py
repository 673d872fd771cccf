"""Folders of human recordings: what was said stands in a manifest or in the file's name."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.training.audio import AudioError, load, pcm, trim
from speech.training.corpus import Utterance
from speech.training.phones import phones_of
from speech.training.readings import phones_of_text, spoken

MANIFEST = "manifest.jsonl"
_AUDIO = {".wav", ".mp3", ".flac", ".ogg", ".opus"}
_SYLLABLE = re.compile(r"_?([a-z:]+[1-5])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Recording:
    """A file and what is said in it; `speaker` tells voices apart."""

    path: Path
    text: str
    speaker: str

    def phones(self) -> tuple[str, ...] | None:
        syllable = _SYLLABLE.fullmatch(self.text)
        return phones_of(syllable.group(1)) if syllable else phones_of_text(self.text)


def find(folder: Path) -> list[Recording]:
    """The labelled recordings in `folder`, in a fixed order.

    With a `manifest.jsonl`, each of its lines names one: ``{"audio": path, "text": words, "speaker": name}``, the
    speaker optional. Without, every audio file below `folder` is named by its words (`不舒服.mp3`) or by one
    syllable in pinyin (`bang4.mp3`), and the folder it lies in names the speaker; other names are passed over.

    Raises:
        AudioError: there is no such folder, or the manifest is not as described.
    """
    if not folder.is_dir():
        raise AudioError(f"{folder}: no such folder")
    manifest = folder / MANIFEST
    found = _from_manifest(manifest) if manifest.exists() else _from_names(folder)
    if not found:
        raise AudioError(f"{folder}: no labelled recording in it")
    return found


def by_speaker(recordings: Iterable[Recording]) -> dict[str, list[Recording]]:
    """What each speaker recorded, in the order of their names."""
    said: dict[str, list[Recording]] = {}
    for one in recordings:
        said.setdefault(one.speaker, []).append(one)
    return dict(sorted(said.items()))


def _from_manifest(manifest: Path) -> list[Recording]:
    found = []
    for number, line in enumerate(manifest.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            path, text = manifest.parent / row["audio"], spoken(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise AudioError(f"{manifest}:{number}: expected an audio and a text") from error
        found.append(Recording(path, text, str(row.get("speaker", manifest.parent.name))))
    return found


def _from_names(folder: Path) -> list[Recording]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _AUDIO)
    return [
        Recording(path, path.stem, path.parent.name)
        for path in paths
        if _CHINESE.fullmatch(path.stem) or _SYLLABLE.fullmatch(path.stem)
    ]


def utterances(recordings: list[Recording]) -> Iterator[Utterance]:
    """The recordings as 16 kHz utterances without the silence around them; unreadable texts are left out."""
    for recording in recordings:
        phones = recording.phones()
        if phones is None:
            continue
        sound = pcm(trim(load(recording.path), 16_000))
        yield Utterance(recording.text, phones, sound, recording.speaker)
