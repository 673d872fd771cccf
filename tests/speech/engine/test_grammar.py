"""Phrases are cut into the model's words, and nothing that would end the process gets into a grammar."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.engine import grammar
from speech.engine.folder import UNKNOWN

WORDS = {"我", "要", "帮", "忙", "帮忙", "我要", "要帮忙", "幺", "二", "零", "打", "打幺二零", "一"}


def test_a_phrase_is_cut_into_the_fewest_words() -> None:
    assert grammar.cut("我要帮忙", WORDS) == ("我要", "帮忙")
    assert grammar.cut("我要帮忙", {*WORDS, "我要帮忙"}) == ("我要帮忙",)


def test_a_phrase_that_the_model_has_no_words_for_is_not_cut() -> None:
    assert grammar.cut("我要孛相", WORDS) is None


def test_a_word_that_leads_nowhere_is_left_again() -> None:
    assert grammar.cut("我要帮", {"我", "我要帮忙", "我要", "要帮", "帮"}) == ("我要", "帮")


@given(st.text("一二三", min_size=1, max_size=6), st.sets(st.text("一二三", min_size=1, max_size=3), max_size=8))
def test_no_shorter_cut_exists(form: str, words: set[str]) -> None:
    found = grammar.cut(form, words)
    lengths = [len(pieces) for pieces in every_cut(form) if all(piece in words for piece in pieces)]
    assert (found is None) == (not lengths)
    if found is not None:
        assert "".join(found) == form
        assert set(found) <= words
        assert len(found) == min(lengths)


def every_cut(form: str) -> list[list[str]]:
    inner = range(1, len(form))
    borders = [[i for i in inner if mask >> i & 1] for mask in range(0, 1 << len(form), 2)]
    return [[form[a:b] for a, b in pairwise([0, *chosen, len(form)])] for chosen in borders]


def test_an_emergency_number_is_said_in_words() -> None:
    assert grammar.spoken_forms("打120！") == ("打幺二零", "打一二零")
    assert grammar.spoken_forms("，。 ") == ()


def test_what_is_heard_leads_back_to_the_phrase_as_it_was_given() -> None:
    prepared = grammar.prepare("menu", ["打120", "我要 帮忙！", "我要帮忙"], WORDS)
    assert prepared.phrases == {"打幺二零": "打120", "我要帮忙": "我要 帮忙！"}


def test_a_form_that_would_add_loose_words_is_left_out() -> None:
    prepared = grammar.prepare("menu", ["打120"], WORDS)
    assert json.loads(prepared.grammar) == ["打幺二零"]


def test_the_model_is_asked_for_a_way_to_say_none_of_these() -> None:
    with_unknown = grammar.prepare("menu", ["我要帮忙"], WORDS | {UNKNOWN})
    assert json.loads(with_unknown.grammar) == ["我要 帮忙", UNKNOWN]
    assert json.loads(grammar.prepare("menu", ["我要帮忙"], WORDS).grammar) == ["我要 帮忙"]


def test_a_grammar_holds_no_escapes() -> None:
    assert grammar.prepare("menu", ["我要帮忙"], WORDS).grammar == '["我要 帮忙"]'


@pytest.mark.parametrize("phrase", ["<eps>", "[unk]", "<s>", "", " ", "\\u4e00", '"', "]", "孛相", "一" * 41])
def test_what_would_end_the_process_is_reported_and_never_handed_on(phrase: str) -> None:
    prepared = grammar.prepare("menu", [phrase], WORDS | {UNKNOWN, "<eps>", "<s>", "\\u4e00", '"', "]"})
    assert prepared.grammar == ""
    assert prepared.uncut == (phrase,)


def test_the_engines_own_symbols_are_no_words() -> None:
    assert grammar.usable(["<eps>", "#0", UNKNOWN, "</s>", '"', "a b", "", "好"]) == {"好"}


def test_nothing_to_listen_for_is_no_grammar_at_all() -> None:
    assert grammar.prepare("menu", [], {UNKNOWN}).grammar == ""


@given(st.lists(st.text(max_size=8), max_size=6), st.sets(st.text(min_size=1, max_size=4), max_size=6))
def test_whatever_is_asked_for_a_grammar_is_empty_or_names_only_words_of_the_model(
    phrases: list[str], known: set[str]
) -> None:
    prepared = grammar.prepare("menu", phrases, known)
    if prepared.grammar:
        entries = json.loads(prepared.grammar)
        assert entries
        assert all(word in known for entry in entries for word in entry.split(" "))
        assert "<eps>" not in entries
    assert set(prepared.uncut) | set(prepared.phrases.values()) <= set(phrases)
