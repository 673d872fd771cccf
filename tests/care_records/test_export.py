import csv
import io
import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy.orm import Session

from care_records import export
from care_records.models import Call, CallTurn, CheckIn, CheckInAnswer, OutboundCall
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import RequestStatus, Urgency
from tests.care_records.builders import NOW, make_call, make_check_in, make_officer, make_person, make_request

ZONE = ZoneInfo("Asia/Shanghai")


def make_turn(number: int, **values: Any) -> CallTurn:
    defaults: dict[str, Any] = {"said": [{"key": "menu"}], "asked": "menu", "answer": "key", "at": NOW, "took_ms": 900}
    return CallTurn(number=number, **defaults | values)


@pytest.fixture
def call(session: Session) -> Call:
    call = make_call(
        sid="CA1",
        person=make_person(name="张示例"),
        status="completed",
        outcome="request_taken",
        ended_at=NOW + timedelta(seconds=61),
        duration_s=61,
        turns=[
            make_turn(2, asked="help_message", answer="utterance", heard="灯\x07坏了", confidence=0.75),
            make_turn(1, key="2"),
            make_turn(3, asked=None, answer="hangup"),
        ],
    )
    session.add(call)
    session.flush()
    return call


@pytest.fixture
def session_with_request(session: Session, call: Call) -> Session:
    request = make_request(
        number="20261123-001",
        call=call,
        person=call.person,
        phone="+8651200001234",
        urgency=Urgency.RED,
        status=RequestStatus.TAKEN,
        assignee=make_officer(name="王值班"),
        taken_by="王值班",
        transcript='=HYPERLINK("http://example.com")',
        follow_up_due=NOW.date(),
    )
    session.add_all([request, make_request(transcript=None)])
    session.flush()
    session.expire_all()
    return session


