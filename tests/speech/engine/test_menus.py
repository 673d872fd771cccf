"""Each of the line's menus, answered by a synthetic caller through a mu-law telephone band, and understood."""

import json
from collections.abc import Callable
from functools import cache

import pytest

from ivr.understanding import load_understanding, read_phrases
from prompts import load_catalogue
from speech.engine import Engine
from speech.grammars import phrases_for

Say = Callable[[str], bytes]

ANSWERS = {
    "menu": {
        "我要帮忙": "help", "救命啊": "emergency", "听新闻": "news", "胸口疼": "red_flag", "我摔倒了": "fell",
        "转人工": "human", "再说一遍": "repeat", "送我去医院": "transport", "水龙头坏了": "repair",
        "老年大学": "activities",
    },
    "listen_menu": {"听新闻": "news", "有什么活动": "activities", "找工作人员": "human"},
    "bulletin": {"听不清楚": "repeat", "不用了": "no", "可以的": "yes", "慢点说": "repeat"},
    "activity": {"我要报名": "activities", "不要了": "no", "头疼得厉害": "red_flag"},
    "help_category": {"买药": "medicine", "打扫卫生": "cleaning", "送饭上门": "meals", "帮我挂号": "transport"},
    "help_readback": {"是的": "yes", "不对": "no", "等一下": "wait", "喘不过气": "red_flag"},
    "more": {"没别的了": "bye", "谢谢你们": "bye", "我有事": "help", "不舒服": "unwell"},
    "risk_confirm": {"叫救护车": "emergency", "可以的": "yes", "没什么事": "fine", "起不来了": "fell"},
    "urgent_wait": {"快来人": "emergency", "等一等": "wait", "不想活了": "self_harm"},
    "standby": {"帮帮我": "help", "再见": "bye"},
    "checkin_identity": {"我是他女儿": "proxy", "你打错了": "proxy", "是的": "yes"},
    "checkin_health": {"都好的": "fine", "难受": "unwell", "头晕": "unwell", "没什么不舒服": "fine"},
    "checkin_falls": {"没有": "no", "跌了一跤": "fell", "没有的": "no"},
    "checkin_meals": {"吃不下饭": "unwell", "睡不着": "unwell", "都正常": "fine"},
    "checkin_help": {"不用麻烦了": "no", "配药": "medicine", "找个保姆": "cleaning"},
    "checkin_mood": {"一个人闷": "company", "陪我说说话": "company", "蛮好的": "fine"},
    "checkin_medicine": {"药快吃完了": "medicine", "没药了": "medicine"},
}  # fmt: skip
DANGERS = {"emergency", "red_flag", "fell", "self_harm", "unwell"}
HARMLESS = {"fine", "no", "yes", "bye", "refuse"}


@cache
def phrases_of_the_line() -> dict[str, tuple[str, ...]]:
    content = json.loads((load_catalogue("zh_CN").folder / "phrases.json").read_text("utf-8"))
    return dict(read_phrases(content))


def answered(engine: Engine, say: Say, question: str) -> dict[str, tuple[str, str | None]]:
    """By what is said: what it means, and what the line takes it for."""
    name = f"all of {question}"
    engine.prepare(name, phrases_for(question, phrases_of_the_line()))
    understand = load_understanding("zh_CN").understand
    found: dict[str, tuple[str, str | None]] = {}
    for text, intent in ANSWERS[question].items():
        heard = engine.recognise(say(text), name).text
        found[text] = (intent, understand(heard, question).intent if heard else None)
    return found


@pytest.mark.parametrize("question", ANSWERS)
def test_a_menu_answered_by_voice_is_understood(engine: Engine, say: Say, question: str) -> None:
    found = answered(engine, say, question)
    missed = {text: pair for text, pair in found.items() if pair[0] != pair[1]}
    assert len(missed) <= 1, missed
    assert not any(meant in DANGERS and taken in HARMLESS for meant, taken in found.values()), missed


def test_nearly_every_answer_to_any_menu_is_understood(engine: Engine, say: Say) -> None:
    pairs = [pair for question in ANSWERS for pair in answered(engine, say, question).values()]
    right = sum(meant == taken for meant, taken in pairs)
    assert right / len(pairs) >= 0.95
