"""What is listened for after each question."""

import pytest

from ivr.dialog import QUESTIONS
from speech.grammars import EVERYWHERE, QUESTION_INTENTS, phrases_for
from speech.understanding import INTENTS

PHRASES = {intent: (f"{intent} one", f"{intent} two") for intent in INTENTS}


def test_every_question_of_the_dialog_has_its_phrases() -> None:
    assert set(QUESTIONS) <= set(QUESTION_INTENTS)


@pytest.mark.parametrize("question", QUESTION_INTENTS)
def test_a_danger_and_a_wish_for_a_person_are_listened_for_everywhere(question: str) -> None:
    chosen = phrases_for(question, PHRASES)
    assert all(f"{intent} two" in chosen for intent in EVERYWHERE)
    assert {"emergency", "red_flag", "fell", "self_harm", "unwell", "human", "help"} <= set(EVERYWHERE)
    assert len(chosen) == len(set(chosen))


def test_an_answer_is_listened_for_where_it_is_one() -> None:
    assert "yes one" in phrases_for("help_readback", PHRASES)
    assert "news one" in phrases_for("menu", PHRASES)
    assert "news one" not in phrases_for("checkin_falls", PHRASES)
    assert "yes one" not in phrases_for("menu", PHRASES)


def test_an_unknown_question_listens_for_everything() -> None:
    assert set(phrases_for("something new", PHRASES)) == {phrase for listed in PHRASES.values() for phrase in listed}


def test_a_phrase_of_several_intents_is_listened_for_once() -> None:
    assert phrases_for("menu", {"no": ("不行",), "unwell": ("不行",)}).count("不行") == 1


def test_what_answers_only_this_question_is_added() -> None:
    assert "就是这个" in phrases_for("help_readback", PHRASES)
    assert "就是这个" not in phrases_for("menu", PHRASES)
