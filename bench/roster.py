"""How long `careline roster import` takes for 100,000 people, from CSV and XLSX, on both databases."""

import random
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from rich.table import Table

from bench.databases import databases
from care_records import database
from care_records.roster import Rules, import_roster

PEOPLE = 100_000
TODAY = date(2026, 11, 23)
HEADINGS = ("姓名", "性别", "出生日期", "类别", "电话", "社区", "联系人", "联系人电话", "关系")


def table() -> Table:
    result = Table(title=f"roster import, {PEOPLE:,} people with a contact each")
    for heading in ("database", "file", "seconds", "people a second"):
        result.add_column(heading, justify="right")
    with TemporaryDirectory(prefix="careline-bench-") as folder:
        files = [_csv(Path(folder) / "roster.csv"), _xlsx(Path(folder) / "roster.xlsx")]
        for file in files:
            with databases() as urls:
                for name, url in urls.items():
                    seconds = _import(url or f"sqlite:///{folder}/{file.suffix[1:]}.db", file)
                    result.add_row(name, file.suffix[1:], f"{seconds:.1f}", f"{PEOPLE / seconds:,.0f}")
    return result


def _rows() -> list[tuple[str, ...]]:
    chance = random.Random(1)
    born = (TODAY - timedelta(days=chance.randrange(79 * 365, 97 * 365)) for _ in range(PEOPLE))
    return [_row(number, day) for number, day in enumerate(born)]


def _row(number: int, born: date) -> tuple[str, ...]:
    name, sex, phone = f"示例{number:06d}", "女男"[number % 2], f"{number % 10000:04d}"
    contact = ("家属示例", f"1380000{phone}", "女儿")
    return (name, sex, born.isoformat(), "离休", f"1390000{phone}", f"示范社区{number % 40}", *contact)


def _csv(path: Path) -> Path:
    path.write_text("\n".join(",".join(row) for row in [HEADINGS, *_rows()]), encoding="utf-8-sig")
    return path


def _xlsx(path: Path) -> Path:
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("名册")
    for row in [HEADINGS, *_rows()]:
        sheet.append(row)
    workbook.save(path)
    return path


def _import(url: str, file: Path) -> float:
    database.upgrade(url)
    engine = database.make_engine(url)
    started = time.perf_counter()
    import_roster(database.make_sessions(engine), file, Rules(TODAY))
    seconds = time.perf_counter() - started
    engine.dispose()
    return seconds
