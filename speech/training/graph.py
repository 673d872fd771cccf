"""A model's graph folder: the lexicon as a transducer from the network's outputs to words, for run-time grammars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from speech.training.lexicon import UNKNOWN, Lexicon, Slot, slots, syllables_of
from speech.training.openfst import Fst, write_lookahead, write_vector
from speech.training.phones import BLANK, NUMBER, PHONES

_NO_TRANSITION = 1_000_000


@dataclass(frozen=True, slots=True)
class Costs:
    """What paths cost beside what the network says; found by measurement, see docs/training.md."""

    word: float = -2.0
    """A reward for each word: Vosk's grammars charge for every word and would rather hear nothing."""
    unknown_phone: float = 1.8
    """Each phone of speech that is none of the grammar's words."""
    unknown: float = 0.0
    """Each stretch of such speech."""
    blank: float = 0.2
    """Each 30 ms in which the network says nothing."""


class _Builder:
    """The transducer: `start` and its silence, a hub that every word leaves and comes back to, silence after words.

    An arc into a phone's state reads the phone's way-on transition and the loop on it the self-loop, which is how the
    transition model of `nnet3.transition_model` numbers them (2p+2 and 2p+1 for class p).
    """

    def __init__(self, costs: Costs) -> None:
        self.fst, self._costs = Fst(), costs
        start = self.fst.state()
        self.hub, self._end = self.fst.state(), self.fst.state()
        self.fst.final = {start, self._end, self._silence(start), self._silence(self._end)}
        self.fst.arc(start, self.hub)
        self.fst.arc(self._end, self.hub)

    def _phone(self, source: int, phone: str, word: int = 0, cost: float = 0.0) -> int:
        state, held = self.fst.state(), self._costs.blank if phone == BLANK else 0.0
        self.fst.arc(source, state, (2 * NUMBER[phone] + 2, word), cost + held)
        self.fst.arc(state, state, (2 * NUMBER[phone] + 1, 0), held)
        return state

    def _silence(self, source: int) -> int:
        """Silence after `source`, on the way to the hub."""
        silence = self._phone(source, BLANK)
        self.fst.arc(silence, self.hub)
        return silence

    def _slot(self, source: int, slot: Slot, word: int = 0, cost: float = 0.0) -> tuple[int, int]:
        """The alternatives of a slot; the states in which it has just been said, and in which a blank followed."""
        said = self.fst.state()
        for phone, accent in slot:
            self.fst.arc(self._phone(source, phone, word, cost + accent), said)
        return said, self._phone(said, BLANK)

    def spell(self, places: Sequence[Slot], source: int, word: int = 0) -> None:
        """A pronunciation from `source` to the end of a word, with an optional blank between two phones."""
        cost = self._costs.word if word else 0.0
        for number, place in enumerate(places):
            if number == len(places) - 1:
                for phone, accent in place:
                    self.fst.arc(self._phone(source, phone, word, cost + accent), self._end)
                return
            said, blank = self._slot(source, place, word, cost)
            source = self.fst.state()
            self.fst.arc(said, source)
            self.fst.arc(blank, source)
            word, cost = 0, 0.0

    def unknown(self, word: int) -> None:
        """`[unk]`: one phone or more of any kind."""
        loop, said = self.fst.state(), self.fst.state()
        self.fst.arc(self.hub, loop, (0, word), self._costs.unknown)
        for phone in PHONES[1:]:
            self.fst.arc(self._phone(loop, phone, 0, self._costs.unknown_phone), said)
        self.fst.arc(self._phone(said, BLANK), loop)
        self.fst.arc(said, loop)
        self.fst.arc(said, self._end)

    def characters(self, lexicon: Lexicon, numbers: dict[str, int]) -> None:
        """Every syllable once; each character leads to those it is read as."""
        first: dict[tuple[str, ...], int] = {}
        for syllable in syllables_of(lexicon):
            first[syllable] = self.fst.state()
            self.spell(slots(syllable), first[syllable])
        for character, readings in lexicon.characters.items():
            for reading in readings:
                self.fst.arc(self.hub, first[reading], (0, numbers[character]), self._costs.word)


def lexicon_transducer(lexicon: Lexicon, costs: Costs) -> Fst:
    """From transitions of the network's outputs to word numbers (`Lexicon.words`, counted from 1)."""
    numbers = {word: number for number, word in enumerate(lexicon.words, 1)}
    builder = _Builder(costs)
    for phrase, phones in lexicon.phrases.items():
        builder.spell(slots(phones), builder.hub, numbers[phrase])
    builder.characters(lexicon, numbers)
    builder.unknown(numbers[UNKNOWN])
    return builder.fst


def _any_phrase(lexicon: Lexicon) -> Fst:
    """The grammar of a recogniser that is given none: any phrase, or [unk], again and again."""
    words = lexicon.words
    heard = [number for number, word in enumerate(words, 1) if word in lexicon.phrases or word == UNKNOWN]
    fst = Fst()
    state = fst.state()
    fst.final = {state}
    for number in heard:
        fst.arc(state, state, (number, number), math.log(len(heard) + 1))
    return fst


def write(lexicon: Lexicon, folder: Path, costs: Costs = Costs()) -> None:
    """Write HCLr.fst, Gr.fst, words.txt and disambig_tid.int into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = lexicon.words
    write_lookahead(lexicon_transducer(lexicon, costs), len(words), folder / "HCLr.fst")
    write_vector(_any_phrase(lexicon), folder / "Gr.fst")
    lines = [f"{word} {number}\n" for number, word in enumerate(["<eps>", *words])]
    (folder / "words.txt").write_text("".join(lines), "utf-8")
    (folder / "disambig_tid.int").write_text(f"{_NO_TRANSITION}\n", "ascii")
