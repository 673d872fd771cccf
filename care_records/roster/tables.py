"""A roster file as numbered rows of cells: CSV as Chinese and other Excels write it, and XLSX."""

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, cast

import openpyxl

from care_records.roster.columns import Columns, find_columns
from care_records.roster.problems import Problem, RosterRefused

Row = tuple[int, tuple[object, ...]]
"""The row's number as a spreadsheet shows it, and its cells."""

MAX_BYTES: Final = 200_000_000
MAX_UNPACKED_BYTES: Final = 2_000_000_000
TITLE_ROWS: Final = 20
"""A roster may have a title above its headings, within this many rows."""

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_table(path: Path) -> tuple[Columns, Iterator[Row]]:
    """The columns of a roster, and the rows below its headings, blank ones left out.

    What the file is decides its content; its name must end in .csv, .txt or .xlsx. Raises RosterRefused, while the
    rows are read too, when the file cannot be read or has no headings; OSError when it cannot be opened.
    """
    if path.suffix.lower() not in (".csv", ".txt", ".xlsx"):
        raise RosterRefused.because("只能导入 .csv 或 .xlsx 文件", path.name)
    if path.stat().st_size > MAX_BYTES:
        raise RosterRefused.because("文件太大")
    content = path.read_bytes()
    if not content.strip():
        raise RosterRefused.because("文件是空的")
    if content.startswith(_OLD_EXCEL):
        raise RosterRefused.because("这是旧的 .xls 文件或加了密码的文件，请另存为不带密码的 .xlsx")
    if content.startswith(_ZIP):
        return _of_workbook(content)
    if path.suffix.lower() == ".xlsx":
        raise RosterRefused.because("文件已损坏，或者不是 Excel 表格，打不开")
    return _below_headings(_csv_rows(content))


def _below_headings(rows: Iterator[Row]) -> tuple[Columns, Iterator[Row]]:
    columns = _headings(rows)
    if columns is None:
        raise RosterRefused.because("找不到标题行：要有“姓名”“性别”“出生日期”“类别”“电话”几列")
    return columns, rows


def _headings(rows: Iterator[Row]) -> Columns | None:
    for number, cells in rows:
        columns = find_columns(number, cells)
        if columns or number >= TITLE_ROWS:
            return columns
    return None


# --- CSV -----------------------------------------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = _decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                yield number, tuple(cells)
    except csv.Error:
        raise RosterRefused([Problem(number + 1, "", "引号没有配对，或者一格的内容太长，从这一行起读不下去")]) from None


def _decode(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, or GB 18030, which is what a Chinese Excel writes as CSV."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterRefused.because("文件的编码看不懂，请另存为“CSV UTF-8”")


def _delimiter(text: str) -> str:
    """The first row with any of them decides; a lone column has commas."""
    start = text[:10_000]
    return max(",\t;", key=lambda mark: max(line.count(mark) for line in start.splitlines() or [""]))


# --- XLSX ----------------------------------------------------------------------------------------------------------


class _Sheet(Protocol):
    """A worksheet of a workbook opened read-only, as far as it is used here; the library's stubs do not know it."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, values_only: bool) -> Iterable[tuple[object, ...]]: ...


def _of_workbook(content: bytes) -> tuple[Columns, Iterator[Row]]:
    """The first sheet that has headings."""
    for rows in _sheets(content):
        columns = _headings(rows)
        if columns:
            return columns, rows
    return _below_headings(iter(()))


def _sheets(content: bytes) -> Iterator[Iterator[Row]]:
    with _reading_a_workbook():
        unpacked = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise RosterRefused.because("文件太大")
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for sheet in workbook.worksheets:
        yield _sheet_rows(cast(_Sheet, sheet))


def _sheet_rows(sheet: _Sheet) -> Iterator[Row]:
    # Some programs write a wrong size into the file; without it the rows are read to their end.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(values_only=True), start=1)
    while True:
        with _reading_a_workbook():
            some = list(islice(rows, 1000))
        if not some:
            return
        for number, cells in some:
            if any(cell is not None and cell != "" for cell in cells):
                yield number, cells


@contextmanager
def _reading_a_workbook() -> Iterator[None]:
    with warnings.catch_warnings():
        # What the library does not know of a workbook (styles, validations) is no concern of a roster.
        warnings.simplefilter("ignore")
        try:
            yield
        except RosterRefused:
            raise
        except Exception as error:
            # A damaged archive can raise anything at all; whatever it was, the file cannot be read.
            raise RosterRefused.because("文件已损坏，或者不是 Excel 表格，打不开") from error