def lines(rows: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    export.write_jsonl(rows, out, ZONE)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_call_goes_out_with_every_turn_in_order(session: Session, call: Call) -> None:
    session.expire_all()
    (row,) = lines(export.calls(session))

    assert tuple(row) == export.CALL_FIELDS
    assert (row["sid"], row["direction"], row["purpose"], row["person"]) == ("CA1", "inbound", "inbound", "张示例")
    assert (row["from"], row["to"]) == ("+8651200001234", "+8651200000000")
    assert (row["started_at"], row["ended_at"]) == ("2026-11-23T10:00:00.000+08:00", "2026-11-23T10:01:01.000+08:00")
    assert [(turn["number"], turn["key"], turn["heard"]) for turn in row["turns"]] == [
        (1, "2", None),
        (2, None, "灯\x07坏了"),
        (3, None, None),
    ]
    assert row["turns"][0]["said"] == [{"key": "menu"}]


def test_a_call_of_somebody_unknown_goes_out_too(session: Session) -> None:
    session.add(make_call(from_number=None))
    session.flush()
    (row,) = lines(export.calls(session))

    assert (row["person"], row["from"], row["ended_at"], row["turns"]) == (None, None, None, [])


def test_a_help_request_goes_out_with_the_columns_of_the_ledger(session_with_request: Session) -> None:
    row, other = lines(export.help_requests(session_with_request))

    assert set(row) == set(export.REQUEST_FIELDS)
    assert (row["number"], row["person"], row["phone"]) == ("20261123-001", "张示例", "+8651200001234")
    assert (row["urgency"], row["status"], row["assignee"], row["call_sid"]) == ("red", "taken", "王值班", "CA1")
    assert row["taken_by"] == "王值班"
    assert (row["created_at"], row["follow_up_due"]) == ("2026-11-23T10:00:00.000+08:00", "2026-11-23")
    assert (other["person"], other["call_sid"], other["transcript"]) == (None, None, None)


def test_everything_goes_out_however_many_there_are(session: Session) -> None:
    session.add_all(make_call(turns=[make_turn(1, key="1")]) for _ in range(export._ROWS_AT_ONCE + 5))
    session.flush()
    session.expire_all()

    rows = lines(export.calls(session))

    assert len({row["sid"] for row in rows}) == export._ROWS_AT_ONCE + 5
    assert all(len(row["turns"]) == 1 for row in rows)


def test_a_csv_has_a_row_each_and_no_formulas(session_with_request: Session) -> None:
    out = io.StringIO()
    export.write_csv(export.help_requests(session_with_request), export.REQUEST_FIELDS, out, ZONE)
    row, _ = csv.DictReader(io.StringIO(out.getvalue()))

    assert list(row) == list(export.REQUEST_FIELDS)
    assert row["transcript"] == '\'=HYPERLINK("http://example.com")'
    assert row["phone"] == "'+8651200001234"
    assert row["confirmed"] == "False"


def test_a_workbook_has_a_row_each_and_no_formulas(session_with_request: Session) -> None:
    out = io.BytesIO()
    export.write_xlsx(export.help_requests(session_with_request), export.REQUEST_FIELDS, out, ZONE)
    headings, row, _ = openpyxl.load_workbook(out).worksheets[0].iter_rows()
    cells = dict(zip((cell.value for cell in headings), row, strict=True))

    assert tuple(cells) == export.REQUEST_FIELDS
    assert cells["transcript"].data_type == "s"
    assert cells["transcript"].value == '\'=HYPERLINK("http://example.com")'


def test_the_turns_of_a_call_are_lines_to_read_in_a_workbook(session: Session, call: Call) -> None:
    session.expire_all()
    out = io.BytesIO()
    export.write_xlsx(export.calls(session), export.CALL_FIELDS, out, ZONE)
    _, row = openpyxl.load_workbook(out).worksheets[0].iter_rows(values_only=True)

    assert row[-1] == "1. menu: key 2\n2. help_message: 灯坏了\n3. -: hangup"


def test_a_cell_of_a_workbook_is_cut_where_excel_would_break(session: Session) -> None:
    session.add(make_request(transcript="长" * 40_000))
    session.flush()
    out = io.BytesIO()
    export.write_xlsx(export.help_requests(session), ("transcript",), out, ZONE)
    _, (text,) = openpyxl.load_workbook(out).worksheets[0].iter_rows(values_only=True)

    assert text == "长" * export.CELL_LIMIT


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ROW_LIMIT", 2)
    rows = [{"id": number} for number in range(3)]

    with pytest.raises(export.TooManyRowsError):
        export.write_xlsx(rows, ("id",), io.BytesIO(), ZONE)


@pytest.fixture
def check_in(session: Session, call: Call) -> CheckIn:
    """Nobody answered the first time; the second time they felt unwell, and an officer has taken it."""
    check_in = make_check_in(person=call.person, tries=1, state=CheckInState.WAITING)
    session.add(check_in)
    session.flush()
    tries = [("no_answer", None), ("concern", "CA1")]
    for number, (result, sid) in enumerate(tries, start=1):
        check_in.tried.append(
            OutboundCall(
                number=number,
                to_number="+8651200001234",
                state=OutboundCallState.ENDED,
                due_at=NOW,
                result=result,
                sid=sid,
            )
        )
    for question, answer, flag in (("checkin_health", "not_fine", Urgency.RED), ("checkin_falls", "fine", None)):
        check_in.answers.append(CheckInAnswer(call=call, question=question, answer=answer, key="2", flag=flag, at=NOW))
    check_in.request = make_request(number="20261123-009")
    check_in.state, check_in.outcome, check_in.flag = CheckInState.DONE, CheckInOutcome.CONCERN, Urgency.RED
    check_in.taken_by = "王值班"
    session.flush()
    session.expire_all()
    return check_in


def test_a_check_in_goes_out_with_its_tries_and_answers(session: Session, check_in: CheckIn) -> None:
    session.add(make_check_in(person=make_person(name="李示例")))
    session.flush()
    row, other = lines(export.check_ins(session))

    assert set(row) == set(export.CHECK_IN_FIELDS)
    assert (row["id"], row["person"], row["day"], row["occasion"]) == (check_in.id, "张示例", "2026-11-23", "daily")
    assert (row["state"], row["outcome"], row["flag"]) == ("done", "concern", "red")
    assert (row["due_at"], row["taken_by"], row["request"]) == (
        "2026-11-23T10:00:00.000+08:00",
        "王值班",
        "20261123-009",
    )
    assert [(attempt["number"], attempt["result"], attempt["sid"]) for attempt in row["attempts"]] == [
        (1, "no_answer", None),
        (2, "concern", "CA1"),
    ]
    assert [(answer["question"], answer["answer"], answer["flag"]) for answer in row["answers"]] == [
        ("checkin_health", "not_fine", "red"),
        ("checkin_falls", "fine", None),
    ]
    assert (other["person"], other["outcome"], other["attempts"], other["request"]) == ("李示例", None, [], None)


def test_tries_and_answers_are_lines_to_read_in_a_workbook(session: Session, check_in: CheckIn) -> None:
    out = io.BytesIO()
    export.write_xlsx(export.check_ins(session), ("attempts", "answers"), out, ZONE)
    _, row = openpyxl.load_workbook(out).worksheets[0].iter_rows(values_only=True)

    assert row == ("1. no_answer\n2. concern", "checkin_health: not_fine\ncheckin_falls: fine")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_what_a_spreadsheet_would_calculate_is_escaped(text: str) -> None:
    assert export.cell(text, ZONE) == f"'{text}"


@pytest.mark.parametrize("value", ["灯坏了", "", "a=b", None, 5, -5, 0.5, True])
def test_what_a_spreadsheet_would_not_calculate_stays_as_it_is(value: object) -> None:
    assert export.cell(value, ZONE) == value
