"""Makes the weights of the scales from labelled sentences.

    python -m speech.understanding.learn prompts/zh_CN/phrases.json tests/speech/sentences/[!h]*.yaml

writes mandarin/weights.json beside this file. Sentences by which the line is measured must not be among those given.
The same files give the same weights.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from math import exp, sqrt
from pathlib import Path
from random import Random
from typing import Any

import yaml

from speech.understanding.net import Net
from speech.understanding.scales import BIAS, features, weight
from speech.understanding.scan import Scanner
from speech.understanding.spelling import speller

ROUNDS = 40
RATE = 0.3
COOLING = 0.15
DECAY = 5e-5
SEED = 1
RARE = 2
"""What stands in fewer sentences than that is not learnt from."""
STEEPEST = 30.0
PER_LINE = 16
WEIGHTS = Path(__file__).parent / "mandarin" / "weights.json"
DANGERS = ("emergency", "red_flag", "fell", "self_harm")
Labelled = tuple[str, bool]
Sample = tuple[set[str], bool]


def from_phrases(path: Path) -> Iterator[Labelled]:
    """Every phrase, and whether its intent is a danger."""
    for intent, styles in json.loads(path.read_text(encoding="utf-8"))["intents"].items():
        yield from ((phrase, intent in DANGERS) for listed in styles.values() for phrase in listed)


def from_sentences(path: Path) -> Iterator[Labelled]:
    """Every sentence of a file that is no answer and clearly grave or clearly not, and whether it is."""
    for group in yaml.safe_load(path.read_text(encoding="utf-8")):
        risks = _listed(group["expect"].get("risk", "unknown"))
        if "state" not in group and (risks <= {"red", "orange"} or risks <= {None, "yellow"}):
            yield from ((text, risks <= {"red", "orange"}) for text in group["say"])


def learn(labelled: Sequence[Labelled], scanner: Scanner, net: Net) -> dict[str, float]:
    """The weights by which the sentences are told apart best: logistic regression by stochastic gradient descent."""
    samples = [(_features(text, scanner, net), danger) for text, danger in labelled]
    seen = Counter(feature for found, _ in samples for feature in found)
    common = [({feature for feature in found if seen[feature] >= RARE}, danger) for found, danger in samples]
    random, weights = Random(SEED), {BIAS: 0.0}  # noqa: S311 - an order, no secret
    ordered = [(sorted(found), danger) for found, danger in common if found]
    for turn in range(ROUNDS):
        random.shuffle(ordered)
        for found, danger in ordered:
            _step(weights, found, danger, RATE / (1 + turn * COOLING))
    return weights


def _features(text: str, scanner: Scanner, net: Net) -> set[str]:
    spoken = speller().spell(text)
    return features(spoken.text, net.kinds(scanner.scan(spoken).text))


def _step(weights: dict[str, float], found: Sequence[str], danger: bool, rate: float) -> None:
    score = weight(weights, found)
    error = 1 / (1 + exp(-max(-STEEPEST, min(STEEPEST, score)))) - danger
    weights[BIAS] -= 0.1 * rate * error
    for feature in found:
        weights[feature] = weights.get(feature, 0.0) * (1 - rate * DECAY) - rate * error / sqrt(len(found))


def _listed(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list) else {value}


def _written(weights: dict[str, float]) -> str:
    """JSON in lines of a readable length."""
    entries = [f"{json.dumps(name, ensure_ascii=False)}: {value:.2f}" for name, value in sorted(weights.items())]
    lines = [", ".join(entries[place : place + PER_LINE]) for place in range(0, len(entries), PER_LINE)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(phrases: str, *sentences: str) -> None:
    labelled = [*from_phrases(Path(phrases)), *(pair for path in sentences for pair in from_sentences(Path(path)))]
    WEIGHTS.write_text(_written(learn(labelled, Scanner({}), Net())), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
