"""What was heard, and whether it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from speech.decoder import Word
from speech.engine.folder import UNKNOWN
from speech.engine.grammar import Prepared

ONE_SYLLABLE_S = 1.0
"""The longest that one syllable is spoken: who spoke longer said something else, however sure the engine is of a 不."""

Failure = Literal["no worker", "worker died", "timeout", "engine", "audio"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """The outcome of one listening turn; never an exception."""

    text: str | None
    """A phrase of the grammar as it was given to `prepare`, or what was dictated; None for none of these."""
    words: tuple[Word, ...] = ()
    """Everything that was heard, accepted or not, with `[unk]` for what is in no phrase."""
    confidence: float = 0.0
    """That of the least certain word; 0 when nothing was accepted. 1.0 proves nothing with full-size models."""
    cost_ms: float = 0.0
    """Processor time that decoding took."""
    audio_s: float = 0.0
    failure: Failure | None = None
    """Why nothing could be recognised; the caller has been heard by nobody, and keys remain."""


def accepted(words: Sequence[Word], prepared: Prepared | None) -> str | None:
    """The text that `words` amount to.

    With a grammar only a whole phrase counts, alone or said again and again (救命救命), because a run-time grammar lets
    words of different phrases mix. Without one it is everything that was said.
    """
    said = "".join(word.text for word in words if prepared or word.text != UNKNOWN)
    if prepared is None:
        return said or None
    return _repeated(said, prepared.phrases)


def _repeated(said: str, phrases: Mapping[str, str]) -> str | None:
    for length in range(len(said), 0, -1):
        times, rest = divmod(len(said), length)
        if not rest and said[:length] in phrases and said == said[:length] * times:
            return phrases[said[:length]]
    return None


def recognition(
    words: Sequence[Word], prepared: Prepared | None, cost_ms: float, audio_s: float, spoken_s: float
) -> Recognition:
    """`spoken_s` is how much speech there was to explain, in seconds."""
    text = accepted(words, prepared)
    if prepared and _too_little(words, spoken_s):
        text = None
    confidence = min((word.confidence for word in words), default=0.0) if text else 0.0
    return Recognition(text, tuple(words), confidence, cost_ms, audio_s)


def _too_little(words: Sequence[Word], spoken_s: float) -> bool:
    """Whether all that was heard are single syllables, in far more speech than they take."""
    return all(len(word.text) == 1 for word in words) and spoken_s > ONE_SYLLABLE_S * len(words)
