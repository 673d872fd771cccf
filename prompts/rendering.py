"""Making the audio of a catalogue with a voice, and finding out what is missing or wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from prompts.archive import Archive
from prompts.audio import wav
from prompts.audio.wav import Samples
from prompts.cache import AudioCache
from prompts.catalogue import END_PAUSE_S, Catalogue, Script
from prompts.narration import narrated
from prompts.recordings import RecordingError, Recordings
from prompts.studio import AUDIO, LIBRARY, RECORDINGS, library_name
from prompts.wording import characters, phrases

LONGEST_PROMPT_S: Final = 8.0
"""Without the pause at its end (CARE "Speaking and listening")."""
LARGEST_BYTES: Final = 6_000_000


class Voice(Protocol):
    version: str

    def say(self, text: str, /) -> tuple[Samples, int]: ...


@dataclass(frozen=True)
class Job:
    """One file to make."""

    archive: Archive
    name: str
    text: str
    digest: str
    pause_s: float

    def run(self, voice: Voice) -> None:
        """Raises VoiceError."""
        mulaw = narrated(self.text, voice.say, self.pause_s)
        self.archive.add(self.name, text=self.text, digest=self.digest, voice=voice.version, mulaw=mulaw)


def prompt_jobs(catalogue: Catalogue, *, everything: bool) -> Iterator[Job]:
    """The clips that are missing or stale, or every clip."""
    archive = Archive(catalogue.folder / AUDIO)
    for name, script in catalogue.scripts().items():
        if not script.silent and (everything or archive.audio(name, script.digest) is None):
            yield Job(archive, name, script.text, script.digest, script.pause_s)


def library_jobs(catalogue: Catalogue, texts: Iterable[str], *, everything: bool) -> Iterator[Job]:
    """The phrases of these texts that the library does not have yet, or all of them."""
    archive = Archive(catalogue.folder / LIBRARY)
    for phrase in dict.fromkeys(phrase.text for text in texts for phrase in phrases(text)):
        name = library_name(phrase)
        if everything or archive.audio(name, name) is None:
            yield Job(archive, name, phrase, name, 0.0)


@dataclass(frozen=True)
class Report:
    """What `check` found. Each finding is (clip, what is wrong)."""

    blocking: tuple[tuple[str, str], ...]
    """The line would speak these with the voice of names and numbers."""
    remarks: tuple[tuple[str, str], ...]
    clips: int
    seconds: float
    size: int
    characters_per_minute: float
    """As heard: pauses between phrases count, the one at the end of a prompt does not."""


def check(catalogue: Catalogue, cache: AudioCache) -> Report:
    """Raises ArchiveError when the manifest cannot be read."""
    archive = Archive(catalogue.folder / AUDIO)
    library = Archive(catalogue.folder / LIBRARY)
    recordings = Recordings(catalogue.folder / RECORDINGS, cache)
    scripts = {name: script for name, script in catalogue.scripts().items() if not script.silent}
    fresh = {name: archive.audio(name, script.digest) for name, script in scripts.items()}
    heard = {name: wav.seconds(mulaw) - scripts[name].pause_s for name, mulaw in fresh.items() if mulaw}
    spoken_s = sum(heard.values())
    said = sum(characters(scripts[name].text) for name in heard)
    return Report(
        blocking=tuple(_absent(archive, scripts, fresh)),
        remarks=(*_too_long(heard), *_unused(archive, scripts), *_recording_remarks(recordings, scripts)),
        clips=len(heard),
        seconds=spoken_s + END_PAUSE_S * len(heard),
        size=archive.size() + library.size(),
        characters_per_minute=said / spoken_s * 60 if spoken_s else 0.0,
    )


def _absent(archive: Archive, scripts: dict[str, Script], fresh: dict[str, bytes | None]) -> Iterator[tuple[str, str]]:
    entries = archive.entries()
    for name, script in scripts.items():
        if fresh[name] is not None:
            continue
        if name not in entries or not archive.path(name).is_file():
            yield name, "missing: not rendered yet"
        elif entries[name].digest != script.digest:
            yield name, f"stale: says “{entries[name].text}”, the text is now “{script.text}”"
        else:
            yield name, "stale: the file is not the one that was rendered"


def _too_long(heard: dict[str, float]) -> Iterator[tuple[str, str]]:
    for name, seconds in heard.items():
        if seconds > LONGEST_PROMPT_S:
            yield name, f"too long: {seconds:.1f} s, at most {LONGEST_PROMPT_S:.0f} s"


def _unused(archive: Archive, scripts: dict[str, Script]) -> Iterator[tuple[str, str]]:
    for name in sorted({*archive.files(), *archive.entries()} - set(scripts)):
        yield name, "unused: no prompt has this clip"


def _recording_remarks(recordings: Recordings, scripts: dict[str, Script]) -> Iterator[tuple[str, str]]:
    for name in recordings.names():
        if name not in scripts:
            yield name, "recording: no prompt has this clip"
            continue
        try:
            mulaw = recordings.checked(name, scripts[name])
        except RecordingError as error:
            yield name, f"recording: {error}"
            continue
        seconds = wav.seconds(mulaw) - scripts[name].pause_s
        yield from ((clip, f"recording: {text}") for clip, text in _too_long({name: seconds}))
