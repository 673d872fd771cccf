"""What goes out of the records: calls, help requests and check-ins, one dict each, as JSON lines, CSV or XLSX.

Rows are read and written as they come, so that any number of them fits into memory.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from typing import Any, BinaryIO, Final, TextIO
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from care_records.models import Call, CallTurn, CheckIn, CheckInAnswer, HelpRequest, OutboundCall

Row = dict[str, Any]

CALL_FIELDS: Final = (
    *("sid", "direction", "purpose", "person", "from", "to", "status", "outcome", "risk"),
    *("started_at", "ended_at", "duration_s", "turns"),
)
REQUEST_FIELDS: Final = (
    *("id", "number", "person", "phone", "category", "matter", "urgency", "reason", "status", "created_at", "due_at"),
    *("assignee", "taken_by", "resolved_at", "result", "follow_up_due", "followed_up_at", "satisfaction"),
    *("call_sid", "confirmed", "recording_sid", "transcript", "transcript_confidence"),
)
CHECK_IN_FIELDS: Final = (
    *("id", "person", "day", "occasion", "weekly", "due_at", "state", "outcome", "flag"),
    *("attempts", "answers", "request", "taken_by", "reason", "created_at", "ended_at"),
)
CELL_LIMIT: Final = 32_767
"""Characters in a cell of Excel's."""
ROW_LIMIT: Final = 1_048_575
"""Rows of a sheet of Excel's, below its headings."""

_ROWS_AT_ONCE: Final = 500
_FORMULA: Final = re.compile("[=+\\-@\t\r＝＋－＠]")


class TooManyRowsError(Exception):
    """There are more rows than a sheet can hold."""


def calls(session: Session) -> Iterator[Row]:
    """Every call, the oldest first; `turns` is a list of the exchanges."""
    opaque = defer(Call.state), defer(Call.turn), defer(Call.context)
    every = select(Call).options(*opaque, joinedload(Call.person), selectinload(Call.turns)).order_by(Call.id)
    for call in session.scalars(every.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield {
            "sid": call.sid,
            "direction": call.direction.value,
            "purpose": call.purpose,
            "person": call.person.name if call.person else None,
            "from": call.from_number,
            "to": call.to_number,
            "status": call.status,
            "outcome": call.outcome,
            "risk": call.risk,
            "started_at": call.started_at,
            "ended_at": call.ended_at,
            "duration_s": call.duration_s,
            "turns": [_turn(turn) for turn in call.turns],
        }


def _turn(turn: CallTurn) -> Row:
    fields = ("number", "said", "asked", "answer", "heard", "key", "confidence", "recording_sid", "at", "took_ms")
    return {field: getattr(turn, field) for field in fields}


def help_requests(session: Session) -> Iterator[Row]:
    """Every help request, the oldest first, with the columns of the ledger (台账)."""
    related = joinedload(HelpRequest.person), joinedload(HelpRequest.assignee), joinedload(HelpRequest.call)
    opaque = related[2].load_only(Call.sid)
    every = select(HelpRequest).options(*related[:2], opaque).order_by(HelpRequest.id)
    for request in session.scalars(every.execution_options(yield_per=_ROWS_AT_ONCE)):
        own = {field: getattr(request, field) for field in REQUEST_FIELDS if hasattr(request, field)}
        yield own | {
            "person": request.person.name if request.person else None,
            "assignee": request.assignee.name if request.assignee else None,
            "call_sid": request.call.sid if request.call else None,
            "urgency": request.urgency.value,
            "status": request.status.value,
        }


def check_ins(session: Session) -> Iterator[Row]:
    """Every check-in, the oldest first; `attempts` is a list of the tries, `answers` of what was answered."""
    related = joinedload(CheckIn.person), joinedload(CheckIn.request).load_only(HelpRequest.number)
    listed = selectinload(CheckIn.tried), selectinload(CheckIn.answers)
    every = select(CheckIn).options(*related, *listed).order_by(CheckIn.id)
    for check_in in session.scalars(every.execution_options(yield_per=_ROWS_AT_ONCE)):
        own = {field: getattr(check_in, field) for field in CHECK_IN_FIELDS if hasattr(check_in, field)}
        yield own | {
            "person": check_in.person.name,
            "state": check_in.state.value,
            "outcome": check_in.outcome.value if check_in.outcome else None,
            "flag": check_in.flag.value if check_in.flag else None,
            "attempts": [_attempt(call) for call in check_in.tried],
            "answers": [_answer(answer) for answer in check_in.answers],
            "request": check_in.request.number if check_in.request else None,
        }


def _attempt(call: OutboundCall) -> Row:
    fields = ("number", "sid", "sent_at", "ended_at", "result", "error")
    return {field: getattr(call, field) for field in fields} | {"to": call.to_number, "state": call.state.value}


def _answer(answer: CheckInAnswer) -> Row:
    fields = ("question", "answer", "by", "key", "heard", "confidence", "at")
    own = {field: getattr(answer, field) for field in fields}
    return own | {"flag": answer.flag.value if answer.flag else None}


KINDS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Session], Iterator[Row]]]]] = {
    "calls": (CALL_FIELDS, calls),
    "help-requests": (REQUEST_FIELDS, help_requests),
    "check-ins": (CHECK_IN_FIELDS, check_ins),
}
"""What can be exported: its fields in order, and its rows."""


