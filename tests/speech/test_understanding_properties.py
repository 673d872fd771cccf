"""What holds for every sentence, not only for those somebody thought of."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.understanding import load_understanding, read_phrases
from speech.understanding import Intent, Understanding
from speech.understanding.meaning import GRAVITY
from speech.understanding.patterns import read_classes, read_patterns
from speech.understanding.scan import DANGERS
from speech.understanding.spelling import speller

ROOT = Path(__file__).parents[2]
PHRASES = read_phrases(yaml.safe_load((ROOT / "prompts/zh_CN/phrases.json").read_text(encoding="utf-8")))
LINE: Understanding = load_understanding("zh_CN")
DANGEROUS: tuple[Intent, ...] = ("emergency", "red_flag", "fell", "self_harm")
DANGER_PHRASES = [phrase for intent in DANGEROUS for phrase in PHRASES[intent]]
RED_PHRASES = [phrase for intent in ("emergency", "red_flag") for phrase in PHRASES[intent]]  # type: ignore[index]
QUESTIONS = (None, *LINE.questions)
FILLERS = ("嗯", "那个", "就是说", "哎哟", "啊", "呃")


def gravity(text: str, question: str | None = None) -> int:
    return GRAVITY[LINE.understand(text, question).risk]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_phrase_of_danger_raises_a_risk_after_every_question(question: str | None) -> None:
    assert [phrase for phrase in DANGER_PHRASES if gravity(phrase, question) < GRAVITY["orange"]] == []


@pytest.mark.parametrize("intent", PHRASES)
def test_every_phrase_means_its_intent_or_something_graver(intent: Intent) -> None:
    for phrase in PHRASES[intent]:
        meaning = LINE.understand(phrase)
        shared = any(phrase in PHRASES[other] for other in PHRASES if other == meaning.intent)
        assert meaning.intent == intent or shared or meaning.risk, (phrase, meaning)


@given(st.sampled_from(DANGER_PHRASES), st.lists(st.sampled_from(FILLERS), max_size=3), st.sampled_from("，  。"))
def test_fillers_around_a_danger_never_lower_it(phrase: str, fillers: list[str], mark: str) -> None:
    around = mark.join(fillers)
    assert gravity(f"{around}{mark}{phrase}{mark}{around}") >= gravity(phrase)


@pytest.mark.parametrize("filler", [*FILLERS, " "])
def test_a_filler_or_a_space_anywhere_inside_a_danger_never_hides_it(filler: str) -> None:
    inside = [phrase[:cut] + filler + phrase[cut:] for phrase in DANGER_PHRASES for cut in range(1, len(phrase))]
    assert [text for text in inside if gravity(text) < GRAVITY["orange"]] == []


def test_a_danger_that_is_printed_with_spaces_is_as_grave() -> None:
    assert [phrase for phrase in DANGER_PHRASES if gravity(" ".join(phrase)) < gravity(phrase)] == []


@pytest.mark.parametrize("after", ["没事", "，没事的", "不要紧", "呀", "哉", "，谢谢"])
def test_waving_a_red_danger_away_leaves_it_red(after: str) -> None:
    assert [phrase for phrase in RED_PHRASES if LINE.understand(phrase + after).risk != "red"] == []


@settings(max_examples=300)
@given(st.text(max_size=200), st.sampled_from(QUESTIONS))
def test_no_text_is_too_strange(text: str, question: str | None) -> None:
    meaning = LINE.understand(text, question)
    assert all(quoted in text for quoted in meaning.matched)


ALPHABET = sorted({character for phrases in PHRASES.values() for phrase in phrases for character in phrase})


@settings(max_examples=300)
@given(st.text(alphabet=[*ALPHABET, "，", " "], max_size=60), st.sampled_from(QUESTIONS))
def test_words_in_any_order_are_understood_the_same_way_twice(text: str, question: str | None) -> None:
    first = LINE.understand(text, question)
    assert first == LINE.understand(text, question)
    places = [text.find(quoted) for quoted in first.matched]
    assert all(place >= 0 for place in places)


def test_the_quick_test_of_a_pattern_never_hides_a_match() -> None:
    classes = read_classes()
    patterns = [pattern for name in (*DANGERS, "requests.yaml") for pattern in read_patterns(name, classes)]
    said = [speller().spell(text).text for text in _all_sentences()]
    for pattern in patterns:
        for text in said:
            if pattern.regex.search(text):
                assert all(need & set(text) for need in pattern.needs), (pattern.regex.pattern, text)


def test_every_pattern_has_something_to_be_tested_by() -> None:
    classes = read_classes()
    for name in (*DANGERS, "requests.yaml"):
        assert all(pattern.needs for pattern in read_patterns(name, classes))


def test_traditional_characters_are_understood_like_simplified_ones() -> None:
    table = yaml.safe_load((ROOT / "speech/understanding/mandarin/traditional.yaml").read_text(encoding="utf-8"))
    traditional = dict(zip(table["simplified"], table["traditional"], strict=True))
    for text in [phrase for phrases in PHRASES.values() for phrase in phrases]:
        written = "".join(traditional.get(character, character) for character in text)
        there, here = LINE.understand(written), LINE.understand(text)
        assert (there.intent, there.risk, there.confirm) == (here.intent, here.risk, here.confirm), written


@pytest.mark.parametrize("piece", ["我胸口痛", "没有", "摔了一跤", "好的", "头", "药片一把", "  a", "昨天不", "1"])
def test_a_very_long_text_is_understood_like_a_short_one(piece: str) -> None:
    assert gravity(piece * (10_000 // len(piece))) >= gravity(piece * 3)


def _all_sentences() -> list[str]:
    files = (Path(__file__).parent / "sentences").glob("*.yaml")
    groups = (group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8")))
    return [text for group in groups for text in group["say"]]
