"""The numbers that a model is judged by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.evaluation.statistics import edits, share


def test_an_interval_is_wilsons() -> None:
    part = share(8, 10)
    assert part.value == 0.8
    assert (round(part.low, 4), round(part.high, 4)) == (0.4902, 0.9433)
    nothing = share(0, 20)
    assert (nothing.value, nothing.low, round(nothing.high, 4)) == (0.0, 0.0, 0.1611)


def test_none_of_none_says_nothing() -> None:
    assert (share(0, 0).value, share(0, 0).low, share(0, 0).high) == (None, 0.0, 1.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share_and_narrows_with_more(count: int, of: int) -> None:
    count = min(count, of)
    part, more = share(count, of), share(count * 10, of * 10)
    assert 0 <= part.low <= count / of <= part.high <= 1
    assert more.high - more.low < part.high - part.low


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("没事", "没事", 0),
        ("没事", "", 2),
        ("", "没事", 2),
        ("摔了", "睡了", 1),
        ("不舒服", "舒服", 1),
        ("我要帮忙", "我帮忙了", 2),
    ],
)
def test_edits_are_counted_in_characters(said: str, heard: str, count: int) -> None:
    assert edits(said, heard) == count


@given(st.text("一二三", max_size=6), st.text("一二三", max_size=6), st.text("一二三", max_size=6))
def test_edits_are_a_distance(a: str, b: str, c: str) -> None:
    assert edits(a, b) == edits(b, a)
    assert (edits(a, b) == 0) == (a == b)
    assert edits(a, c) <= edits(a, b) + edits(b, c)
