"""Finds all words of a dictionary in a text in one pass."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

Payload = TypeVar("Payload")


class Trie(Generic[Payload]):
    """A dictionary of words, walked a character at a time; cost grows with the text, not with the dictionary."""

    def __init__(self, entries: Mapping[str, Payload]) -> None:
        self._root: dict[str, _Node[Payload]] = {}
        for word, payload in entries.items():
            self._add(word, payload)

    def _add(self, word: str, payload: Payload) -> None:
        children = self._root
        node: _Node[Payload] | None = None
        for character in word:
            node = children.setdefault(character, _Node())
            children = node.children
        if node is None:
            raise ValueError("an empty word would be found everywhere")
        node.payload = payload

    def find(self, text: str) -> Iterator[tuple[int, int, Payload]]:
        """Every occurrence of every word, overlapping ones too, as (start, end, payload) in order of start."""
        for start, character in enumerate(text):
            node = self._root.get(character)
            end = start + 1
            while node is not None:
                if node.payload is not None:
                    yield start, end, node.payload
                if end == len(text):
                    break
                node = node.children.get(text[end])
                end += 1


class _Node(Generic[Payload]):
    __slots__ = ("children", "payload")

    def __init__(self) -> None:
        self.children: dict[str, _Node[Payload]] = {}
        self.payload: Payload | None = None


def longest(found: Iterable[tuple[int, int, Payload]], size: int) -> list[tuple[int, int, Payload]]:
    """Those of `found` that do not overlap, the longest first and of equals the leftmost, in order of start."""
    taken = bytearray(size)
    kept = []
    for start, end, payload in sorted(found, key=lambda hit: (hit[0] - hit[1], hit[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            kept.append((start, end, payload))
    return sorted(kept, key=lambda hit: hit[0])
