"""The parts of understanding, each by itself."""

import pytest

from speech.understanding.needs import needs
from speech.understanding.patterns import expand
from speech.understanding.spans import Spans, marked
from speech.understanding.spelling import speller
from speech.understanding.trie import Trie, longest


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("喂 那个 我胸口 这里 有点 疼", "我胸口这里有点疼"),
        ("胸口悶得厲害，喘不過氣。", "胸口闷得厉害，喘不过气"),
        ("１２０！", "120"),
        ("1-2-0", "120"),
        ("呒没啥事体", "没有什么事情"),
        ("覅打来哉", "不要打来了"),
        ("面孔歪脱哉", "脸歪掉了"),
        ("摜跤哉", "摔跤了"),
        ("对格", "对的"),
        ("表格", "表格"),
        ("为什么，，，嗯。。。", "为什么"),
        ("嗯 啊", ""),
    ],
)
def test_everything_comes_to_one_spelling(written: str, spelled: str) -> None:
    assert speller().spell(written).text == spelled


def test_a_stretch_is_quoted_as_it_was_written() -> None:
    spoken = speller().spell("喂，覅 打来 哉")
    assert spoken.text == "不要打来了"
    assert spoken.quote(0, 2) == "覅"
    assert spoken.quote(2, 5) == "打来 哉"


def test_a_stutter_is_heard_once() -> None:
    spoken = speller().spell("我我摔 摔了")
    assert spoken.stuttered
    assert spoken.fluent().text == "我摔了"
    assert spoken.fluent().quote(1, 3) == "摔 摔了"


def test_a_trie_finds_words_within_words() -> None:
    trie = Trie({"不": 1, "不舒服": 2, "舒服": 3})
    assert list(trie.find("我不舒服")) == [(1, 2, 1), (1, 4, 2), (2, 4, 3)]


def test_a_trie_takes_no_empty_word() -> None:
    with pytest.raises(ValueError, match="empty"):
        Trie({"": 1})


def test_the_longest_words_win_and_of_equals_the_first() -> None:
    found = [(0, 2, "a"), (1, 4, "b"), (4, 6, "c"), (5, 7, "d")]
    assert longest(found, 7) == [(1, 4, "b"), (4, 6, "c")]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("ab?c", ("a", "c")),
        ("(?:ab|cd)(?!x)e", ("ac", "e")),
        ("[ab]{0,2}c+?", ("c",)),
        ("(.{0,8}?)a[^b]c", ("a", "c")),
        ("ab|cd", ("ac",)),
        ("(?:a|b?c)d$", ("abc", "d")),
        ("(?:a?)b", ("b",)),
        ("(?<!x)(?:a(?:b|c))*d", ("d",)),
    ],
)
def test_a_pattern_needs_the_beginnings_of_what_cannot_be_left_out(pattern: str, needed: tuple[str, ...]) -> None:
    assert needs(pattern) == tuple(frozenset(characters) for characters in needed)


def test_a_bracket_that_is_not_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        needs("a(?:b")


def test_patterns_are_made_of_classes_and_gaps() -> None:
    assert expand("{a}~3{b}~", {"a": "(?:x)", "b": "(?:y)"}) == "(?:x)(.{0,3}?)(?:y)(.{0,8}?)"
    with pytest.raises(ValueError, match="'nobody'"):
        expand("{nobody}", {})


def test_spans_know_what_they_cover_and_where_they_meet() -> None:
    spans = Spans([(2, 5), (7, 8)])
    assert spans.cover(3, 5)
    assert not spans.cover(4, 6)
    assert spans.start_at(7)
    assert spans.end_at(5)
    assert marked(4, [(1, 3)]) == b"\x00\x01\x01\x00"
