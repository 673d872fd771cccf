"""The columns of a roster: by which headings each is known, and how its cells are read."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from care_records.roster import cells
from care_records.roster.problems import Problem, RosterRefused

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名", "名字", "人员姓名", "老干部姓名", "full name"),
    "address_as": ("称呼", "尊称"),
    "sex": ("性别", "gender"),
    "birth_date": ("出生日期", "出生年月日", "出生年月", "生日", "birthday", "date of birth", "dob"),
    "category": ("类别", "人员类别", "离退休", "离退休类别", "type"),
    "phone": (
        *("电话", "手机", "手机号", "手机号码", "电话号码", "联系电话", "联系方式", "本人电话"),
        *("mobile", "telephone", "tel", "phone number"),
    ),
    "phone2": ("备用电话", "备用号码", "第二电话", "电话2", "手机2", "家庭电话", "固定电话", "座机", "second phone"),
    "address": ("地址", "住址", "家庭住址", "家庭地址", "居住地址", "现住址"),
    "community": ("社区", "所属社区", "所在社区", "居委会"),
    "hearing": ("听力", "听力情况"),
    "dialect": ("方言", "口音"),
    "consent_calls": ("同意外呼", "外呼同意", "是否同意外呼"),
    "consent_recording": ("同意录音", "录音同意", "是否同意录音"),
    "check_in": ("问候频率", "问候", "问候计划"),
    "slot": ("时段", "问候时段", "问候时间"),
    "alone": ("独居", "是否独居", "lives alone"),
    "frail": ("体弱", "是否体弱"),
    "illnesses": ("病史", "疾病", "慢性病", "病情"),
    "nap_start": ("午睡开始", "午休开始"),
    "nap_end": ("午睡结束", "午休结束"),
    "notes": ("备注", "说明", "remarks", "note"),
    "contact_name": ("联系人", "联系人姓名", "家属", "家属姓名", "紧急联系人", "contact"),
    "contact_phone": ("联系人电话", "联系人手机", "家属电话", "紧急联系人电话"),
    "contact_relation": ("关系", "与本人关系", "联系人关系", "relation", "relationship"),
}
"""Every column under its own name (which is a heading too) and the other headings that mean it."""

REQUIRED: Final = ("name", "birth_date")
"""The columns that a roster must have, and cells that must not be empty: without them nobody knows who it is."""


def _plain(heading: str) -> str:
    """A heading without what people add to it: case, width, blanks, marks, and remarks in brackets."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\(.*?\)|[\s_*:,-]", "", folded)


_FIELDS: Final = {_plain(heading): field for field, known in HEADINGS.items() for heading in (field, *known)}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns are. `row` is the row of the headings, `headings` what it says, `places` field to index."""

    row: int
    headings: tuple[str, ...]
    places: Mapping[str, int]

    def heading(self, field: str) -> str:
        return self.headings[self.places[field]]

    def unknown(self) -> list[str]:
        """Headings that mean nothing here; what stands below them is not imported."""
        known = set(self.places.values())
        return [heading for index, heading in enumerate(self.headings) if heading and index not in known]


def find_columns(row: int, cells_of_row: Sequence[object]) -> Columns | None:
    """The columns, if this is the row of headings: one of them is the name, and there is another that is known.

    Raises RosterRefused when a required column is missing or two columns mean the same.
    """
    headings = tuple(cells.as_text(cell) for cell in cells_of_row)
    fields = [_FIELDS.get(_plain(heading)) for heading in headings]
    if "name" not in fields or len({field for field in fields if field}) < 2:
        return None
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for index, field in enumerate(fields):
        if field in places:
            first = headings[places[field]]
            problems.append(Problem(row, headings[index], f"和「{first}」是同一项，只能留一列，另一列请改名或删去"))
        elif field is not None:
            places[field] = index
    problems += [Problem(row, HEADINGS[field][0], "缺少这一列") for field in REQUIRED if field not in places]
    if problems:
        raise RosterRefused(problems)
    return Columns(row, headings, places)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a roster is read by: the day on which nobody is yet to be born, and where telephone numbers are at home."""

    today: date
    region: str = "CN"
    area_code: str = "512"


def parsers(rules: Rules) -> Mapping[str, cells.Parser]:
    """How the cells of each column are read."""
    number = cells.phone(rules.region, rules.area_code)
    return {
        "name": cells.name,
        "address_as": cells.text_of(50),
        "sex": cells.sex,
        "birth_date": cells.birth_date(rules.today),
        "category": cells.category,
        "phone": number,
        "phone2": number,
        "address": cells.text_of(300),
        "community": cells.text_of(100),
        "hearing": cells.text_of(100),
        "dialect": cells.text_of(50),
        "consent_calls": cells.choice,
        "consent_recording": cells.choice,
        "check_in": cells.check_in,
        "slot": cells.slot,
        "alone": cells.choice,
        "frail": cells.choice,
        "illnesses": cells.text_of(10_000),
        "nap_start": cells.slot,
        "nap_end": cells.slot,
        "notes": cells.text_of(20_000),
        "contact_name": cells.name,
        "contact_phone": number,
        "contact_relation": cells.text_of(50),
    }
