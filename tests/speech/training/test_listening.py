"""What was heard is judged as the line would act on it."""

import pytest

pytest.importorskip("pypinyin")

from speech.training.listening import Case, Heard, confusions, interval, score, spelt

INTENTS = {"救命": "emergency", "快来人": "emergency", "都好": "fine", "不用": "no"}
CASES = [Case(text, None) for text in ("救命", "救命", "都好", "不用")]
HEARD = [Heard(("救命",), 1.0), Heard(("快来人",), 0.7), Heard(("不用",), 0.6), Heard((), 0.0)]


def test_phrases_are_cut_into_the_fewest_words():
    words = {"我", "要", "我要", "帮忙", "帮", "忙", "要帮"}
    assert spelt("我要帮忙", words.__contains__) == ["我要", "帮忙"]
    assert spelt("我要走", words.__contains__) is None
    assert spelt("我", words.__contains__) == ["我"]


def test_an_intent_may_be_right_where_the_phrase_is_not():
    result = score(CASES, HEARD, INTENTS)
    assert (result.phrase_right, result.intent_right) == (0.25, 0.5)
    assert (result.wrong_intent, result.rejected) == (0.25, 0.25)


def test_a_threshold_turns_doubt_into_nothing_heard():
    result = score(CASES, HEARD, INTENTS, threshold=0.65)
    assert (result.intent_right, result.wrong_intent, result.rejected) == (0.5, 0.0, 0.5)


def test_foreign_speech_counts_as_accepted_or_not():
    cases = [Case(None, None)] * 2
    assert score(cases, [Heard(("救命",), 0.9), Heard((), 0.0)], INTENTS).accepted == 0.5


def test_a_table_says_what_became_of_each_intent():
    heard = [*HEARD[:2], Heard(("都好", "不用"), 1.0), HEARD[3]]
    assert confusions(CASES, heard, INTENTS, 0.5) == {
        "emergency": {"emergency": 2},
        "fine": {"several": 1},
        "no": {"nothing": 1},
    }


@pytest.mark.parametrize(("share", "cases"), [(0.0, 10), (1.0, 50), (0.8, 100)])
def test_an_interval_holds_its_share(share, cases):
    low, high = interval(share, cases)
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0.03


def test_no_cases_prove_nothing():
    assert interval(0.0, 0) == (0.0, 1.0)
