"""The nine rules of negation and risk words, the colliding pairs, and what a question makes of an answer."""

import pytest

from ivr.understanding import load_understanding
from speech.understanding import Meaning


def understand(text: str, question: str | None = None) -> Meaning:
    return load_understanding("zh_CN").understand(text, question)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不舒服", "unwell"),
        ("舒服", "fine"),
        ("没事情", "fine"),
        ("不要紧", "fine"),
        ("不用", "no"),
        ("没水了", "repair"),
    ],
)
def test_the_longest_phrase_is_the_one_that_was_said(text: str, intent: str) -> None:
    assert understand(text).intent == intent


@pytest.mark.parametrize("text", ["起不来", "喘不上", "吃不下", "说不清", "动不了", "抬不起来", "咽不下"])
def test_what_somebody_cannot_do_is_a_symptom_and_no_denial(text: str) -> None:
    meaning = understand(f"我{text}")
    assert meaning.risk is not None
    assert not meaning.negated


@pytest.mark.parametrize("text", ["不好意思", "差不多", "不知道", "要不要来", "是不是这样"])
def test_words_that_only_look_like_a_denial_mean_nothing(text: str) -> None:
    assert understand(text) == Meaning()


def test_an_intensifier_is_no_denial() -> None:
    meaning = understand("我头疼得不得了")
    assert (meaning.risk, meaning.negated) == ("red", False)


@pytest.mark.parametrize(
    ("wu", "mandarin"),
    [
        ("勿舒服", "不舒服"),
        ("弗要", "不要"),
        ("呒没", "没有"),
        ("覅", "不要"),
        ("气透勿过来", "气透不过来"),
        ("摔跤哉", "摔跤了"),
    ],
)
def test_wu_negations_are_mandarin_ones(wu: str, mandarin: str) -> None:
    spoken, expected = understand(wu), understand(mandarin)
    assert (spoken.intent, spoken.risk, spoken.negated) == (expected.intent, expected.risk, expected.negated)


@pytest.mark.parametrize("word", ["有", "用", "要", "是"])
def test_one_character_counts_only_as_the_whole_answer(word: str) -> None:
    assert understand(word).intent == "yes"
    assert understand(f"{word}啊").intent == "yes"
    assert understand(f"那边{word}一棵树").intent is None


@pytest.mark.parametrize(
    ("text", "intent"), [("没药了", "medicine"), ("没水了", "repair"), ("没电了", "repair"), ("没菜了", "meals")]
)
def test_running_out_is_a_request(text: str, intent: str) -> None:
    meaning = understand(text)
    assert (meaning.intent, meaning.negated) == (intent, False)


def test_medicine_that_runs_out_is_seen_to_the_same_day() -> None:
    assert understand("降压药快吃完了").risk == "yellow"
    assert understand("帮我配点降压药").risk is None


@pytest.mark.parametrize("text", ["我跌倒了没事", "胸口痛，没事的", "没有发烧，胸口痛得厉害", "都好，哎哟喘不上气了"])
def test_a_danger_that_is_not_denied_wins_over_everything(text: str) -> None:
    assert understand(text).risk == "red"


def test_a_fall_that_is_waved_away_is_acted_upon() -> None:
    assert understand("我跌倒了没事") == Meaning("fell", "red", matched=("我跌倒了", "没事"))


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("不用叫救护车", "red"),
        ("昨天摔了", "orange"),
        ("没事就是胸闷", "red"),
        ("不是不舒服", "yellow"),
        ("我没有胸闷", "red"),
        ("没有没有胸闷", "red"),
        ("如果我晕倒了怎么办", "red"),
        ("我怕摔跤", "orange"),
        ("隔壁老王昏倒了", "red"),
        ("会不会是中风", "red"),
    ],
)
def test_a_danger_in_doubt_waits_for_a_key_and_keeps_its_grade(text: str, risk: str) -> None:
    meaning = understand(text)
    assert (meaning.risk, meaning.confirm) == (risk, True)


@pytest.mark.parametrize("text", ["不用叫救护车", "没有胸闷", "不是不舒服", "没有没有胸闷", "胸口不痛", "胸闷没有的"])
def test_a_denied_danger_is_marked_as_negated(text: str) -> None:
    assert understand(text).negated


