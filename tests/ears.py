"""A stand-in for the engine at the seam: it hears what a test tells it to, whatever the audio."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from speech.engine import Facts, Prepared, Recognition, Word, WorkerError


def words(text: str, confidence: float = 0.9) -> tuple[Word, ...]:
    """A word for each stretch between spaces."""
    return tuple(Word(word, at, at + 1.0, confidence) for at, word in enumerate(text.split()))


def recognition(text: str | None, said: str = "", confidence: float = 0.9, failure: Any = None) -> Recognition:
    """`text` is what was accepted, `said` all words that were heard."""
    return Recognition(text, words(said or text or "", confidence), confidence if text else 0.0, 5, 2, failure)


class FakeEngine:
    restarts = 0
    workers = ()

    def __init__(self, heard: Recognition, *, grammars: bool = True, words: int = 3000) -> None:
        self.heard = heard
        self.trouble: str | None = None
        self.facts = Facts(Path("fake"), 8000, grammars, words, "一", unknown=True, size=1, checked=True)
        self.asked: list[str | None] = []
        self.prepared: dict[str, Prepared] = {}
        self.breaks = False
        self.closed = False

    def prepare(self, name: str, phrases: Iterable[str]) -> Prepared:
        if self.breaks:
            raise WorkerError("gone")
        self.prepared[name] = Prepared(name, "[…]", {phrase: phrase for phrase in phrases}, ())
        return self.prepared[name]

    def recognise(self, audio: bytes, name: str | None) -> Recognition:
        self.asked.append(name)
        return self.heard

    def close(self) -> None:
        self.closed = True
