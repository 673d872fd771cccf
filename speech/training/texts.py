"""What the synthetic voices say: the line's phrases, and common words strung together so that all sounds occur."""

from collections.abc import Sequence

import numpy as np

from speech.training.readings import phones_of_text


def training_texts(phrases: Sequence[str], words: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Every readable phrase once, then every word once, two to four to a text, in an order drawn with `rng`."""
    readable = [text for text in phrases if phones_of_text(text)]
    order = [words[int(index)] for index in rng.permutation(len(words))]
    strung = []
    while order:
        count = int(rng.integers(2, 5))
        strung.append("".join(order[:count]))
        order = order[count:]
    return [*readable, *(text for text in strung if phones_of_text(text))]
