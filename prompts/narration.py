"""A text in a voice: its phrases, one by one, each at the telephone's level, with pauses between them."""

from collections.abc import Callable, Iterable

from prompts.audio import pace, shape, wav
from prompts.audio.wav import Samples
from prompts.wording import Phrase, phrases

Say = Callable[[str], tuple[Samples, int]]
"""A phrase in; samples and their rate in Hz out."""


def narrated(text: str, say: Say, pause_s: float) -> bytes:
    """Mu-law of `text`, with `pause_s` at its end. The errors are those of `say`."""
    spoken = phrases(text)
    body = joined(((mulaw_of(phrase, say), phrase.pause_s) for phrase in spoken[:-1]), slow=False)
    return body + b"".join(mulaw_of(phrase, say) for phrase in spoken[-1:]) + wav.silence(pause_s)


def mulaw_of(phrase: Phrase, say: Say) -> bytes:
    return wav.encode(shape.for_telephone(*say(phrase.text)))


def joined(parts: Iterable[tuple[bytes, float]], *, slow: bool) -> bytes:
    """(mu-law, seconds of pause after it), one after the other."""
    factor = pace.PAUSES if slow else 1.0
    return b"".join(mulaw + wav.silence(pause_s * factor) for mulaw, pause_s in parts)
