"""Phrases in the middle of longer speech, where a recogniser of phrases makes sense of nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from speech.engine import Word

LEAST_CONFIDENCE = 0.5
"""Of every word of a phrase. Speech outside the grammar is forced into scattered words, most of them less sure."""
SHORTEST = 2
"""Characters: single ones are heard in any speech."""
MOST_WORDS = 10
"""In one phrase."""


@dataclass(frozen=True, slots=True)
class Spotted:
    text: str
    """The phrases in the order in which they were said, with a pause between them."""
    confidence: float
    """That of the least certain word in them."""


def spot(words: Sequence[Word], phrases: Mapping[str, str], wanted: Collection[str]) -> Spotted | None:
    """The `wanted` phrases among `words`, the longest first where they overlap; None when there are none.

    `phrases` maps what is heard, without spaces, to the phrase.
    """
    found: list[tuple[str, float]] = []
    start = 0
    while start < len(words):
        end = _longest(words, start, phrases, wanted)
        if end is None:
            start += 1
            continue
        run = words[start:end]
        found.append((phrases[_joined(run)], min(word.confidence for word in run)))
        start = end
    if not found:
        return None
    return Spotted("，".join(text for text, _ in found), min(confidence for _, confidence in found))


def _longest(words: Sequence[Word], start: int, phrases: Mapping[str, str], wanted: Collection[str]) -> int | None:
    """Where the longest wanted phrase ends that begins at `start`."""
    for end in range(min(len(words), start + MOST_WORDS), start, -1):
        said = _joined(words[start:end])
        certain = all(word.confidence >= LEAST_CONFIDENCE for word in words[start:end])
        if certain and len(said) >= SHORTEST and phrases.get(said) in wanted:
            return end
    return None


def _joined(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)
