import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.wording import LONGEST_PHRASE, LONGEST_TEXT, PAUSES_S, characters, phrases, spoken_form


def said(text: str) -> list[str]:
    return [phrase.text + phrase.mark for phrase in phrases(text)]


def test_a_text_is_cut_where_one_breathes() -> None:
    assert said("身体难受、有急事，请按1。") == ["身体难受、", "有急事，", "请按一。"]


def test_pauses_between_phrases_are_those_that_old_ears_need() -> None:
    assert all(0.4 <= pause_s <= 0.7 for pause_s in PAUSES_S.values())
    assert [phrase.pause_s for phrase in phrases("一，二。三")] == [PAUSES_S["，"], PAUSES_S["。"], 0.15]


def test_a_run_of_marks_is_one_pause_and_the_longest_of_them() -> None:
    assert said("好，。！？好") == ["好。", "好"]
    assert spoken_form("。，好") == "好"


def test_a_long_run_of_words_is_cut() -> None:
    cut = phrases("啊" * 100)
    assert [len(phrase.text) for phrase in cut] == [30, 30, 30, 10]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("", ""),
        ("。。。", ""),
        ("😀", ""),
        ("\x00\x07\x1b[31m", "三十一米"),
        ("你好😀", "你好"),
        ("王㛃", "王㛃"),
        ("𠮷野", "吉野"),
        ("王\U00030000", "王"),
        ("兒子", "儿子"),
        ("《彩虹桥》（第3期）", "彩虹桥，第三期，"),
        ("Hello, world. 好", "Hello，world。好"),
        ("第一行\r\n第二行", "第一行。第二行"),
        ("[[x]]", "x"),
        ("老 干 部", "老干部"),
        ("\ud800", ""),
    ],
)
def test_what_cannot_be_said_is_left_out(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


def test_a_text_without_end_is_cut_and_says_so() -> None:
    spoken = spoken_form("今天天气很好，大家都来。" * 1000)
    assert len(spoken) < LONGEST_TEXT + 30
    assert spoken.endswith("内容太长，后面的请问工作人员。")


@given(st.text(max_size=300))
def test_every_phrase_is_short_and_free_of_marks(text: str) -> None:
    for phrase in phrases(text):
        assert 0 < len(phrase.text) <= LONGEST_PHRASE
        assert not set(phrase.text) & {*PAUSES_S, "[", "]", "\n"}


def test_a_speech_rate_counts_what_is_said() -> None:
    assert characters("请按1。") == 3
    assert characters("请拨120，谢谢") == 7
