"""Everything the line can say, as audio."""

from pathlib import Path
from typing import Final

import structlog

from prompts.archive import Archive
from prompts.audio import pace, shape, wav
from prompts.cache import AudioCache, key_of
from prompts.catalogue import Catalogue
from prompts.narration import joined, mulaw_of
from prompts.recordings import Recordings
from prompts.voice.espeak import Espeak
from prompts.voice.worker import VoiceError
from prompts.wording import Phrase, phrases

log = structlog.get_logger(__name__)

AUDIO: Final = "audio"
RECORDINGS: Final = "recordings"
LIBRARY: Final = "library"
SILENCE_S: Final = 0.5


class Studio:
    """Audio of one language. Every result is a complete WAV file: 8 kHz, mono, mu-law (format tag 7).

    Safe to use from several threads; several processes may share `cache_dir`. Slow means about four fifths of the
    pace: longer pauses, and words drawn out a little.
    """

    def __init__(self, catalogue: Catalogue, cache_dir: Path) -> None:
        self._catalogue = catalogue
        self._cache = AudioCache(cache_dir)
        self._archive = Archive(catalogue.folder / AUDIO)
        self._library = Archive(catalogue.folder / LIBRARY)
        self._recordings = Recordings(catalogue.folder / RECORDINGS, self._cache)
        self._voice = Espeak()

    def recorded(self, name: str, slow: bool = False) -> bytes:
        """The clip `name`: a human recording, or else the rendered audio, or else spoken now if neither says its words.

        KeyError (UnknownPromptError) when the catalogue has no such clip.
        """
        script = self._catalogue.script(name)
        if script.silent:
            return wav.write(wav.silence(SILENCE_S))
        mulaw = self._recordings.audio(name, script) or self._archive.audio(name, script.digest)
        if mulaw is None:
            log.warning("clip_spoken_at_run_time", clip=name)
            return self.spoken(script.text, slow)
        return wav.write(self._paced(mulaw, slow))

    def spoken(self, text: str, slow: bool = False) -> bytes:
        """`text` spoken at run time; half a second of silence when there is nothing in it that can be said.

        The pause at its end is that of its last mark. When the voice fails, what it has said so far is returned.
        """
        parts: list[tuple[bytes, float]] = []
        said = phrases(text)
        natural = self._natural(said)
        try:
            for index, phrase in enumerate(said):
                mulaw = self._paced(natural[index], slow) if natural else self._phrase(phrase, slow)
                parts.append((mulaw, phrase.pause_s))
        except VoiceError as error:
            log.error("voice_failed", error=str(error), characters=len(text))
        return wav.write(joined(parts, slow=slow) or wav.silence(SILENCE_S))

    def _natural(self, said: tuple[Phrase, ...]) -> list[bytes]:
        """The phrases in the natural voice if every one of them was rendered beforehand, otherwise none."""
        found = []
        for phrase in said:
            name = library_name(phrase.text)
            mulaw = self._library.audio(name, name)
            if mulaw is None:
                return []
            found.append(mulaw)
        return found

    def _phrase(self, phrase: Phrase, slow: bool) -> bytes:
        key = key_of("phrase", phrase.text, slow, self._voice.version, shape.VERSION)
        found = self._cache.get(key)
        if found is None:
            found = mulaw_of(phrase, lambda text: self._voice.say(text, slow))
            self._cache.put(key, found)
        return found

    def _paced(self, mulaw: bytes, slow: bool) -> bytes:
        if not slow:
            return mulaw
        key = key_of("slow", pace.VERSION, mulaw.hex())
        found = self._cache.get(key)
        if found is None:
            found = wav.encode(pace.slower(wav.decode(mulaw)))
            self._cache.put(key, found)
        return found


def library_name(phrase: str) -> str:
    """What the library calls a phrase; it is its digest as well."""
    return key_of("library", phrase)[:16]
