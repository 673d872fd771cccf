"""The ledger and the monthly report as workbooks."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

from care_records.console.languages import gettext as _
from care_records.console.languages import lazy_gettext
from care_records.console.reports import figures
from care_records.console.requests.words import CATEGORIES, SATISFACTION, URGENCIES
from care_records.export import Row, write_xlsx
from care_records.models import HelpRequest
from care_records.services.figures import Report

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEDGER: Final = (
    lazy_gettext("编号"),
    lazy_gettext("时间"),
    lazy_gettext("姓名"),
    lazy_gettext("事项"),
    lazy_gettext("类别"),
    lazy_gettext("紧急程度"),
    lazy_gettext("承办人"),
    lazy_gettext("时限"),
    lazy_gettext("结果"),
    lazy_gettext("回访"),
    lazy_gettext("满意度"),
)


def ledger(entries: Iterable[HelpRequest], zone: ZoneInfo) -> BytesIO:
    """A row for each. Raises TooManyRowsError."""
    fields = tuple(str(title) for title in LEDGER)
    return _written((dict(zip(fields, _entry(entry, zone), strict=True)) for entry in entries), fields, zone)


def monthly(report: Report, zone: ZoneInfo) -> BytesIO:
    """A row for each figure."""
    fields = (_("部分"), _("项目"), _("数量"), _("总数"), _("比例"))
    return _written((dict(zip(fields, row, strict=True)) for row in _figures(report)), fields, zone)


def _figures(report: Report) -> Iterator[tuple[str | int | None, ...]]:
    for section, figure in figures.rows(report):
        yield section, figure.title, figure.value, figure.of, figure.percent


def _entry(entry: HelpRequest, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        entry.number,
        _moment(entry.created_at, zone),
        entry.person.name if entry.person else entry.phone or "",
        entry.matter,
        str(CATEGORIES.get(entry.category, entry.category)),
        str(URGENCIES[entry.urgency]),
        entry.taken_by or "",
        _moment(entry.due_at, zone),
        entry.result or "",
        _moment(entry.followed_up_at, zone),
        str(SATISFACTION[entry.satisfaction]) if entry.satisfaction else "",
    )


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _written(rows: Iterable[Row], fields: tuple[str, ...], zone: ZoneInfo) -> BytesIO:
    file = BytesIO()
    write_xlsx(rows, fields, file, zone)
    file.seek(0)
    return file
