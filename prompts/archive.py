"""A folder of rendered audio with a manifest that says which words each file was made from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from prompts.audio import wav

log = structlog.get_logger(__name__)

MANIFEST: Final = "manifest.json"


class Entry(BaseModel):
    """What one audio file is. `digest` names the words (and the pause) that it was rendered from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    digest: str
    voice: str
    seconds: float
    sha256: str


_ENTRIES = TypeAdapter(dict[str, Entry])


class ArchiveError(Exception):
    """The manifest cannot be read; the message names it."""


class Archive:
    """Files <name>.wav, 8 kHz mono mu-law. A file that is not as the manifest has it does not count."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: dict[str, Entry] = {}
        self._stamp = 0

    def entries(self) -> Mapping[str, Entry]:
        """By name, as they are on disk now. Raises ArchiveError."""
        path = self.folder / MANIFEST
        try:
            stamp = path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._entries = _ENTRIES.validate_json(path.read_bytes())
                self._stamp = stamp
        except FileNotFoundError:
            self._entries, self._stamp = {}, 0
        except (OSError, ValidationError) as error:
            raise ArchiveError(f"{path}: cannot be read: {error}") from error
        return MappingProxyType(self._entries)

    def audio(self, name: str, digest: str) -> bytes | None:
        """Mu-law samples of `name` if they say the words of `digest`; None when missing, stale or damaged."""
        try:
            entry = self.entries().get(name)
            if entry is None or entry.digest != digest:
                return None
            file = self.path(name).read_bytes()
            return wav.telephone(file) if hashlib.sha256(file).hexdigest() == entry.sha256 else None
        except (OSError, wav.AudioError, ArchiveError) as error:
            log.error("audio_unreadable", clip=name, error=str(error))
            return None

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.wav"

    def files(self) -> tuple[str, ...]:
        """The names of the audio files that are there, in the manifest or not."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.wav")))

    def add(self, name: str, *, text: str, digest: str, voice: str, mulaw: bytes) -> None:
        """Writes the file, then the manifest, so that an interrupted run has lost one clip at most."""
        file = wav.write(mulaw)
        self.folder.mkdir(parents=True, exist_ok=True)
        _replace(self.path(name), file)
        sha256 = hashlib.sha256(file).hexdigest()
        entry = Entry(text=text, digest=digest, voice=voice, seconds=round(wav.seconds(mulaw), 2), sha256=sha256)
        self._save({**self.entries(), name: entry})

    def remove(self, name: str) -> None:
        self._save({other: entry for other, entry in self.entries().items() if other != name})
        self.path(name).unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes of all audio files together."""
        return sum(path.stat().st_size for path in self.folder.glob("*.wav"))

    def _save(self, entries: Mapping[str, Entry]) -> None:
        listed = {name: entry.model_dump() for name, entry in sorted(entries.items())}
        _replace(self.folder / MANIFEST, json.dumps(listed, ensure_ascii=False, indent=1).encode() + b"\n")
        self._entries, self._stamp = dict(entries), (self.folder / MANIFEST).stat().st_mtime_ns


def _replace(path: Path, content: bytes) -> None:
    whole = path.with_suffix(".part")
    whole.write_bytes(content)
    whole.replace(path)
