"""What a cell may hold: each parser turns its text into a value, or says in Chinese why it cannot."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from care_records.models.people import Category, CheckInPlan, Sex
from care_records.phones import normalise

EARLIEST_BIRTH: Final = date(1900, 1, 1)
_BLANK: Final = " \t\r\n\u3000\u00a0\ufeff\u200b"
_BROKEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_DATE: Final = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?(?: 0{1,2}:00(?::00)?)?", re.ASCII)
_DIGITS_DATE: Final = re.compile(r"(\d{4})()(\d{2})(\d{2})", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,2})[:.点](\d{2})分?(?::00)?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+", re.ASCII)
_HAN_WITH_GAPS: Final = re.compile(r"[^\x00-\u2e7f]+(?:[ \u3000]+[^\x00-\u2e7f]+)+")

_SEXES: Final = {
    "男": Sex.MALE,
    "女": Sex.FEMALE,
    "male": Sex.MALE,
    "female": Sex.FEMALE,
    "m": Sex.MALE,
    "f": Sex.FEMALE,
}
_CATEGORIES: Final = {
    **dict.fromkeys(("离休", "离休干部", "lixiu"), Category.LIXIU),
    **dict.fromkeys(("退休", "退休干部", "退休领导", "tuixiu"), Category.TUIXIU),
}
_CHOICES: Final = {
    **dict.fromkeys(("是", "有", "同意", "独居", "体弱", "yes", "y", "true", "1", "√", "✓"), True),
    **dict.fromkeys(("否", "无", "不同意", "非独居", "不独居", "no", "n", "false", "0", "×"), False),
}
_PLANS: Final = {
    **dict.fromkeys(("daily", "每日", "每天", "天天"), CheckInPlan.DAILY),
    **dict.fromkeys(("3x", "每周三次", "每周3次", "一周三次", "一周3次"), CheckInPlan.THRICE_WEEKLY),
    **dict.fromkeys(("weekly", "每周", "每周一次", "每周1次", "一周一次", "一周1次"), CheckInPlan.WEEKLY),
    **dict.fromkeys(("none", "不打", "不用", "无"), CheckInPlan.NONE),
}


class Refused(ValueError):  # noqa: N818 - as RosterRefused
    """The cell cannot be understood; the text says why, in Chinese."""


Parser = Callable[[str], Any]


def as_text(cell: object) -> str:
    """A cell of a CSV or a workbook as the spreadsheet shows it, without blanks around it; "" for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip(_BLANK)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time(0):
        return cell.date().isoformat()
    return str(cell)


def text_of(limit: int) -> Parser:
    """Any text of at most `limit` characters; line breaks are welcome, control characters are not."""

    def parse(text: str) -> str:
        if len(text) > limit:
            raise Refused(f"太长：有 {len(text)} 个字，最多 {limit} 个字")
        if _BROKEN.search(text):
            raise Refused("有乱码或看不见的控制字符")
        return text

    return parse


def name(text: str) -> str:
    """A person's name, kept to the character (rare ones too). Chinese names lose the blanks that pad them."""
    if not any(character.isalpha() for character in text) or text[0] in "#=":
        raise Refused("不像姓名")
    if _HAN_WITH_GAPS.fullmatch(text):
        text = re.sub("[ \u3000]", "", text)
    return str(text_of(100)(text))


def one_of(values: Mapping[str, Any], example: str) -> Parser:
    def parse(text: str) -> Any:
        value = values.get(unicodedata.normalize("NFKC", text).lower().replace(" ", ""))
        if value is None:
            raise Refused(f"只能填{example}")
        return value

    return parse


sex = one_of(_SEXES, "“男”或“女”")
category = one_of(_CATEGORIES, "“离休”或“退休”")
choice = one_of(_CHOICES, "“是”或“否”")
check_in = one_of(_PLANS, "“每日”“每周三次”“每周”或“不打”")


def birth_date(today: date) -> Parser:
    """A date from 1900 to `today`, as 1931-05-06, 1931/5/6, 1931.5.6, 1931年5月6日 or 19310506."""

    def parse(text: str) -> date:
        written = unicodedata.normalize("NFKC", text)
        found = _DATE.fullmatch(written) or _DIGITS_DATE.fullmatch(written)
        if not found:
            raise Refused("不是日期，请写成 1931-05-06")
        try:
            born = date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            raise Refused("没有这一天") from None
        if born > today:
            raise Refused("出生日期在将来")
        if born < EARLIEST_BIRTH:
            raise Refused("出生日期早于1900年")
        return born

    return parse


def phone(region: str, area_code: str) -> Parser:
    """A telephone number, stored in E.164."""

    def parse(text: str) -> str:
        number = normalise(text, region, area_code)
        if number is None and _SCIENTIFIC.fullmatch(text):
            raise Refused("号码被表格软件改成了科学计数，请把这一列设为“文本”后重新填写")
        if number is None:
            raise Refused("不是一个电话号码")
        return number

    return parse


def slot(text: str) -> time:
    """A time of day, HH:MM."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text))
    hour, minute = (int(found[1]), int(found[2])) if found else (24, 0)
    if timedelta(hours=hour, minutes=minute) >= timedelta(days=1) or minute > 59:
        raise Refused("不是时间，请写成 09:00")
    return time(hour, minute)
