"""The words that a model knows: a list beside its graph, or, in models made small, the grammar's own symbol table.

The table's format is that of OpenFst's SymbolTable::Write: a magic number, a name, the next free number and the count
(64 bits each), then each symbol with its number. Texts are preceded by their length in 32 bits; all is little-endian.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

WORDS = "graph/words.txt"
GRAMMAR = "graph/Gr.fst"
_MAGIC = struct.pack("<i", 2125658996)
_LENGTH = struct.Struct("<i")
_COUNTS = struct.Struct("<qq")
_NUMBER = struct.Struct("<q")
_LONGEST = 1000


def words_of(folder: Path) -> list[str]:
    """The words in the order of the list; empty when there is none, or it cannot be read."""
    listed = folder / WORDS
    if listed.exists():
        return [line.partition(" ")[0] for line in listed.read_text("utf-8", errors="replace").splitlines()]
    grammar = folder / GRAMMAR
    try:
        return list(_symbols(grammar.read_bytes())) if grammar.exists() else []
    except struct.error:
        return []


def _symbols(content: bytes) -> Iterator[str]:
    """Raises struct.error where the file ends within its table."""
    start = content.find(_MAGIC)
    if start < 0:
        return
    _, position = _text(content, start + len(_MAGIC))
    _, count = _COUNTS.unpack_from(content, position)
    position += _COUNTS.size
    for _ in range(count):
        symbol, position = _text(content, position)
        _NUMBER.unpack_from(content, position)
        position += _NUMBER.size
        yield symbol


def _text(content: bytes, position: int) -> tuple[str, int]:
    """The text at `position`, and where it ends."""
    (length,) = _LENGTH.unpack_from(content, position)
    if not 0 <= length <= _LONGEST:
        raise struct.error("no length")
    begin = position + _LENGTH.size
    return content[begin : begin + length].decode("utf-8", errors="replace"), begin + length
