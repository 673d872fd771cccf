"""Pages of the subject 报表: the monthly report, the ledger, and what was removed after its time."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from care_records.console.context import local_now, note_use, now, reading, settings, writing
from care_records.console.forms import Filled
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.paging import asked_page
from care_records.console.reports import charts, data, figures, sheets
from care_records.console.reports.forms import Asked, asked_period
from care_records.console.reports.words import part_title, period_title
from care_records.console.requests import words as labels
from care_records.models.accounts import Role
from care_records.services import ledger as ledgers
from care_records.services import reporting
from care_records.services.figures import Kind, Report
from care_records.services.periods import Period

pages = Blueprint("reports", __name__)

MONTHLY, LEDGER = "report.exported", "requests.exported"
"""What the trail says of whoever takes one of them away."""


@pages.get("/")
@requires(Role.VIEWER)
def index() -> str:
    """The monthly report of any period."""
    period, form = _asked()
    with reading() as session:
        report = reporting.monthly(session, period, settings().zone, now())
    return render_template("reports/index.html", **_frame(period, form), **_drawn(report))


@pages.get("/monthly.xlsx")
@requires(Role.OFFICER)
def monthly_workbook() -> Response:
    def written(session: Session, period: Period) -> BytesIO:
        return sheets.monthly(reporting.monthly(session, period, settings().zone, now()), settings().zone)

    return _workbook(_("月报"), MONTHLY, written)


@pages.get("/ledger")
@requires(Role.VIEWER)
def ledger() -> str:
    period, form = _asked()
    with reading() as session:
        page = data.entries(session, period, settings().zone, asked_page())
        count = ledgers.count(session, period, settings().zone)
    late = {entry.id for entry in page.items if ledgers.late(entry, now())}
    return render_template(
        "reports/ledger.html", page=page, count=count, late=late, labels=labels, **_frame(period, form)
    )


@pages.get("/ledger.xlsx")
@requires(Role.OFFICER)
def ledger_workbook() -> Response:
    def written(session: Session, period: Period) -> BytesIO:
        return sheets.ledger(data.all_entries(session, period, settings().zone), settings().zone)

    return _workbook(_("台账"), LEDGER, written)


@pages.get("/retention")
@requires(Role.VIEWER)
def retention() -> str:
    """What was removed after its time, run by run."""
    with reading() as session:
        page = data.retention_runs(session, asked_page())
    return render_template("reports/retention.html", page=page)


def _asked() -> tuple[Period, Filled[Asked]]:
    return asked_period(request.args, local_now().date())


def _frame(period: Period, form: Filled[Asked]) -> dict[str, object]:
    """What stands at the top of a report: the period, the form to choose another, and those that are asked for most."""
    return {
        "form": form,
        "period": period,
        "title": period_title(period),
        "printed_at": now(),
        "shortcuts": _shortcuts(local_now().date()),
    }


def _shortcuts(today: date) -> list[tuple[str, Period]]:
    this_month, this_year = Period.month_of(today), Period.year_of(today)
    return [
        (_("本月"), this_month),
        (_("上月"), Period.month_of(this_month.first - timedelta(days=1))),
        (_("今年"), this_year),
        (_("去年"), Period.year_of(this_year.first - timedelta(days=1))),
    ]


def _drawn(report: Report) -> dict[str, object]:
    parts = [(part_title(part.period, report.period), part) for part in report.parts]
    counts = [(part.inbound, part.check_ins) for _title, part in parts]
    most = max((kind.total for kind in report.kinds), default=0)
    return {
        "report": report,
        "sections": figures.sections(report),
        "outcomes": figures.outcomes(report),
        "grades": figures.grades(report),
        "parts": parts,
        "columns": charts.columns(counts, [title for title, _part in parts]),
        "bar": charts.bar,
        "kinds": [(kind, charts.bar(_pieces(kind), most)) for kind in report.kinds],
        "labels": labels,
        "marks": (reporting.VISITED, reporting.FALSE_ALARM),
    }


def _pieces(kind: Kind) -> tuple[int, ...]:
    return kind.on_time, kind.late, kind.overdue, kind.waiting


def _workbook(title: str, action: str, written: Callable[[Session, Period], BytesIO]) -> Response:
    """A workbook to take away; that it was stands in the trail."""
    period, _form = _asked()
    with reading() as session:
        file = written(session, period)
    with writing() as session:
        note_use(session, action)
    name = f"{title} {period.first:%Y%m%d}-{period.last:%Y%m%d}.xlsx"
    return send_file(file, mimetype=sheets.MIME, as_attachment=True, download_name=name)
