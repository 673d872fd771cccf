"""Numbers, dates, times and telephone numbers as they are said in Chinese.

A voice is given nothing that it has to guess at: 120 is 幺二零 as a number to dial and 一百二十 with a measure word.
"""

import re
from collections.abc import Callable
from typing import Final

DIGITS: Final = "零一二三四五六七八九"
DIALLED: Final = "零幺二三四五六七八九"
LARGEST: Final = 8
"""A longer run of digits is an identifier and is read digit by digit."""

_COUNTED_IN_LIANG = "个位名人天周年小点分秒块元条件次遍种本张片粒颗袋瓶盒支只把辆台套份户家届步米公里斤吨"
_MEASURES = _COUNTED_IN_LIANG + "岁月日号楼层钟角毛期厘毫升克亩度级倍%万亿"
_UNITS: Final = {
    "mmHg": "毫米汞柱",
    "km": "公里",
    "kg": "公斤",
    "cm": "厘米",
    "mm": "毫米",
    "mg": "毫克",
    "ml": "毫升",
    "℃": "摄氏度",
    "m": "米",
    "g": "克",
}
_SHORT_NUMBERS = r"110|119|120|122|114|123\d\d|95\d{3}|96\d{3,4}"

_START = r"(?<![\d.])"
_END = r"(?!\d)"


def cardinal(number: int) -> str:
    """0 <= number < 10**8, in words: 10 is 十, 102 is 一百零二, 2000 is 两千."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return ("两" if high == 2 else cardinal(high)) + "万" + (gap + _below_myriad(low) if low else "")
    words = _below_myriad(number)
    return words[1:] if words.startswith("一十") else words


def _below_myriad(number: int) -> str:
    if number < 10:
        return DIGITS[number]
    size, unit = next(pair for pair in ((1000, "千"), (100, "百"), (10, "十")) if number >= pair[0])
    high, low = divmod(number, size)
    first = "两" if high == 2 and size > 10 else DIGITS[high]
    gap = "零" if 0 < low < size // 10 else ""
    return first + unit + (gap + _below_myriad(low) if low else "")


def digits(number: str) -> str:
    return "".join(DIGITS[int(digit)] for digit in number)


def dialled(number: str) -> str:
    """A number that is dialled, or stands on a door: one by one, with 幺 for 1."""
    return "".join(DIALLED[int(digit)] for digit in number if digit.isdigit())


def _whole(number: str) -> str:
    identifier = len(number) > LARGEST or (number.startswith("0") and len(number) > 1)
    return digits(number) if identifier else cardinal(int(number))


def _decimal(number: str) -> str:
    whole, point, fraction = number.partition(".")
    return _whole(whole) + ("点" + digits(fraction) if point else "")


def _mobile(match: re.Match[str]) -> str:
    number = re.sub(r"\D", "", match[1])
    return f"{dialled(number[:3])}，{dialled(number[3:7])}，{dialled(number[7:])}"


def _landline(match: re.Match[str]) -> str:
    area, local, extension = match.groups()
    local = re.sub(r"\D", "", local)
    spoken = "，".join(dialled(part) for part in (area, local[:-4], local[-4:]) if part)
    return f"{spoken}转{dialled(extension)}" if extension else spoken


def _date(match: re.Match[str]) -> str:
    year, month, day = match[1], int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{digits(year)}年{cardinal(month)}月{cardinal(day)}日"


def _time(match: re.Match[str]) -> str:
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    if hour > 24 or minute > 59:
        return match[0]
    spoken = ("两" if hour == 2 else cardinal(hour)) + "点"
    if minute or second:
        spoken += _sixty(minute) + "分"
    return spoken + _sixty(int(second)) + "秒" if second else spoken


def _sixty(value: int) -> str:
    return ("零" if 0 < value < 10 else "") + cardinal(value)


def _fraction(match: re.Match[str]) -> str:
    upper, lower = match[1], match[2]
    part = len(upper) <= LARGEST and len(lower) <= LARGEST and 0 < int(upper) < int(lower)
    return f"{_whole(lower)}分之{_whole(upper)}" if part else f"{_whole(upper)}，{_whole(lower)}"


def _counted(match: re.Match[str]) -> str:
    number, following = match[1], match[2]
    return "两" + following if number == "2" else _decimal(number) + following


_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _rules() -> tuple[_Rule, ...]:
    """In order: what a rule has put into words no longer has digits for the rules after it."""
    dial_words = r"((?:拨|打|电话|热线|号码|手机|致电|呼叫)[打叫是为：:]?\s*)"
    listed: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
        (r"(?<=\d)：(?=\d)", ":"),
        (rf"{_START}(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})[日号]?{_END}", _date),
        (rf"{_START}(\d{{4}})(?=(?:[-~]\d{{4}})?年)", lambda m: digits(m[1])),
        (rf"{_START}(\d{{1,2}}):(\d\d)(?::(\d\d))?{_END}", _time),
        (rf"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}){_END}", _mobile),
        (rf"(?<!\d)(0\d{{2,3}})[- ]?(\d{{7,8}})(?:[-转](\d{{1,6}}))?{_END}", _landline),
        (rf"(?<!\d)([48]00)[- ]?(\d{{3,4}}[- ]?\d{{3,4}})(){_END}", _landline),
        (rf"{_START}(\d{{3,4}})(\d{{4}})(){_END}(?![\d.{_MEASURES}])", _landline),
        (rf"(?<=转)(\d{{1,6}}){_END}", lambda m: dialled(m[1])),
        (rf"\+(\d{{6,15}}){_END}", lambda m: dialled(m[1])),
        (rf"{dial_words}(\d{{3,}}){_END}(?![{_MEASURES}])", lambda m: m[1] + dialled(m[2])),
        (rf"(?<![\d.压约共满第])({_SHORT_NUMBERS})(?![\d./{_MEASURES}])", lambda m: dialled(m[1])),
        (rf"{_START}(\d+(?:-\d+)+)(?=[室房号])", lambda m: "杠".join(map(dialled, m[1].split("-")))),
        (rf"{_START}(\d{{3,4}})(?=[室房])", lambda m: dialled(m[1])),
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?<=[\d零一二三四五六七八九十点分日号月年%元岁])\s*[-~]\s*(?=[\d零一二三四五六七八九十两])", "到"),
        (r"(?<![\d\w])-(\d+(?:\.\d+)?)(?=度|℃)", lambda m: "零下" + _decimal(m[1])),
        (rf"{_START}(\d+(?:\.\d+)?)%", lambda m: "百分之" + _decimal(m[1])),
        (rf"{_START}(\d+)/(\d+){_END}", _fraction),
        *((rf"(?<=\d){re.escape(unit)}(?![A-Za-z])", word) for unit, word in _UNITS.items()),
        (rf"(?<![\d.第])(\d+)([{_COUNTED_IN_LIANG}])(?!楼)", _counted),
        (r"(\d+(?:\.\d+)?)", lambda m: _decimal(m[1])),
    )
    return tuple((re.compile(pattern), spoken) for pattern, spoken in listed)


_RULES = _rules()


def in_words(text: str) -> str:
    """`text` (ASCII digits) with every number in words. A date or time that cannot be is read as plain numbers."""
    for pattern, spoken in _RULES:
        text = pattern.sub(spoken, text)
    return text
