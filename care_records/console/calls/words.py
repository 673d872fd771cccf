"""What the records call things about calls, in the words of the office."""

from collections.abc import Mapping
from typing import Final

from care_records.console.languages import lazy_gettext

PURPOSES: Final[Mapping[str, str]] = {
    "inbound": lazy_gettext("来电"),
    "check_in": lazy_gettext("问候通话"),
    "escalation": lazy_gettext("叫人的电话"),
}

OUTCOMES: Final[Mapping[str, str]] = {
    "urgent_unanswered": lazy_gettext("有急事，没人接到"),
    "urgent_put_through": lazy_gettext("有急事，已接通"),
    "hung_up_in_risk": lazy_gettext("问到危险时挂机"),
    "request_confirmed": lazy_gettext("已登记，本人确认"),
    "request_unconfirmed": lazy_gettext("已登记，没有确认"),
    "message_left": lazy_gettext("留了言"),
    "callback_promised": lazy_gettext("答应回电"),
    "put_through": lazy_gettext("接通工作人员"),
    "listened": lazy_gettext("听了彩虹桥"),
    "said_goodbye": lazy_gettext("道了再见"),
    "hung_up_in_menu": lazy_gettext("没有说事就挂机"),
    "hung_up_in_help": lazy_gettext("没有讲完就挂机"),
    "hung_up_ringing": lazy_gettext("等人时挂机"),
    "fine": lazy_gettext("平安"),
    "relative_fine": lazy_gettext("家属代答"),
    "concern": lazy_gettext("需要跟进"),
    "silent": lazy_gettext("没有声音"),
    "unclear": lazy_gettext("没有听清"),
    "refused": lazy_gettext("不愿接听"),
    "later": lazy_gettext("请过一会儿再打"),
    "hung_up": lazy_gettext("中途挂机"),
    "machine": lazy_gettext("电话助手接听"),
    "case_taken": lazy_gettext("有人接手"),
    "case_resolved": lazy_gettext("说已办结"),
    "case_not_taken": lazy_gettext("没有接手"),
}
ALARMING: Final = frozenset({"urgent_unanswered", "urgent_put_through", "hung_up_in_risk"})
GOOD: Final = frozenset({"fine", "request_confirmed", "put_through", "listened", "case_taken", "case_resolved"})

STATUSES: Final[Mapping[str, str]] = {
    "queued": lazy_gettext("等着拨出"),
    "initiated": lazy_gettext("等着拨出"),
    "ringing": lazy_gettext("正在响铃"),
    "in-progress": lazy_gettext("通话中"),
    "completed": lazy_gettext("已经结束"),
    "busy": lazy_gettext("占线"),
    "failed": lazy_gettext("没有接通"),
    "no-answer": lazy_gettext("没有人接"),
    "canceled": lazy_gettext("已经取消"),
}

ANSWERS: Final[Mapping[str, str]] = {
    "silence": lazy_gettext("没有声音"),
    "hangup": lazy_gettext("挂机了"),
    "machine_answered": lazy_gettext("是电话助手"),
    "transfer_result": lazy_gettext("转接结束"),
    "key": lazy_gettext("按了键"),
    "utterance": lazy_gettext("说了话"),
}

TRANSFERS: Final[Mapping[str, str]] = {
    "answered": lazy_gettext("已接通"),
    "busy": lazy_gettext("占线"),
    "no_answer": lazy_gettext("无人接听"),
    "failed": lazy_gettext("未接通"),
    "caller_left": lazy_gettext("来电人已挂机"),
}


def outcome_kind(outcome: str | None) -> str:
    """How the badge of an outcome looks."""
    if outcome in ALARMING:
        return "look"
    return "good" if outcome in GOOD else "calm"
