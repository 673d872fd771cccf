"""Dates and activities in the words in which they are read out."""

from datetime import datetime

DIGITS = "零一二三四五六七八九"
WEEKDAYS = "一二三四五六日"


def numeral(number: int) -> str:
    """0 to 99 in Chinese numerals: a voice cannot get those wrong."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def moment(at: datetime) -> str:
    """A local time as people say it: 十一月二十三日，星期一，下午两点半."""
    return (
        f"{numeral(at.month)}月{numeral(at.day)}日，星期{WEEKDAYS[at.weekday()]}，{_part_of_day(at.hour)}{_clock(at)}"
    )


def _part_of_day(hour: int) -> str:
    parts = ((6, "清早"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    return next(name for before, name in parts if hour < before)


def _clock(at: datetime) -> str:
    hour = at.hour if at.hour <= 12 else at.hour - 12
    spoken = ("两" if hour == 2 else numeral(hour)) + "点"
    if at.minute == 0:
        return spoken
    if at.minute == 30:
        return spoken + "半"
    return spoken + ("零" if at.minute < 10 else "") + numeral(at.minute) + "分"