def write_jsonl(rows: Iterable[Row], out: TextIO, zone: ZoneInfo) -> None:
    """An object a line; moments in ISO 8601 with the offset of `zone`."""
    for row in rows:
        json.dump(_plain(row, zone), out, ensure_ascii=False)
        out.write("\n")


def write_csv(rows: Iterable[Row], fields: tuple[str, ...], out: TextIO, zone: ZoneInfo) -> None:
    """A heading and a row each. What a spreadsheet would take for a formula gets an apostrophe before it."""
    writer = csv.writer(out)
    writer.writerow(fields)
    for row in rows:
        writer.writerow([cell(row[field], zone) for field in fields])


def write_xlsx(rows: Iterable[Row], fields: tuple[str, ...], out: BinaryIO, zone: ZoneInfo) -> None:
    """As `write_csv`, in a workbook; a cell holds its first 32,767 characters. Raises TooManyRowsError."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("export")
    assert isinstance(sheet, WriteOnlyWorksheet)
    with closing(sheet):
        sheet.append(fields)
        for count, row in enumerate(rows, start=1):
            if count > ROW_LIMIT:
                raise TooManyRowsError(f"a sheet holds {ROW_LIMIT} rows; export as csv or jsonl")
            sheet.append([_fitting(cell(row[field], zone)) for field in fields])
    workbook.save(out)


def cell(value: object, zone: ZoneInfo) -> str | int | float | None:
    """A value as a spreadsheet may hold it: never a formula, and a list as lines to read."""
    if isinstance(value, list):
        value = "\n".join(map(_line, value))
    value = _plain(value, zone)
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    assert value is None or isinstance(value, str | int | float)
    return value


def _line(item: Row) -> str:
    """A turn of a call (`2. menu: key 2`), a try of a check-in (`1. no_answer`), an answer (`checkin_health: fine`)."""
    if "question" in item:
        return f"{item['question']}: {item['answer']}"
    if "result" in item:
        return f"{item['number']}. {item['result'] or item['state']}"
    reply = f"key {item['key']}" if item["key"] else item["heard"] or item["answer"]
    return f"{item['number']}. {item['asked'] or '-'}: {reply}"


def _fitting(value: str | float | None) -> str | float | None:
    return ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL_LIMIT] if isinstance(value, str) else value


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """What JSON can hold."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item, zone) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item, zone) for name, item in value.items()}
    return value
