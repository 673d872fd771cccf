"""What staff read, and officers hear, about a check-in that has become theirs."""

from typing import Final

from care_records.models.requests import Urgency

MATTERS: Final = {
    "no_answer": "问候电话没有人接",
    "silent": "问候电话接通了，没有人说话",
    "unclear": "问候电话里说的没有听清",
    "concern": "问候电话里说有不好的情况",
    "relative_fine": "问候电话由家属代答平安，请再问候本人",
    "refused": "不愿意接问候电话",
    "later": "几次请我们晚些再打问候电话",
    "bad_number": "登记的电话号码打不通，请核对号码并问候本人",
    "no_number": "没有可以拨打的电话号码，请另外想办法问候",
    "no_time": "今天的问候电话没有打成，请联系本人",
    "not_wanted": "问候电话已不再打给本人，今天这一次请人工处理",
    "paused": "问候电话已暂停，今天这一次请人工处理",
}
"""By the reason for which it was handed over."""

A_BAD_NUMBER: Final = "登记的一个电话号码打不通，请核对"
STILL_NO_ANSWER: Final = "问候电话又打过了，还是没有人接。"

_URGENCIES: Final = {Urgency.RED: "紧急", Urgency.ORANGE: "尽快", Urgency.YELLOW: "当天", Urgency.NORMAL: "一般"}


def alarm(number: str, urgency: Urgency, person: str | None, matter: str, *, again: bool) -> str:
    """The message to each officer when an alarm begins; `again`: it was taken, and not resolved in time."""
    about = f"工单{number}（{_URGENCIES[urgency]}）{person or '来电人'}：{matter}。"
    return f"【彩虹桥】{about}{'还没有办结。' if again else ''}请接听热线来电，按1接手。"
