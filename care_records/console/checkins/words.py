"""What the records call things about check-ins, in the words of the office."""

from collections.abc import Mapping
from typing import Final

from care_records.console.calls.words import OUTCOMES
from care_records.console.languages import lazy_gettext
from care_records.console.today.board import BoardState
from care_records.models.check_ins import OutboundCallState
from care_records.models.people import Category, CheckInPlan

GLYPHS: Final[Mapping[BoardState, str]] = {
    BoardState.SILENT: "…",
    BoardState.FOLLOW_UP: "!",
    BoardState.UNREACHED: "×",
    BoardState.RELATIVE: "◐",
    BoardState.UNCALLED: "·",
    BoardState.PAUSED: "–",
    BoardState.FINE: "✓",
}
"""What stands for a state where there is room for one sign."""
RESULTS: Final[Mapping[str, str]] = {
    **OUTCOMES,
    "no_answer": lazy_gettext("没有人接"),
    "busy": lazy_gettext("占线"),
    "failed": lazy_gettext("没有接通"),
    "canceled": lazy_gettext("不用打了，没有拨出"),
    "bad_number": lazy_gettext("号码打不通"),
    "lost": lazy_gettext("拨出以后没有消息，按没有人接算"),
}
"""What a try came to."""
UNDER_WAY: Final[Mapping[OutboundCallState, str]] = {
    OutboundCallState.READY: lazy_gettext("等着拨出"),
    OutboundCallState.SENDING: lazy_gettext("正在拨"),
    OutboundCallState.PLACED: lazy_gettext("正在打"),
    OutboundCallState.UNCERTAIN: lazy_gettext("不知道有没有拨出去，正在核实"),
}
QUESTIONS: Final[Mapping[str, str]] = {
    "health": lazy_gettext("身体"),
    "falls": lazy_gettext("摔跤"),
    "meals": lazy_gettext("吃饭睡觉"),
    "help": lazy_gettext("要人帮忙"),
    "mood": lazy_gettext("心情"),
    "medicine": lazy_gettext("药够不够"),
    "relative": lazy_gettext("问家属"),
}
ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "falls": {"fine": lazy_gettext("没有"), "not_fine": lazy_gettext("摔了")},
    "help": {"fine": lazy_gettext("不用"), "not_fine": lazy_gettext("要帮忙")},
    "medicine": {"fine": lazy_gettext("够"), "not_fine": lazy_gettext("不够")},
}
_USUAL: Final[Mapping[str, str]] = {"fine": lazy_gettext("好"), "not_fine": lazy_gettext("不好")}
PLANS: Final[Mapping[CheckInPlan, str]] = {
    CheckInPlan.DAILY: lazy_gettext("每天"),
    CheckInPlan.THRICE_WEEKLY: lazy_gettext("每周三次（周一、三、五）"),
    CheckInPlan.WEEKLY: lazy_gettext("每周一次"),
    CheckInPlan.NONE: lazy_gettext("不打"),
}
CATEGORIES: Final[Mapping[Category, str]] = {
    Category.LIXIU: lazy_gettext("离休"),
    Category.TUIXIU: lazy_gettext("退休"),
}


def answer(question: str, given: str) -> str:
    """The answer to a question, in a word or two."""
    return ANSWERS.get(question, _USUAL).get(given, given)


def kind(state: BoardState) -> str:
    """How the badge of a state looks."""
    if state is BoardState.FINE:
        return "good"
    return "calm" if state in (BoardState.UNCALLED, BoardState.PAUSED) else "look"
