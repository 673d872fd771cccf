"""What a model makes of labelled recordings, in the terms of the line: was the turn understood?"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from speech.engine import Engine
from speech.engine.grammar import spoken_forms
from speech.evaluation.manifest import Labelled
from speech.evaluation.statistics import Share, edits, share
from speech.grammars import phrases_for
from speech.understanding import Intent, Meaning, Understanding

By = Literal["speaker", "length", "noise", "question", "intent"]
_LENGTHS = ((1, "1"), (2, "2"), (4, "3-4"), (8, "5-8"))
_OPEN = "any question"
DANGERS = ("red", "orange")
HARMLESS = ("fine", "no", "refuse", "bye")
"""What must never be heard where somebody spoke of a danger."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recording, as it should have been and as it was understood."""

    recording: Labelled
    intent: str | None
    heard: str | None
    """The text, None for none of these."""
    heard_intent: str | None
    risk: str | None
    """The risk of what was said."""
    heard_risk: str | None
    confidence: float
    edits: int
    characters: int
    cost_ms: float
    audio_s: float
    failed: bool

    @property
    def right(self) -> bool:
        return self.heard_intent == self.intent

    @property
    def dangerous(self) -> bool:
        return self.risk in DANGERS

    @property
    def belittled(self) -> bool:
        """A danger was taken for good news, or for a no."""
        return self.dangerous and self.heard_risk is None and self.heard_intent in HARMLESS


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a group of recordings."""

    group: str
    right: Share
    """Turns with the right intent, or with none where none was said."""
    phrases: Share
    """Of what meant something: the very words."""
    wrong: Share
    """Of what meant something: taken for something else."""
    false_rejects: Share
    """Of what meant something: taken for nothing."""
    false_accepts: Share
    """Of what meant nothing: taken for something."""
    character_errors: float | None
    """Edits to a character said, over what meant something."""
    real_time_factor: float | None
    """Processor time to a second of audio."""
    dangers: Share
    """Of what was red or orange: heard as a danger of some kind, too."""
    belittled: Share
    """Of what was red or orange: taken for good news, or for a no."""
    failures: int
    """Recordings that the engine did not get through."""


def evaluate(
    engine: Engine,
    understanding: Understanding,
    phrases: Mapping[Intent, Sequence[str]],
    recordings: Iterable[Labelled],
    only: Sequence[str] = (),
) -> Iterator[Outcome]:
    """Recognise each recording with the grammar of the question it answers; without one if the model takes none.

    With `only`, these phrases alone are listened for, whatever the question.
    """
    grammars: set[str] = set()
    for recording in recordings:
        name = recording.question or _OPEN
        if engine.facts.grammars and name not in grammars:
            engine.prepare(name, only or phrases_for(name, phrases))
            grammars.add(name)
        yield _outcome(engine, understanding, recording, name if engine.facts.grammars else None)


def _outcome(engine: Engine, understanding: Understanding, recording: Labelled, grammar: str | None) -> Outcome:
    heard = engine.recognise(recording.audio.read_bytes(), grammar)
    said, meant = _spoken(recording.text), understanding.understand(recording.text, recording.question)
    taken = understanding.understand(heard.text, recording.question) if heard.text else Meaning()
    return Outcome(
        recording=recording,
        intent=recording.intent if recording.judged else meant.intent,
        heard=heard.text,
        heard_intent=taken.intent,
        risk=None if recording.judged and recording.intent is None else meant.risk,
        heard_risk=taken.risk,
        confidence=heard.confidence,
        edits=edits(said, _spoken(heard.text or "")),
        characters=len(said),
        cost_ms=heard.cost_ms,
        audio_s=heard.audio_s,
        failed=heard.failure is not None,
    )


def _spoken(text: str) -> str:
    return next(iter(spoken_forms(text)), "")


def summaries(outcomes: Iterable[Outcome], by: By | None) -> list[Summary]:
    """The figures of all recordings first, then, if `by` is given, of each group."""
    listed = list(outcomes)
    if by is None:
        return [summary("all", listed)]
    group_of = _GROUPS[by]
    ordered = sorted(listed, key=group_of)
    return [summary("all", listed), *(summary(name, list(group)) for name, group in groupby(ordered, group_of))]


def summary(group: str, outcomes: Sequence[Outcome]) -> Summary:
    meant = [outcome for outcome in outcomes if outcome.intent is not None]
    empty = [outcome for outcome in outcomes if outcome.intent is None]
    dangers = [outcome for outcome in outcomes if outcome.dangerous]
    rejected = sum(outcome.heard_intent is None for outcome in meant)
    understood = sum(outcome.right for outcome in meant)
    characters, seconds = sum(o.characters for o in meant), sum(o.audio_s for o in outcomes)
    return Summary(
        group=group,
        right=share(sum(outcome.right for outcome in outcomes), len(outcomes)),
        phrases=share(sum(outcome.edits == 0 for outcome in meant), len(meant)),
        wrong=share(len(meant) - rejected - understood, len(meant)),
        false_rejects=share(rejected, len(meant)),
        false_accepts=share(sum(not outcome.right for outcome in empty), len(empty)),
        character_errors=sum(o.edits for o in meant) / characters if characters else None,
        real_time_factor=sum(o.cost_ms for o in outcomes) / 1000 / seconds if seconds else None,
        dangers=share(sum(outcome.heard_risk in DANGERS for outcome in dangers), len(dangers)),
        belittled=share(sum(outcome.belittled for outcome in dangers), len(dangers)),
        failures=sum(outcome.failed for outcome in outcomes),
    )


def _length(outcome: Outcome) -> str:
    return next((name for most, name in _LENGTHS if outcome.characters <= most), "9 and more")


_GROUPS: dict[By, Callable[[Outcome], str]] = {
    "speaker": lambda outcome: outcome.recording.speaker,
    "length": _length,
    "noise": lambda outcome: outcome.recording.noise,
    "question": lambda outcome: outcome.recording.question or _OPEN,
    "intent": lambda outcome: outcome.intent or "none",
}
