"""Dates as they are read out. The voice says the numbers; here they become what people would say."""

from datetime import datetime

WEEKDAYS = "一二三四五六日"


def moment(at: datetime) -> str:
    """A local time as people say it: 11月23日，星期一，下午2点半."""
    return f"{at.month}月{at.day}日，星期{WEEKDAYS[at.weekday()]}，{_part_of_day(at.hour)}{_clock(at)}"


def _part_of_day(hour: int) -> str:
    parts = ((6, "清早"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    return next(name for before, name in parts if hour < before)


def _clock(at: datetime) -> str:
    hour = at.hour if at.hour <= 12 else at.hour - 12
    return f"{hour}点" + {0: "", 30: "半"}.get(at.minute, f"{at.minute:02}分")
