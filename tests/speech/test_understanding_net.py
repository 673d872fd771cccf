"""What nobody wrote a pattern for: the net of kinds of words, the scales, and how they are taught."""

from collections.abc import Sequence

import pytest

from ivr.understanding import load_understanding
from speech.understanding.learn import learn
from speech.understanding.net import Net
from speech.understanding.scales import features, weight
from speech.understanding.scan import Scanner


def caught(text: str) -> set[tuple[str, str | None]]:
    return {(hit.intent, hit.risk) for hit in Net().find(text)}


@pytest.mark.parametrize(
    ("text", "intent", "risk"),
    [
        ("脚趾头发黑", "red_flag", "red"),
        ("发黑了脚趾头", "red_flag", "red"),
        ("药片吃错", "red_flag", "red"),
        ("安定放在面前", "self_harm", "orange"),
        ("迷路", "emergency", "red"),
    ],
)
def test_kinds_of_words_close_together_are_a_danger_in_any_order(text: str, intent: str, risk: str) -> None:
    assert (intent, risk) in caught(text)


def test_kinds_of_words_far_apart_are_none() -> None:
    assert caught("脚趾头" + "一" * 30 + "发黑") == set()


def test_a_word_that_explains_everything_keeps_the_net_quiet() -> None:
    assert caught("起火")
    assert not caught("新闻里起火")


@pytest.mark.parametrize("text", ["脚趾头发黑", "老伴夜里自己跑出去找不着了", "早起梳头胳膊举到一半就掉下来了"])
def test_what_only_the_net_or_the_scales_find_asks_for_a_key(text: str) -> None:
    meaning = load_understanding("zh_CN").understand(text)
    assert (meaning.risk, meaning.confirm) == ("red", True)


@pytest.mark.parametrize("text", ["金鱼养死了", "柜子腿断了一只", "电视信号断断续续", "晚饭有没有红烧鱼"])
def test_they_leave_ordinary_wishes_alone(text: str) -> None:
    assert load_understanding("zh_CN").understand(text).risk is None


def test_the_scales_learn_what_tells_sentences_apart_and_learn_it_the_same_twice() -> None:
    labelled: Sequence[tuple[str, bool]] = [("甲乙", True), ("甲丙", True), ("丁乙", False), ("丁丙", False)]
    weights = learn(labelled, Scanner({}), Net())
    assert weight(weights, features("甲戊", ())) > 0 > weight(weights, features("丁戊", ()))
    assert learn(labelled, Scanner({}), Net()) == weights
