"""What the records call things about help requests, in the words of the office."""

import re
from collections.abc import Mapping
from typing import Final

from care_records.console.languages import gettext, lazy_gettext
from care_records.models.requests import RequestStatus, Urgency

STATUSES: Final[Mapping[str, str]] = {
    RequestStatus.OPEN: lazy_gettext("待接手"),
    RequestStatus.TAKEN: lazy_gettext("正在办"),
    RequestStatus.RESOLVED: lazy_gettext("等着回访"),
    RequestStatus.CLOSED: lazy_gettext("已办结"),
}
URGENCIES: Final[Mapping[str, str]] = {
    Urgency.NORMAL: lazy_gettext("一般"),
    Urgency.YELLOW: lazy_gettext("当天办"),
    Urgency.ORANGE: lazy_gettext("很急"),
    Urgency.RED: lazy_gettext("紧急"),
}
CATEGORIES: Final[Mapping[str, str]] = {
    "emergency": lazy_gettext("急事"),
    "unwell": lazy_gettext("身体不舒服"),
    "fell": lazy_gettext("摔倒了"),
    "self_harm": lazy_gettext("心里很难过"),
    "medicine": lazy_gettext("配药、问药"),
    "transport": lazy_gettext("看病、用车"),
    "medical": lazy_gettext("看病配药用车"),
    "repair": lazy_gettext("修东西"),
    "cleaning": lazy_gettext("打扫"),
    "meals": lazy_gettext("送饭、买菜"),
    "home": lazy_gettext("家务"),
    "company": lazy_gettext("陪着说话"),
    "contribute": lazy_gettext("想出点力"),
    "activities": lazy_gettext("参加活动"),
    "proxy": lazy_gettext("替家人来电"),
    "callback": lazy_gettext("要回电话"),
    "person": lazy_gettext("找工作人员"),
    "silent": lazy_gettext("电话里没有声音"),
    "unclear": lazy_gettext("没有听清"),
    "check_in": lazy_gettext("问候没有问到"),
    "wellbeing": lazy_gettext("吃饭、睡觉不太好"),
    "bad_number": lazy_gettext("电话打不通"),
    "other": lazy_gettext("其他"),
}
BY_HAND: Final = "by_hand"
"""Why a request was opened that a member of staff wrote down."""
REASONS: Final[Mapping[str, str]] = {
    BY_HAND: lazy_gettext("工作人员登记"),
    "menu_urgent": lazy_gettext("按了急事的键"),
    "heard": lazy_gettext("听到了危险的话"),
    "risk_confirmed": lazy_gettext("问过，确认有危险"),
    "risk_unanswered": lazy_gettext("问到危险，没有回答"),
    "hung_up_in_risk": lazy_gettext("问到危险时挂机"),
    "standby_help": lazy_gettext("等人时按了急事的键"),
    "message": lazy_gettext("留了言"),
    "spoken": lazy_gettext("在电话里说的"),
    "sign_up": lazy_gettext("报名参加活动"),
    "nobody_answered": lazy_gettext("找工作人员，没人接到"),
    "hung_up_in_help": lazy_gettext("没有讲完就挂机"),
    "hung_up_ringing": lazy_gettext("等人时挂机"),
    "silent": lazy_gettext("没有声音"),
    "checkin_health": lazy_gettext("问候时说身体不好"),
    "checkin_falls": lazy_gettext("问候时说摔过跤"),
    "checkin_meals": lazy_gettext("问候时说吃饭睡觉不好"),
    "checkin_mood": lazy_gettext("问候时说心情不好"),
    "checkin_medicine": lazy_gettext("问候时说药不够"),
    "checkin_help": lazy_gettext("问候时说要人帮忙"),
    "checkin_relative": lazy_gettext("家属说不好"),
    "relative_answered": lazy_gettext("家属代答"),
    "refused": lazy_gettext("不愿接听"),
    "wrong_number": lazy_gettext("号码不是本人的"),
    "answered_but_silent": lazy_gettext("接了电话没有声音"),
    "not_understood": lazy_gettext("没有听清"),
    "recovered": lazy_gettext("从记录里补上"),
}
EVENTS: Final[Mapping[str, str]] = {
    "opened": lazy_gettext("开了单"),
    "changed": lazy_gettext("有变动"),
    "confirmed": lazy_gettext("本人确认"),
    "message": lazy_gettext("留言"),
    "transfer": lazy_gettext("转接"),
    "taken": lazy_gettext("接了手"),
    "assigned": lazy_gettext("转交给"),
    "note": lazy_gettext("备注"),
    "resolved": lazy_gettext("办结"),
    "followed_up": lazy_gettext("回访"),
    "reopened": lazy_gettext("重新打开"),
    "joined": lazy_gettext("合并"),
}
SATISFACTION: Final[Mapping[int, str]] = {
    5: lazy_gettext("很满意"),
    4: lazy_gettext("满意"),
    3: lazy_gettext("一般"),
    2: lazy_gettext("不满意"),
    1: lazy_gettext("很不满意"),
}
_COLUMNS: Final[Mapping[str, str]] = {
    "category": lazy_gettext("类别"),
    "matter": lazy_gettext("事项"),
    "urgency": lazy_gettext("紧急程度"),
    "transcript": lazy_gettext("说的话"),
}
_LISTED: Final = re.compile(r"(?:^|, )([a-z_]+)=")


def urgency_kind(urgency: Urgency) -> str:
    """How the badge of an urgency looks: red is for alarms only."""
    return {Urgency.RED: "alarm", Urgency.ORANGE: "look", Urgency.YELLOW: "look"}.get(urgency, "calm")


def told(kind: str, note: str) -> str:
    """A line of history in words: the line writes what has changed as `column=value`, and why it opened as a code."""
    if kind == "opened":
        return str(REASONS.get(note, note))
    if kind not in ("changed", "message", "confirmed"):
        return note
    parts = _LISTED.split(note)
    named = [(_COLUMNS[name], value) for name, value in zip(parts[1::2], parts[2::2], strict=True) if name in _COLUMNS]
    return gettext("；").join(f"{title}：{_value(value)}" for title, value in named)


def _value(value: str) -> str:
    return str({**CATEGORIES, **URGENCIES}.get(value, value))
