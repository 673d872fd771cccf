"""Human recordings: a file dropped into prompts/<language>/recordings takes the place of the rendered clip.

<clip>.wav may be PCM, float or mu-law at any rate. <clip>.txt beside it, if there is one, holds the words that were
read; when the prompt has changed since, the recording is not used, because it would name the wrong keys.
"""

from pathlib import Path
from typing import Final

import structlog

from prompts.audio import shape, wav
from prompts.cache import AudioCache, key_of
from prompts.catalogue import Script
from prompts.wording import spoken_form

log = structlog.get_logger(__name__)

LARGEST_FILE: Final = 32 * 1024 * 1024


class RecordingError(Exception):
    """This recording is not used; the message says why."""


class Recordings:
    def __init__(self, folder: Path, cache: AudioCache) -> None:
        self.folder = folder
        self._cache = cache
        self._reported: set[tuple[str, int]] = set()

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in self.folder.glob("*.wav")))

    def audio(self, name: str, script: Script) -> bytes | None:
        """Mu-law for the telephone; None when there is no recording, or (logged once) none that can be used."""
        path = self._path(name)
        try:
            about = path.stat()
        except OSError:
            return None
        try:
            return self._converted(path, script, key_of("recording", path, about.st_mtime_ns, about.st_size))
        except RecordingError as error:
            if (name, about.st_mtime_ns) not in self._reported:
                self._reported.add((name, about.st_mtime_ns))
                log.error("recording_not_used", clip=name, reason=str(error))
            return None

    def checked(self, name: str, script: Script) -> bytes:
        """As `audio`, but never from the cache. Raises RecordingError saying why a recording cannot be used."""
        return self._convert(self._path(name), script)

    def _converted(self, path: Path, script: Script, file_key: str) -> bytes:
        self._same_words(path, script)
        key = key_of(file_key, shape.VERSION, script.pause_s)
        found = self._cache.get(key)
        if found is None:
            found = self._convert(path, script)
            self._cache.put(key, found)
        return found

    def _convert(self, path: Path, script: Script) -> bytes:
        self._same_words(path, script)
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise RecordingError(f"is larger than {LARGEST_FILE // 2**20} MB")
            spoken = shape.for_telephone(*wav.read(path.read_bytes()))
        except (OSError, wav.AudioError) as error:
            raise RecordingError(str(error)) from error
        if not len(spoken):
            raise RecordingError("has nobody speaking in it")
        return wav.encode(spoken) + wav.silence(script.pause_s)

    def _same_words(self, path: Path, script: Script) -> None:
        try:
            read = path.with_suffix(".txt").read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise RecordingError(f"its {path.stem}.txt cannot be read: {error}") from error
        if spoken_form(read).rstrip("。") != spoken_form(script.text).rstrip("。"):
            raise RecordingError("says other words than the prompt does now")

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.wav"
