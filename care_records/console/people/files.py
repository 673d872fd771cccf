"""The roster as a file: taken in, all of it or nothing, and handed out."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, Final

from flask import Response, make_response, render_template, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from care_records import export, roster
from care_records.console.context import console, local_now, me, note_use, reading, settings, writing
from care_records.console.forms import EMPTY, Filled
from care_records.console.guards import requires
from care_records.console.languages import gettext as _
from care_records.console.people.pages import pages
from care_records.models.accounts import Role
from care_records.roster import writing as roster_writing

SHOWN: Final = 200
"""Problems on one page: who has so many has mistaken a column."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/import")
@requires(Role.MANAGER)
def choose_file() -> str:
    return _page()


@pages.post("/import")
@requires(Role.MANAGER)
def take_in() -> AnyResponse:
    """Takes the file in, or says of each cell that is wrong why it is, and changes nothing."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return make_response(_page(EMPTY.wrong("file", _("请选一个文件。"))), 422)
    settled = settings()
    rules = roster.Rules(local_now().date(), settled.region, settled.area_code)
    try:
        with _kept(sent) as path:
            imported = roster.import_roster(console().writers, path, rules, staff_id=me().staff_id)
    except roster.RosterRefused as refused:
        return make_response(_page(problems=refused.problems), 422)
    with writing() as session:
        note_use(session, "people.imported")
    return make_response(_page(imported=imported))


@pages.post("/export")
@requires(Role.MANAGER)
def hand_out() -> AnyResponse:
    """Everybody's cards as a workbook, or as CSV. Whoever takes them stands in the trail."""
    as_csv = request.form.get("format") == "csv"
    with writing() as session:
        note_use(session, "people.exported")
    name = f"人员名册-{local_now():%Y%m%d}.{'csv' if as_csv else 'xlsx'}"
    return _csv(name) if as_csv else _xlsx(name)


def _csv(name: str) -> Response:
    """With the mark by which a spreadsheet knows that it is UTF-8."""
    text = StringIO(newline="")
    with reading() as session:
        rows = roster_writing.rows(session, settings().region, settings().area_code)
        export.write_csv(rows, roster_writing.FIELDS, text, settings().zone)
    response = make_response(text.getvalue().encode("utf-8-sig"))
    response.mimetype = "text/csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _xlsx(name: str) -> Response:
    out = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    with reading() as session:
        rows = roster_writing.rows(session, settings().region, settings().area_code)
        export.write_xlsx(rows, roster_writing.FIELDS, out, settings().zone)
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=name)


def _page(form: Filled[Any] = EMPTY, **result: object) -> str:
    return render_template("people/import.html", form=form, shown=SHOWN, **result)


@contextmanager
def _kept(sent: FileStorage) -> Iterator[Path]:
    """The file on this machine's disk, under a name of ours that ends as its own does, until it has been read."""
    with TemporaryDirectory() as folder:
        ending = Path(sent.filename or "").suffix.lower()
        path = Path(folder) / f"roster{ending if ending in ('.csv', '.txt', '.xlsx') else '.unknown'}"
        sent.save(path)
        yield path
