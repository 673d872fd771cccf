"""The two OpenFst file formats that Vosk's run-time grammars need, written without OpenFst.

`write_lookahead` writes a `const` transducer wrapped as `olabel_lookahead`; `write_vector` writes a `vector` one. Both
use the standard arc: two 32-bit labels, a 32-bit weight (a cost), and the next state.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC, _ADDON_MAGIC = 2125659606, 446681434
_EXPANDED, _MUTABLE = 0x1, 0x2
_LOOKAHEAD_PROPERTIES = 0x65A5656A0000
"""Not an acceptor, epsilons on both sides, output-sorted, weighted cycles, every state of use, start not in a cycle."""
_LOOP_PROPERTIES = 0x815A810000
"""A sorted, weighted acceptor without epsilons."""
_STATE = np.dtype([("final", "<f4"), ("at", "<u4"), ("arcs", "<u4"), ("in_epsilons", "<u4"), ("out_epsilons", "<u4")])
_ARC = np.dtype([("input", "<i4"), ("output", "<i4"), ("cost", "<f4"), ("to", "<i4")])
Arc = tuple[int, int, float, int]
"""Input label, output label, cost, next state; label 0 is empty."""


class FstError(Exception):
    """A transducer is not what its format or its use asks for."""


@dataclass
class Fst:
    """A transducer under construction; it starts in state 0."""

    arcs: list[list[Arc]] = field(default_factory=list)
    final: set[int] = field(default_factory=set)

    def state(self) -> int:
        """A new state's number."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, source: int, target: int, labels: tuple[int, int] = (0, 0), cost: float = 0.0) -> None:
        """Add an arc that reads and writes `labels`."""
        self.arcs[source].append((*labels, cost, target))


def _string(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode()


def _header(kind: str, version: int, properties: int, counts: tuple[int, int, int]) -> bytes:
    """A file header without symbol tables; `counts`: start state (-1: none), states, arcs."""
    head = struct.pack("<i", _MAGIC) + _string(kind) + _string("standard")
    return head + struct.pack("<iiQqqq", version, 0, properties, *counts)


def _without_output(fst: Fst, goals: set[int]) -> set[int]:
    """The states from which one of `goals` is reached over arcs that write nothing."""
    sources: dict[int, list[int]] = {}
    for state, arcs in enumerate(fst.arcs):
        for _, write, _, target in arcs:
            if not write:
                sources.setdefault(target, []).append(state)
    reached, waiting = set(goals), list(goals)
    while waiting:
        new = [state for state in sources.get(waiting.pop(), ()) if state not in reached]
        reached.update(new)
        waiting += new
    return reached


def _interval_sets(fst: Fst, labels: int) -> bytes:
    """For each state the labels that can be written next: here always all, and the end (label `labels` + 1) or not.

    Raises:
        FstError: some state cannot write every label next, which this writer does not handle.
    """
    every = set(range(1, labels + 1))
    wide = [state for state, arcs in enumerate(fst.arcs) if len(arcs) >= labels]
    writers = {state for state in wide if every <= {arc[1] for arc in fst.arcs[state]}}
    if len(_without_output(fst, writers)) != len(fst.arcs):
        raise FstError("every state must lead, silently, to a state that writes every label")
    ending = _without_output(fst, fst.final)
    both = {end: struct.pack("<qiii", 1, 1, labels + 1 + end, labels + end) for end in (False, True)}
    return b"".join(both[state in ending] for state in range(len(fst.arcs)))


def write_lookahead(fst: Fst, labels: int, path: Path) -> None:
    """Write `fst`, whose output labels are 1 to `labels`, as an `olabel_lookahead` transducer.

    Raises:
        FstError: see `_interval_sets`; it holds for a lexicon whose words leave one common state with their label on
            the first arc and come back to it.
    """
    intervals = _interval_sets(fst, labels)
    rows = [sorted(arcs, key=lambda arc: arc[1]) for arcs in fst.arcs]
    counts = np.array([len(row) for row in rows])
    states = np.zeros(len(rows), _STATE)
    states["final"] = [0.0 if state in fst.final else np.inf for state in range(len(rows))]
    states["at"], states["arcs"] = np.cumsum(counts) - counts, counts
    states["in_epsilons"] = [sum(arc[0] == 0 for arc in row) for row in rows]
    states["out_epsilons"] = [sum(arc[1] == 0 for arc in row) for row in rows]
    arcs = np.array([arc for row in rows for arc in row], _ARC)
    properties = _LOOKAHEAD_PROPERTIES | _EXPANDED
    parts = [
        _header("olabel_lookahead", 1, properties, (-1, 0, 0)),
        struct.pack("<i", _ADDON_MAGIC),
        _header("const", 2, properties, (0, len(rows), len(arcs))),
        states.tobytes(),
        arcs.tobytes(),
        struct.pack("<???", True, False, True),  # an add-on; none for input labels, one for output labels
        struct.pack("<??iq", False, False, labels + 1, len(rows)),
        intervals,
    ]
    path.write_bytes(b"".join(parts))


def write_vector(fst: Fst, path: Path) -> None:
    """Write `fst`, an acceptor without epsilons, with its arcs sorted by input label."""
    parts = [_header("vector", 2, _LOOP_PROPERTIES | _EXPANDED | _MUTABLE, (0, len(fst.arcs), 0))]
    for state, arcs in enumerate(fst.arcs):
        parts.append(struct.pack("<fq", 0.0 if state in fst.final else np.inf, len(arcs)))
        parts.append(np.array(sorted(arcs), _ARC).tobytes())
    path.write_bytes(b"".join(parts))


@dataclass(frozen=True, slots=True)
class Stored:
    """A transducer read back: states with their arcs, and for a lookahead one each state's interval of labels."""

    kind: str
    states: NDArray[np.void]
    arcs: NDArray[np.void]
    intervals: NDArray[np.int32]


def read_lookahead(path: Path) -> Stored:
    """Read what `write_lookahead` (or OpenFst) wrote, as long as every state has one interval.

    Raises:
        FstError: the file is no such transducer or it is cut short.
    """
    data = path.read_bytes()
    try:
        outer, position = _read_header(data, 0)
        inner, position = _read_header(data, position + 4)
        states = np.frombuffer(data, _STATE, inner[1], position)
        position += states.nbytes
        arcs = np.frombuffer(data, _ARC, inner[2], position)
        position += arcs.nbytes + 3 + 2 + 4 + 8
        intervals = np.frombuffer(data, [("n", "<i8"), ("interval", "<i4", 3)], len(states), position)
    except (struct.error, ValueError, IndexError) as error:
        raise FstError(f"{path}: not a whole lookahead transducer") from error
    if outer[0] != "olabel_lookahead" or inner[0] != "const" or (intervals["n"] != 1).any():
        raise FstError(f"{path}: not a lookahead transducer of a lexicon")
    return Stored(outer[0], states, arcs, intervals["interval"])


def _read_header(data: bytes, position: int) -> tuple[tuple[str, int, int], int]:
    """Kind, number of states and number of arcs; and where the header ends."""
    (magic, length) = struct.unpack_from("<ii", data, position)
    if magic != _MAGIC:
        raise ValueError("no transducer")
    kind = data[position + 8 : position + 8 + length].decode("ascii", "replace")
    position += 8 + length
    (length,) = struct.unpack_from("<i", data, position)
    position += 4 + length
    _, _, _, _, states, arcs = struct.unpack_from("<iiQqqq", data, position)
    return (kind, states, arcs), position + struct.calcsize("<iiQqqq")
