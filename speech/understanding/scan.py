"""What of an utterance is recognised: set phrases, patterns, and traces of danger that nothing else explains."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from speech.understanding.files import read, words
from speech.understanding.meaning import GRAVITY, RISK_OF, Intent, Risk
from speech.understanding.patterns import Patterns, mask, read_classes, read_patterns
from speech.understanding.spans import Spans, marked
from speech.understanding.spelling import Spoken, speller
from speech.understanding.trie import Trie, longest

BLANK = "\0"
DANGERS = ("dangers.yaml", "falls.yaml", "despair.yaml", "complaints.yaml")


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of an utterance, text[start:end], that was recognised."""

    start: int
    end: int
    intent: Intent
    risk: Risk | None = None
    doubt: bool = False
    negated: bool = False
    place: bool = False
    vague: bool = False
    """Only a trace, or only the sound, of a danger."""
    lonely: bool = False
    """Counts only where nothing else was understood."""
    gaps: tuple[tuple[int, int], ...] = ()
    """Where, between its parts, anything may have been said."""

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Atom:
    """What a set word or phrase is: something somebody wants to say, or something to look away from."""

    intents: tuple[Intent, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """`text` is the utterance without what is harmless; `risks` are dangers and complaints, `phrases` all else."""

    text: str
    risks: tuple[Hit, ...]
    phrases: tuple[Hit, ...]


class Scanner:
    """Immutable once made; may be shared between threads."""

    def __init__(self, phrases: Mapping[Intent, Sequence[str]]) -> None:
        classes = read_classes()
        masks = read("masks.yaml")
        self._masks = Patterns([mask(source, classes) for source in masks["patterns"]])
        self._dangers = Patterns([pattern for name in DANGERS for pattern in read_patterns(name, classes)])
        self._requests = Patterns(read_patterns("requests.yaml", classes))
        self._atoms = Trie(_atoms(phrases, words(masks["blank"]), words(masks["plain"])))
        self._traces = Trie(_traces())

    def scan(self, spoken: Spoken) -> Scan:
        text = spoken.text
        found = [*self._atoms.find(text), *self._harmless(text)]
        atoms = longest(found, len(text)) if found else []
        visible = _blanked(text, atoms)
        said = [Hit(start, end, intent, RISK_OF.get(intent)) for start, end, atom in atoms for intent in atom.intents]
        phrases = [hit for hit in said if not hit.risk]
        dangers = _where(len(text), [*_hits(self._dangers, visible), *(hit for hit in said if hit.risk)])
        risks = _outermost(_not_said_otherwise(dangers, phrases))
        known = [*((start, end) for start, end, _ in atoms), *(hit.span for hit in risks)]
        return Scan(
            visible,
            (*risks, *self._unexplained(visible, known)),
            (*phrases, *_not_said_otherwise(_hits(self._requests, text), phrases)),
        )

    def _unexplained(self, text: str, known: Iterable[tuple[int, int]]) -> Iterator[Hit]:
        explained = marked(len(text), known)
        for start, end, trace in self._traces.find(text):
            if not any(explained[start:end]):
                yield replace(trace, start=start, end=end)

    def _harmless(self, text: str) -> Iterable[tuple[int, int, Atom]]:
        for _, match in self._masks.find(text):
            yield match.start(), match.end(), Atom(blank=True)


def _atoms(phrases: Mapping[Intent, Sequence[str]], blank: Iterable[str], plain: Iterable[str]) -> dict[str, Atom]:
    atoms: dict[str, Atom] = {}
    for intent, listed in phrases.items():
        for phrase in listed:
            text = speller().spell(phrase).text
            if text:
                known = atoms.get(text, Atom())
                atoms[text] = Atom((*known.intents, intent) if intent not in known.intents else known.intents)
    for word in plain:
        atoms.setdefault(speller().spell(word).text, Atom())
    for word in blank:
        text = speller().spell(word).text
        atoms[text] = replace(atoms.get(text, Atom()), blank=True)
    return atoms


def _traces() -> dict[str, Hit]:
    return {
        word: Hit(0, 0, group["intent"], group["risk"], doubt=True, vague=True, lonely=group.get("lonely", False))
        for group in read("traces.yaml")
        for word in words(group["say"])
    }


def _hits(patterns: Patterns, text: str) -> Iterable[Hit]:
    for pattern, match in patterns.find(text):
        if pattern.intent is not None:
            gaps = tuple(match.span(group) for group in range(1, pattern.regex.groups + 1) if match[group])
            yield Hit(*match.span(), pattern.intent, pattern.risk, pattern.doubt, place=pattern.place, gaps=gaps)


def _not_said_otherwise(hits: Iterable[Hit], phrases: Sequence[Hit]) -> Iterator[Hit]:
    """The hits that do not lie within a set phrase of another intent: the longest match is what was said."""
    others: dict[Intent, Spans] = {}
    for hit in hits:
        if hit.intent not in others:
            others[hit.intent] = Spans(phrase.span for phrase in phrases if phrase.intent != hit.intent)
        if not others[hit.intent].cover(*hit.span):
            yield hit


def _blanked(text: str, atoms: Iterable[tuple[int, int, Atom]]) -> str:
    spans = [(start, end) for start, end, atom in atoms if atom.blank]
    if not spans:
        return text
    characters = list(text)
    for start, end in spans:
        characters[start:end] = BLANK * (end - start)
    return "".join(characters)


def _where(size: int, hits: Sequence[Hit]) -> list[Hit]:
    """The hits, each a danger of the place if it speaks of one anywhere in it."""
    places = marked(size, (hit.span for hit in hits if hit.place))
    return [replace(hit, place=True) if any(places[hit.start : hit.end]) else hit for hit in hits]


def _outermost(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that no other hit covers that is as grave, and no more doubtful."""
    kept: list[Hit] = []
    spans = Spans()
    for hit in sorted(hits, key=_by_weight):
        if not spans.cover(*hit.span):
            spans.add(*hit.span)
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _by_weight(hit: Hit) -> tuple[int, bool, int, int]:
    return (-GRAVITY[hit.risk], hit.doubt, hit.start - hit.end, hit.start)