@pytest.mark.parametrize(
    "text", ["老伴昏倒了", "不小心摔了一跤", "没站稳跌了一跤", "昨天摔的，现在还起不来", "家里没人，我胸口痛"]
)
def test_these_are_no_doubts(text: str) -> None:
    assert not understand(text).confirm


PAIRS = [
    "摔了",
    "睡了",
    "心闷",
    "胸闷",
    "新闻",
    "腰疼",
    "要听",
    "没吃",
    "没事",
    "发烧",
    "打扫",
    "跌倒了",
    "别打了",
    "我要帮忙",
    "我要报名",
]


@pytest.mark.parametrize("text", PAIRS)
def test_either_side_of_a_colliding_pair_asks_for_a_key(text: str) -> None:
    assert understand(text).confirm
    assert understand(f"嗯 {text}呀").confirm


@pytest.mark.parametrize("text", ["我想听新闻", "请人打扫卫生", "我要报名书法班", "想请你们帮个忙", "真的没什么事情"])
def test_more_words_leave_no_collision(text: str) -> None:
    assert not understand(text).confirm


@pytest.mark.parametrize(
    ("question", "text", "risk", "confirm"),
    [
        (None, "难受", "yellow", False),
        ("menu", "难受", "red", False),
        ("checkin_health", "难受", "red", False),
        ("checkin_health", "都好", None, False),
        ("checkin_health", "没有", "yellow", True),
        ("checkin_falls", "没有", None, False),
        ("checkin_falls", "有", "orange", True),
        ("checkin_falls", "没摔", "orange", True),
        ("checkin_falls", "嗯", "orange", True),
        ("checkin_meals", "吃不下", "yellow", False),
        ("checkin_meals", "正常", None, False),
        ("checkin_help", "不用", None, False),
        ("checkin_mood", "不好", "yellow", False),
        ("checkin_medicine", "没有了", "yellow", False),
        ("checkin_medicine", "够的", None, False),
        ("a question nobody knows", "都好", None, False),
    ],
)
def test_an_answer_means_what_the_question_makes_of_it(
    question: str | None, text: str, risk: str | None, confirm: bool
) -> None:
    meaning = understand(text, question)
    assert (meaning.risk, meaning.confirm) == (risk, confirm)


def test_malaise_beside_a_request_at_the_menu_asks_for_a_key_and_an_ailment_does_not() -> None:
    assert understand("不舒服，想配点药", "menu") == Meaning("unwell", "red", True, matched=("不舒服", "配点药"))
    assert understand("膝盖痛，想配点药", "menu") == Meaning("medicine", "yellow", matched=("膝盖痛", "配点药"))


@pytest.mark.parametrize("text", ["好的，就是腿有点那个", "还好，不过老是想吃冷的", "蛮好，除了夜里"])
def test_fine_with_a_but_is_not_believed(text: str) -> None:
    assert understand(text, "checkin_health").confirm


def test_the_last_correction_is_what_is_wanted() -> None:
    assert understand("我要听新闻，不对不对，我要配药").intent == "medicine"
    assert understand("我胸口痛，不对不对，我要听新闻").risk == "red"


@pytest.mark.parametrize("text", ["不要听新闻", "不想参加活动", "不用送饭了"])
def test_a_wish_that_is_turned_down_is_a_no(text: str) -> None:
    meaning = understand(text)
    assert (meaning.intent, meaning.negated) == ("no", True)


@pytest.mark.parametrize("text", ["一", "二", "四", "1", "2", "十"])
def test_spoken_digits_are_no_keys(text: str) -> None:
    assert understand(text, "menu") == Meaning()


def test_what_matched_is_quoted_as_it_stands_and_in_order() -> None:
    assert understand("喂 我 胸口 那个 痛，要１２０").matched == ("胸口 那个 痛", "要１２０")


@pytest.mark.parametrize("text", ["在菜地里滑了了一跤", "半半边边身子麻麻", "拨拨一下一二二零"])
def test_a_stutter_hides_no_danger(text: str) -> None:
    assert understand(text).risk in ("red", "orange")


@pytest.mark.parametrize("text", ["我想听听骨折的讲座", "着火的新闻讲给我听听", "有没有心梗的知识", "中风的补贴找谁领"])
def test_the_subject_of_a_talk_is_no_danger(text: str) -> None:
    meaning = understand(text)
    assert (meaning.risk, meaning.confirm) == (None, False)
