"""The scales: how much an utterance as a whole is like those of people in danger, whatever single words it uses.

A linear model over characters, pairs of characters and the net's kinds of words; learn.py makes its weights.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from math import sqrt

from speech.understanding.files import FOLDER
from speech.understanding.spelling import PAUSE

EDGES = "^$"
BIAS = ""
"""The name of the weight that every utterance has."""
GRAVE = 0.35
"""From here on an utterance that nothing explains is taken for a danger; 0 is as likely a danger as not."""
GRAVE_EXPLAINED = 1.0
"""The same for one in which a request or an everyday ailment was recognised."""
UNEASY = 0.0
"""From here on an utterance of which nothing was understood is a yellow risk."""


class Scales:
    """Immutable once made; see weights.json."""

    def __init__(self) -> None:
        self._weights: dict[str, float] = json.loads(FOLDER.joinpath("weights.json").read_text(encoding="utf-8"))

    def weigh(self, text: str, kinds: Iterable[str]) -> float:
        """How dangerous `text` seems, which holds words of these kinds; above 0 it is more likely than not."""
        return weight(self._weights, features(text, kinds))


def features(text: str, kinds: Iterable[str]) -> set[str]:
    """What of an utterance is weighed."""
    framed = EDGES[0] + text.replace(PAUSE, "") + EDGES[1]
    return {*framed, *map(str.__add__, framed, framed[1:]), *(f"{{{kind}}}" for kind in kinds)}


def weight(weights: Mapping[str, float], found: Collection[str]) -> float:
    """The sum of the weights of `found`, as if each utterance had equally many."""
    return weights.get(BIAS, 0.0) + sum(weights.get(feature, 0.0) for feature in found) / sqrt(len(found))
