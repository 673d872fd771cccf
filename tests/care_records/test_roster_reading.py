"""What a roster may look like, and what is refused."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.database import make_engine, make_sessions
from care_records.models import Community, Contact, Person
from care_records.models.people import Category, CheckInPlan, ContactKind, Sex
from care_records.roster import Imported, Problem, RosterRefused, Rules, import_roster

TODAY = date(2026, 11, 23)
HEADINGS = "姓名,性别,出生日期,类别,电话"
ROW = "张示例,男,1936-05-06,离休,13812345678"


@pytest.fixture
def sessions(sqlite_url: str) -> Any:
    engine = make_engine(sqlite_url)
    yield make_sessions(engine)
    engine.dispose()


class Importer:
    """Imports texts and cells as if they were files, and gives back what came of it."""

    def __init__(self, sessions: sessionmaker[Session], folder: Path) -> None:
        self.sessions = sessions
        self.folder = folder

    def file(self, content: bytes, name: str = "名册.csv") -> Imported:
        path = self.folder / name
        path.write_bytes(content)
        return import_roster(self.sessions, path, Rules(TODAY))

    def csv(self, *lines: str, encoding: str = "utf-8-sig") -> Imported:
        return self.file("\r\n".join(lines).encode(encoding))

    def xlsx(self, *rows: list[Any], title: str = "名册") -> Imported:
        workbook = openpyxl.Workbook()
        sheet = workbook.worksheets[0]
        sheet.title = title
        for row in rows:
            sheet.append(row)
        buffer = io.BytesIO()
        workbook.save(buffer)
        return self.file(buffer.getvalue(), "名册.xlsx")

    def people(self) -> list[Person]:
        with self.sessions() as session:
            return list(session.scalars(select(Person).order_by(Person.id)))

    def person(self) -> Person:
        (person,) = self.people()
        return person

    def refused(self, *lines: str) -> list[tuple[int | None, str, str]]:
        """Row, column and text of every problem; nothing may have been imported."""
        with pytest.raises(RosterRefused) as refusal:
            self.csv(*lines)
        assert self.people() == []
        return [(problem.row, problem.column, problem.text) for problem in refusal.value.problems]


@pytest.fixture
def importer(sessions: sessionmaker[Session], tmp_path: Path) -> Importer:
    return Importer(sessions, tmp_path)


def cell(importer: Importer, heading: str, value: str) -> Person:
    """The person that comes of one more column."""
    importer.csv(f"{HEADINGS},{heading}", f'{ROW},"{value}"')
    return importer.person()


# --- What is understood --------------------------------------------------------------------------------------------


def test_the_least_that_a_roster_may_say(importer: Importer) -> None:
    assert importer.csv(HEADINGS, ROW).counts.added == 1

    person = importer.person()
    assert (person.name, person.address_as, person.sex) == ("张示例", "张老", Sex.MALE)
    assert (person.birth_date, person.category, person.phone) == (date(1936, 5, 6), Category.LIXIU, "+8613812345678")
    assert (person.consent_calls, person.check_in_plan, person.lives_alone, person.notes) == (None, None, False, "")


def test_the_most_that_a_roster_may_say(importer: Importer) -> None:
    importer.csv(
        "name,address_as,sex,birth_date,category,phone,phone2,address,community,hearing,dialect,consent_calls,"
        "consent_recording,check_in,slot,alone,frail,notes,contact_name,contact_phone,contact_relation",
        "张示例,老领导,f,19360506,tuixiu,0512-52880000,13800000000,示范路1号,示范社区,左耳听不见,常熟话,yes,no,3x,9:30,1,体弱,"
        "腿不好,李样本,13900000000,女儿",
    )

    with importer.sessions() as session:
        person = session.scalars(select(Person)).one()
        (contact,) = person.contacts
        assert person.community is not None
        assert (person.address_as, person.sex, person.category) == ("老领导", Sex.FEMALE, Category.TUIXIU)
        assert (person.phone, person.phone2, person.address) == ("+8651252880000", "+8613800000000", "示范路1号")
        assert (person.community.name, person.hearing, person.dialect) == ("示范社区", "左耳听不见", "常熟话")
        assert (person.consent_calls, person.consent_recording) == (True, False)
        assert (person.lives_alone, person.frail) == (True, True)
        assert (person.check_in_plan, person.check_in_slot) == (CheckInPlan.THRICE_WEEKLY, time(9, 30))
        assert (person.notes, contact.name, contact.phone) == ("腿不好", "李样本", "+8613900000000")
        assert (contact.rank, contact.relation, contact.kind) == (1, "女儿", ContactKind.FAMILY)


@pytest.mark.parametrize(
    "headings",
    [
        "name,sex,birth_date,category,phone",
        "Name, SEX ,Birth Date,Category,Phone Number",
        "姓 名,性　别,出生日期（年-月-日）,类 别*,联系电话：",
        "人员姓名,性别,生日,离退休,手机号码",
        "ｎａｍｅ,ｓｅｘ,ｂｉｒｔｈ＿ｄａｔｅ,ｃａｔｅｇｏｒｙ,ｍｏｂｉｌｅ",
    ],
)
def test_headings_may_be_written_in_many_ways(importer: Importer, headings: str) -> None:
    assert importer.csv(headings, ROW).counts.added == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_may_come_in_any_encoding_that_excel_writes(importer: Importer, encoding: str) -> None:
    importer.csv(HEADINGS, ROW.replace("张示例", "张㛃𠮷"), encoding=encoding)

    assert importer.person().name == "张㛃𠮷"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_may_be_delimited_otherwise(importer: Importer, delimiter: str) -> None:
    assert importer.csv(HEADINGS.replace(",", delimiter), ROW.replace(",", delimiter)).counts.added == 1


def test_a_title_above_the_headings_and_blank_rows_do_no_harm(importer: Importer) -> None:
    importer.csv("示范局离退休干部名册,,,,", "", HEADINGS, ",,,,", ROW)

    assert importer.person().name == "张示例"


@pytest.mark.parametrize(
    ("written", "kept", "addressed"),
    [
        ("张三", "张三", "张老"),
        ("张　三", "张三", "张老"),
        (" 李 样 本 ", "李样本", "李老"),
        ("欧阳示例", "欧阳示例", "欧阳老"),
        ("司马光", "司马光", "司马老"),
        ("欧阳", "欧阳", "欧老"),
        ("𠮷㛃", "𠮷㛃", "𠮷老"),
        ("㛃㛃", "㛃㛃", "㛃老"),
        ("买买提·样本", "买买提·样本", "老同志"),
        ("John Example", "John Example", "老同志"),
        ("凞", "凞", "凞老"),
    ],
)
def test_names_are_kept_to_the_character_and_addressed_by_the_surname(
    importer: Importer, written: str, kept: str, addressed: str
) -> None:
    importer.csv(HEADINGS, ROW.replace("张示例", written))

    assert (importer.person().name, importer.person().address_as) == (kept, addressed)


@pytest.mark.parametrize(
    "written",
    [
        "1936-05-06",
        "1936/5/6",
        "1936.5.6",
        "1936年5月6日",
        "1936年05月06日",
        "19360506",
        "１９３６－０５－０６",
        "1936-05-06 00:00:00",
    ],
)
def test_a_birth_date_may_be_written_in_many_ways(importer: Importer, written: str) -> None:
    importer.csv(HEADINGS, ROW.replace("1936-05-06", written))

    assert importer.person().birth_date == date(1936, 5, 6)


@pytest.mark.parametrize(
    ("written", "consents"),
    [
        *[("是", True), ("同意", True), ("YES", True), ("true", True), ("1", True), ("√", True), ("", None)],
        *[("否", False), ("不同意", False), ("no", False), ("False", False), ("0", False), ("×", False)],
    ],
)
def test_consent_is_yes_no_or_not_asked(importer: Importer, written: str, consents: bool | None) -> None:
    assert cell(importer, "同意外呼", written).consent_calls is consents


@pytest.mark.parametrize(
    ("written", "plan"),
    [
        *[("daily", CheckInPlan.DAILY), ("每天", CheckInPlan.DAILY), ("每日", CheckInPlan.DAILY)],
        *[("3X", CheckInPlan.THRICE_WEEKLY), ("每周三次", CheckInPlan.THRICE_WEEKLY)],
        *[("每周", CheckInPlan.WEEKLY), ("none", CheckInPlan.NONE), ("不打", CheckInPlan.NONE), ("", None)],
    ],
)
def test_how_often_to_ring_may_be_said_in_words(importer: Importer, written: str, plan: CheckInPlan | None) -> None:
    assert cell(importer, "问候频率", written).check_in_plan == plan


@pytest.mark.parametrize(
    ("written", "slot"), [("09:05", time(9, 5)), ("9：05", time(9, 5)), ("15点30分", time(15, 30))]
)
def test_a_slot_is_a_time_of_day(importer: Importer, written: str, slot: time) -> None:
    assert cell(importer, "时段", written).check_in_slot == slot


def test_a_note_may_be_ten_thousand_characters_long_and_have_line_breaks(importer: Importer) -> None:
    note = "腿脚不便，\n" * 1666 + "好好好好"

    assert cell(importer, "备注", note).notes == note


def test_a_person_without_a_phone_is_welcome(importer: Importer) -> None:
    importer.csv(HEADINGS, ROW.replace("13812345678", ""))

    assert importer.person().phone is None


def test_two_people_may_share_a_phone(importer: Importer) -> None:
    importer.csv(HEADINGS, ROW, ROW.replace("张示例", "李样本").replace("男", "女"))

    assert [person.phone for person in importer.people()] == ["+8613812345678"] * 2


def test_a_column_that_is_not_known_is_reported(importer: Importer) -> None:
    imported = importer.csv(f"{HEADINGS},血型,爱好", f"{ROW},A,下棋")

    assert imported.ignored_columns == ("血型", "爱好")


# --- Workbooks -----------------------------------------------------------------------------------------------------


def test_a_workbook_keeps_dates_times_and_numbers_as_what_they_are(importer: Importer) -> None:
    headings = [*HEADINGS.split(","), "备用电话", "时段", "独居", "同意外呼"]
    importer.xlsx(
        headings,
        ["张示例", "男", datetime(1936, 5, 6), "离休", 13812345678, 51252880000.0, time(9, 30), True, 0],  # noqa: DTZ001
        ["李样本", "女", 19360506, "退休", "0512-52880000", None, "14:30", None, "是"],
    )

    first, second = importer.people()
    assert (first.birth_date, first.phone, first.phone2) == (date(1936, 5, 6), "+8613812345678", "+8651252880000")
    assert (first.check_in_slot, first.lives_alone, first.consent_calls) == (time(9, 30), True, False)
    assert (second.birth_date, second.check_in_slot, second.consent_calls) == (date(1936, 5, 6), time(14, 30), True)


def test_the_first_sheet_with_headings_is_the_roster(importer: Importer) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["说明", "请填第二页"])
    second = workbook.create_sheet("名册")
    second.append(HEADINGS.split(","))
    second.append(ROW.split(","))
    buffer = io.BytesIO()
    workbook.save(buffer)

    assert importer.file(buffer.getvalue(), "名册.xlsx").counts.added == 1


def test_a_workbook_is_known_by_its_content(importer: Importer) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(HEADINGS.split(","))
    workbook.worksheets[0].append(ROW.split(","))
    buffer = io.BytesIO()
    workbook.save(buffer)

    assert importer.file(buffer.getvalue(), "名册.csv").counts.added == 1


def test_rows_of_a_workbook_are_numbered_as_it_shows_them(importer: Importer) -> None:
    with pytest.raises(RosterRefused) as refusal:
        importer.xlsx(["名册"], [], HEADINGS.split(","), [], ["张示例", "男", "明天", "离休", ""])

    assert [(problem.row, problem.column) for problem in refusal.value.problems] == [(5, "出生日期")]


def archive(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


# --- Files that are no roster --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"", "a.csv", "文件是空的"),
        (b"\r\n \r\n", "a.csv", "文件是空的"),
        (b"", "a.xlsx", "文件是空的"),
        (HEADINGS.encode(), "a.csv", "只有标题行，没有人员"),
        (f"{HEADINGS}\n,,,,\n".encode(), "a.csv", "只有标题行，没有人员"),
        ("今天开会\n明天也开会".encode(), "a.csv", "找不到标题行"),
        (ROW.encode(), "a.csv", "找不到标题行"),
        (HEADINGS.encode(), "a.docx", "只能导入 .csv 或 .xlsx 文件"),
        (HEADINGS.encode(), "名册", "只能导入 .csv 或 .xlsx 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xlsx", "旧的 .xls 文件"),
        (b"PK\x03\x04" + b"\0" * 600, "a.xlsx", "打不开"),
        (archive(hello="world"), "a.xlsx", "打不开"),
        (b"hello", "a.xlsx", "打不开"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "a.csv", "编码看不懂"),
        (b"\x80\x81\xff\xff", "a.csv", "编码看不懂"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(
    importer: Importer, content: bytes, name: str, text: str
) -> None:
    with pytest.raises(RosterRefused) as refusal:
        importer.file(content, name)

    (problem,) = refusal.value.problems
    assert problem.row is None
    assert text in problem.text


def test_a_workbook_that_breaks_off_in_the_middle_is_refused(importer: Importer) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(HEADINGS.split(","))
    for index in range(3000):
        sheet.append([f"张示例{index}", "男", "1936-05-06", "离休", ""])
    whole = io.BytesIO()
    workbook.save(whole)
    with zipfile.ZipFile(whole) as parts:
        content = {name: parts.read(name).decode() for name in parts.namelist()}
    content["xl/worksheets/sheet1.xml"] = content["xl/worksheets/sheet1.xml"][:-2000]

    with pytest.raises(RosterRefused, match="1 problem"):
        importer.file(archive(**content), "名册.xlsx")
    assert importer.people() == []


def test_a_quote_that_is_never_closed_is_refused_where_it_begins(importer: Importer) -> None:
    ((row, _, text),) = importer.refused(f"{HEADINGS},备注", f"{ROW},好", f'{ROW},"腿不好', f"{ROW},好")

    assert row == 3
    assert "引号" in text


@pytest.mark.parametrize("missing", ["姓名", "出生日期"])
def test_a_missing_column_is_named(importer: Importer, missing: str) -> None:
    problems = importer.refused(HEADINGS.replace(missing, "别的"), ROW)

    if missing == "姓名":
        assert "找不到标题行" in problems[0][2]
    else:
        assert problems == [(1, missing, "缺少这一列")]


def test_a_name_and_a_birth_date_are_enough_to_be_called(importer: Importer) -> None:
    importer.csv("姓名,出生日期", "张示例,1931-05-06")

    person = importer.person()
    assert (person.address_as, person.sex, person.category, person.phone) == ("张老", None, None, None)


def test_what_one_row_says_and_the_next_does_not_is_nobodys_mistake(importer: Importer) -> None:
    importer.csv("姓名,性别,出生日期,类别", "张示例,,1931-05-06,离休", "李示例,女,1932-05-06,")

    assert [(person.sex, person.category) for person in importer.people()] == [(None, "lixiu"), ("female", None)]


def test_two_columns_that_mean_the_same_are_refused(importer: Importer) -> None:
    ((row, column, text),) = importer.refused(f"{HEADINGS},手机", f"{ROW},13900000000")

    assert (row, column) == (1, "手机")
    assert "「电话」" in text


# --- Cells that are refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("姓名", "", "没有填"),
        ("姓名", "123", "不像姓名"),
        ("姓名", "#REF!", "不像姓名"),
        ("姓名", "=A1", "不像姓名"),
        ("姓名", "张" * 101, "太长：有 101 个字，最多 100 个字"),
        ("姓名", "张\x00三", "有乱码或看不见的控制字符"),
        ("姓名", "张\ufffd三", "有乱码或看不见的控制字符"),
        ("性别", "不详", "只能填“男”或“女”"),
        ("出生日期", "", "没有填"),
        ("出生日期", "2026-11-24", "出生日期在将来"),
        ("出生日期", "1899-12-31", "出生日期早于1900年"),
        ("出生日期", "1936-02-30", "没有这一天"),
        ("出生日期", "1936-13-01", "没有这一天"),
        ("出生日期", "0000-00-00", "没有这一天"),
        ("出生日期", "36-05-06", "不是日期，请写成 1931-05-06"),
        ("出生日期", "1936年5月", "不是日期，请写成 1931-05-06"),
        ("出生日期", "九十岁", "不是日期，请写成 1931-05-06"),
        ("出生日期", "11449", "不是日期，请写成 1931-05-06"),
        ("类别", "在职", "只能填“离休”或“退休”"),
        ("电话", "1381234", "不是一个电话号码"),
        ("电话", "13812345678/52880000", "不是一个电话号码"),
        ("电话", "120", "不是一个电话号码"),
        ("电话", "1.38123E+10", "科学计数"),
        ("备用电话", "没有", "不是一个电话号码"),
        ("同意外呼", "也许", "只能填“是”或“否”"),
        ("同意录音", "2", "只能填“是”或“否”"),
        ("独居", "有时", "只能填“是”或“否”"),
        ("问候频率", "每月", "只能填“每日”“每周三次”“每周”或“不打”"),
        ("时段", "25:00", "不是时间"),
        ("时段", "09:60", "不是时间"),
        ("时段", "上午", "不是时间"),
        ("称呼", "老" * 51, "太长"),
        ("地址", "路" * 301, "太长"),
        ("备注", "长" * 20_001, "太长"),
        ("备注", "响\x07铃", "控制字符"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_named(importer: Importer, column: str, value: str, text: str) -> None:
    headings = [*HEADINGS.split(",")]
    cells = dict(zip(headings, ROW.split(","), strict=True)) | {column: value}

    ((row, refused, why),) = importer.refused(",".join(cells), ROW + "," * (len(cells) - 5), ",".join(cells.values()))

    assert (row, refused) == (3, column)
    assert text in why


def test_everything_that_is_wrong_is_named_not_only_the_first(importer: Importer) -> None:
    problems = importer.refused(
        HEADINGS, "张示例,男,2030-01-01,离休,120", ROW, ",女,1936-05-06,在职,", "李样本,x,1936-05-06,退休,"
    )

    assert [(row, column) for row, column, _ in problems] == [
        *[(2, "出生日期"), (2, "电话"), (4, "姓名"), (4, "类别"), (5, "性别")]
    ]


def test_a_problem_shows_what_the_cell_holds(importer: Importer) -> None:
    with pytest.raises(RosterRefused) as refusal:
        importer.csv(HEADINGS, ROW.replace("离休", "在职"))

    assert refusal.value.problems == (Problem(2, "类别", "只能填“离休”或“退休”", "在职"),)


def test_a_comma_too_many_is_noticed(importer: Importer) -> None:
    assert importer.refused(HEADINGS, f"{ROW},五楼") == [(2, "F 列", "这一格上面没有标题")]


@pytest.mark.parametrize(
    ("contact", "column"),
    [("李样本,,女儿", "联系人电话"), (",13900000000,女儿", "联系人"), (",,女儿", "联系人"), (",,女儿", "联系人电话")],
)
def test_a_contact_has_a_name_and_a_phone(importer: Importer, contact: str, column: str) -> None:
    problems = importer.refused(f"{HEADINGS},联系人,联系人电话,关系", f"{ROW},{contact}")

    assert column in [name for _, name, _ in problems]


def test_a_relation_says_what_kind_of_contact_it_is(importer: Importer) -> None:
    importer.csv(
        f"{HEADINGS},联系人,联系人电话,关系",
        f"{ROW},李样本,13900000000,女儿",
        f"{ROW},王样本,13900000001,楼上邻居",
        f"{ROW},赵样本,13900000002,保管钥匙",
        f"{ROW},孙样本,13900000003,",
    )

    with importer.sessions() as session:
        contacts = session.scalars(select(Contact).order_by(Contact.rank)).all()
        kinds = [ContactKind.FAMILY, ContactKind.NEIGHBOUR, ContactKind.KEYHOLDER, ContactKind.FAMILY]
        assert [contact.kind for contact in contacts] == kinds
        assert session.scalars(select(Community)).all() == []
