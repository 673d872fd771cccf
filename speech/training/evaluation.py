"""How well a model hears the line's phrases: by people, by invented old people, by synthetic voices, and in noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speech.telephone import Line, noise_of, telephone
from speech.training import corpus, espeak, recordings, synthesis, voices
from speech.training.audio import LINE_RATE, STUDIO_RATE, Samples, at_level, pcm, resample, trim
from speech.training.lexicon import read_phrases
from speech.training.listening import Case, Heard, Listener, confusions, intents_of, interval, score
from speech.training.readings import phones_of_text

RISKS = ("red_flag", "emergency", "fell", "self_harm")
HARMLESS = ("fine", "no")
LINES = {
    "30 dB": Line(),
    "15 dB": Line(snr_db=15.0),
    "5% loss, mobile": Line(snr_db=25.0, loss=0.05, codec="mobile"),
}
OLD_MAN = voices.Disguise(pitch=0.6, formants=0.86, pace=0.82, tremor=0.05, roughness=0.03, breath=0.25)
_OTHERS, _SENTENCES, _NOISES = 300, 100, 40


@dataclass(frozen=True, slots=True)
class Trial:
    """Cases of one kind, and what was heard in them."""

    name: str
    cases: tuple[Case, ...]
    heard: tuple[Heard, ...]


def evaluate(
    model: Path, audio: Sequence[Path], phrases: Path, thresholds: Sequence[float], rng: np.random.Generator
) -> dict[str, Any]:
    """Scores of `model` with all phrases of the file active, as values for JSON.

    Raises:
        AudioError, LexiconError: a recording or the phrases cannot be read.
    """
    said = read_phrases(phrases)
    intent_of = intents_of(phrases)
    listener = Listener(model, said)
    trials = [
        Trial(name, tuple(cases), tuple(listener.hear(case.sound) for case in cases))
        for name, cases in _sets(audio, said, rng)
        if cases
    ]
    return {
        "phrases": len(said),
        "missing": listener.missing,
        "sets": {trial.name: _scores(trial, intent_of, thresholds) for trial in trials},
        "risks": {f"{threshold:g}": _risks(trials, intent_of, threshold) for threshold in thresholds},
        "confusions": {f"{threshold:g}": _confusions(trials, intent_of, threshold) for threshold in thresholds},
    }


def _sets(audio: Sequence[Path], phrases: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, list[Case]]]:
    for folder in audio:
        yield from _people(folder, phrases, rng)
    unknown = synthesis.formant(phrases, 1, rng, espeak.HELD_OUT)
    yield "synthetic, 30 dB", [_case(one.text, _line_rate(one), LINES["30 dB"], rng) for one in unknown]
    yield "noise", [_noise(number, rng) for number in range(_NOISES)]


def _people(folder: Path, phrases: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, list[Case]]]:
    said = list(recordings.utterances(recordings.find(folder)))
    words = {one.text: one for one in said}
    whole = [words[phrase] for phrase in phrases if phrase in words]
    joined = [(phrase, cut) for phrase in phrases if (cut := _cut(phrase, words)) and len(cut) > 1]
    for name, line in LINES.items():
        yield f"{folder.name}, words, {name}", [_case(one.text, _line_rate(one), line, rng) for one in whole]
        yield (
            f"{folder.name}, joined words, {name}",
            [_case(phrase, _chained([words[word] for word in cut], rng), line, rng) for phrase, cut in joined],
        )
    old = [(one.text, voices.disguised(one.sound.astype(np.float32), OLD_MAN, rng)) for one in whole]
    yield f"{folder.name}, as an old man, 30 dB", [_case(text, sound, LINES["30 dB"], rng) for text, sound in old]
    yield from _foreign(folder.name, said, phrases, rng)


def _foreign(
    name: str, said: Sequence[corpus.Utterance], phrases: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, list[Case]]]:
    """Words that no phrase sounds like or is part of, alone and five in a row."""
    alike = {phones_of_text(phrase) for phrase in phrases}
    others = [one for one in said if one.phones not in alike and not any(phrase in one.text for phrase in phrases)]
    if not others:
        return
    order = [others[int(index)] for index in rng.permutation(len(others))]
    line = LINES["30 dB"]
    yield f"{name}, other words", [_case(None, _line_rate(one), line, rng) for one in order[:_OTHERS]]
    rows = [order[start : start + 5] for start in range(_OTHERS, min(len(order) - 5, _OTHERS + 5 * _SENTENCES), 5)]
    yield f"{name}, other sentences", [_case(None, _chained(row, rng), line, rng) for row in rows]


def _cut(phrase: str, words: Mapping[str, object]) -> list[str] | None:
    """`phrase` as recorded words, longest first; None if one is missing."""
    cut: list[str] = []
    while rest := phrase[sum(map(len, cut)) :]:
        word = next((rest[:length] for length in range(len(rest), 0, -1) if rest[:length] in words), None)
        if word is None:
            return None
        cut.append(word)
    return cut


def _line_rate(utterance: corpus.Utterance) -> Samples:
    return resample(utterance.sound, STUDIO_RATE, LINE_RATE)


def _chained(utterances: Sequence[corpus.Utterance], rng: np.random.Generator) -> Samples:
    parts: list[Samples] = []
    for utterance in utterances:
        if parts:
            parts.append(np.zeros(int(LINE_RATE * rng.uniform(0, 0.08)), np.float32))
        parts.append(at_level(trim(_line_rate(utterance), LINE_RATE, 0.04, 0.05)))
    return np.concatenate(parts)


def _case(truth: str | None, sound: Samples, line: Line, rng: np.random.Generator) -> Case:
    return Case(truth, telephone(sound, line, rng))


def _noise(number: int, rng: np.random.Generator) -> Case:
    sound = noise_of("white" if number % 2 else "pink", 5 * LINE_RATE, rng)
    return Case(None, pcm(sound * rng.uniform(5, 800)))


def _scores(trial: Trial, intent_of: Mapping[str, str], thresholds: Sequence[float]) -> dict[str, Any]:
    spoken_to = trial.cases[0].truth is not None
    rows: dict[str, Any] = {}
    for threshold in thresholds:
        found = score(trial.cases, trial.heard, intent_of, threshold)
        main = found.intent_right if spoken_to else found.accepted
        rows[f"{threshold:g}"] = asdict(found) | {"interval": interval(main, found.cases)}
    return {"spoken_to": spoken_to, "at": rows}


def _risks(trials: Sequence[Trial], intent_of: Mapping[str, str], threshold: float) -> dict[str, Any]:
    """How often something was said that must not be missed, and what became of it."""
    said, missed, harmless = 0, 0, []
    for trial in trials:
        for case, one in zip(trial.cases, trial.heard, strict=True):
            if intent_of.get(case.truth or "") not in RISKS:
                continue
            said += 1
            intents = {intent_of.get(phrase) for phrase in one.phrases} if one.confidence >= threshold else set()
            missed += not intents & set(RISKS)
            if intents & set(HARMLESS) and not intents & set(RISKS):
                harmless.append(f"{case.truth} > {' '.join(one.phrases)} ({one.confidence:.2f}, {trial.name})")
    return {"said": said, "no risk heard": missed, "heard as fine or no": harmless}


def _confusions(trials: Sequence[Trial], intent_of: Mapping[str, str], threshold: float) -> dict[str, Any]:
    cases = [case for trial in trials for case in trial.cases]
    heard = [one for trial in trials for one in trial.heard]
    return confusions(cases, heard, intent_of, threshold)


def as_markdown(result: Mapping[str, Any]) -> str:
    """The result as tables: a row a set and threshold, then the risks."""
    lines = [
        f"All {result['phrases']} phrases active; missing from the vocabulary: {len(result['missing'])}.",
        "",
        "| set | threshold | cases | phrase | intent (95%) | nothing heard | wrong intent | accepted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, rows in result["sets"].items():
        for threshold, row in rows["at"].items():
            low, high = row["interval"]
            shares = (
                (f"{row['phrase_right']:.1%}", f"{row['intent_right']:.1%} ({low:.0%}-{high:.0%})",
                 f"{row['rejected']:.1%}", f"{row['wrong_intent']:.1%}", "")
                if rows["spoken_to"]
                else ("", "", "", "", f"{row['accepted']:.1%} ({low:.0%}-{high:.0%})")
            )  # fmt: skip
            lines.append(f"| {name} | {threshold} | {row['cases']} | {' | '.join(shares)} |")
    lines += ["", "| threshold | risk phrases said | no risk heard | heard as fine or no |", "|---|---|---|---|"]
    for threshold, row in result["risks"].items():
        harmless = "; ".join(row["heard as fine or no"]) or "none"
        lines.append(f"| {threshold} | {row['said']} | {row['no risk heard']} | {harmless} |")
    return "\n".join(lines) + "\n"
