"""Phrases in the middle of longer speech."""

import pytest

from ivr.spotting import Spotted, spot
from speech.engine import Word

PHRASES = {"胸口疼": "胸口疼", "打幺二零": "打120", "来人": "来人", "快来人": "快来人", "有": "有", "再见": "再见"}
WANTED = {"胸口疼", "打120", "来人", "快来人", "有"}


def heard(text: str, confidence: float = 0.9) -> list[Word]:
    """Words from a text in which they are separated by spaces."""
    return [Word(word, at, at + 0.5, confidence) for at, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("胸口疼", "胸口疼"),
        ("味 指 我 胸口疼 [unk]", "胸口疼"),
        ("胸口 疼 [unk] 来人", "胸口疼，来人"),
        ("[unk] 快 来人", "快来人"),
        ("打 幺 二 零", "打120"),
    ],
)
def test_phrases_are_found_in_their_order_and_as_they_are_written(said: str, found: str) -> None:
    assert spot(heard(said), PHRASES, WANTED) == Spotted(found, 0.9)


@pytest.mark.parametrize("said", ["", "[unk]", "胸口 [unk] 疼", "疼 胸口", "有", "再见"])
def test_what_is_no_wanted_phrase_is_not_found(said: str) -> None:
    assert spot(heard(said), PHRASES, WANTED) is None


def test_the_least_certain_word_of_the_phrases_is_what_counts() -> None:
    words = [*heard("味", 0.1), *heard("胸口", 0.8), *heard("疼", 0.6), *heard("来人", 0.7)]
    assert spot(words, PHRASES, WANTED) == Spotted("胸口疼，来人", 0.6)


def test_a_word_that_is_hardly_heard_makes_no_phrase() -> None:
    assert spot([*heard("胸口", 0.9), *heard("疼", 0.4)], PHRASES, WANTED) is None
