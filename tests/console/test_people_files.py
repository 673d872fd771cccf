"""People as files: a roster taken in and handed out, a person's data handed over, and erased."""

import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import (
    AuditEvent,
    Base,
    Call,
    CallTurn,
    CheckIn,
    HelpRequest,
    Pause,
    Person,
    PersonEvent,
    Recording,
    VolunteerPairing,
)
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.requests import RequestStatus
from care_records.services import calls, recordings, requests
from tests.care_records.builders import (
    NOW,
    make_call,
    make_check_in,
    make_community,
    make_contact,
    make_person,
    make_request,
    make_volunteer,
)
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]
HEADINGS = "姓名,出生日期,电话,社区,病史\n"
SECRETS = ("张㛃", "52881234", "王庄", "胸闷", "李家属", "13800001111", "住院", "血压")


def taken_in(manager: Visitor, content: str | bytes, status: int = 200, name: str = "名册.csv") -> Element:
    manager.get("/people/import")
    sent = content.encode() if isinstance(content, str) else content
    return manager.submit("/people/import", status, file=(io.BytesIO(sent), name))


def handed_out(manager: Visitor, format_: str) -> bytes:
    data = {"csrf_token": manager.token(), "format": format_}
    answer = manager.open("/people/export", "POST", data=data)
    assert answer.status_code == 200
    return bytes(answer.data)


def actions(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return [one for one in session.scalars(select(AuditEvent.action)) if not one.startswith("sign_in")]


def test_a_roster_is_taken_in_and_found_by_pinyin(manager: Visitor, sessions: Sessions) -> None:
    page = taken_in(manager, HEADINGS + "张㛃,1931-05-06,0512-52881234,方塔社区,高血压\n𠮷示例,1930-01-02,,,\n")

    assert "新增2人" in page.one("p", role="status").text
    assert [cell.text for cell in manager.get("/people/?text=zj").all("td", class_="name")] == ["张㛃"]
    assert "people.imported" in actions(sessions)


def test_what_is_wrong_with_a_roster_is_told_cell_by_cell_and_nothing_is_taken_in(
    manager: Visitor, sessions: Sessions
) -> None:
    page = taken_in(manager, HEADINGS + "张示例,1931-05-06,,,\n李示例,明天,110,,\n", 422)

    rows = [[cell.text for cell in row.all("td")] for row in page.one("tbody").all("tr")]
    assert rows == [
        ["3", "出生日期", "明天", "不是日期，请写成 1931-05-06"],
        ["3", "电话", "110", "不是一个电话号码"],
    ]
    with sessions() as session:
        assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "名册.csv", "文件是空的"),
        ("x", "照片.png", "只能导入 .csv 或 .xlsx 文件"),
        ("x", "名册.xlsx", "文件已损坏"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_in_words(manager: Visitor, content: str, name: str, words: str) -> None:
    assert words in taken_in(manager, content, 422, name).one("tbody").text


def test_no_file_is_no_import(manager: Visitor) -> None:
    manager.get("/people/import")

    assert manager.submit("/people/import", 422).one("p", class_="error").text == "请选一个文件。"


def test_who_imported_what_stands_in_the_line_of_time(manager: Visitor, sessions: Sessions) -> None:
    taken_in(manager, HEADINGS + "张示例,1931-05-06,0512-52881234,,\n")
    taken_in(manager, HEADINGS + "张示例,1931-05-06,13800001111,,\n")

    with sessions() as session:
        event = session.scalars(select(PersonEvent)).one()
        assert (event.kind, event.staff and event.staff.name) == ("imported", "值班员manager")
    assert event.changes == [{"field": "phone", "before": "+8651252881234", "after": "+8613800001111"}]
    assert len(manager.get("/people/?text=1111").all("td", class_="name")) == 1


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_what_is_handed_out_can_be_taken_in_again_and_changes_nothing(
    manager: Visitor, sessions: Sessions, format_: str
) -> None:
    with sessions.begin() as session:
        around = [make_contact(phone="+8613800001111"), make_contact(name="王邻居", rank=2, phone="+8613800002222")]
        values: dict[str, Any] = {"phone": "+8651252881234", "community": make_community(), "illnesses": "高血压"}
        session.add(make_person(name="张㛃", notes="=1+1", contacts=around, **values))

    sent = handed_out(manager, format_)
    page = taken_in(manager, sent, name=f"名册.{format_}")

    assert "新增0人" in page.one("p", role="status").text
    assert "people.exported" in actions(sessions)
    if format_ == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(sent)).worksheets[0]
        assert [row[0].value for row in sheet.iter_rows()] == ["姓名", "张㛃", "张㛃"]


@pytest.fixture
def somebody(sessions: Sessions, tmp_path: Path) -> int:
    """张㛃, of whom the records hold something of every kind, and nothing that is not ended; her id."""
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "one.wav").write_bytes(b"RIFF")
    with sessions.begin() as session:
        family = make_contact(name="李家属", phone="+8613800001111")
        person = make_person(name="张㛃", phone="+8651252881234", address="王庄", illnesses="血压", contacts=[family])
        call = make_call(person=person, from_number=person.phone, ended_at=NOW, state={"name": "张㛃"})
        session.add_all([person, call, VolunteerPairing(person=person, volunteer=make_volunteer(), since=NOW.date())])
        session.flush()
        add_voice(session, call)
        fine = {"state": CheckInState.DONE, "outcome": CheckInOutcome.FINE, "next_at": None}
        session.add(make_check_in(person=person, **fine))
        days = {"first_day": NOW.date(), "last_day": NOW.date()}
        session.add(Pause(person_id=person.id, reason="住院", created_at=NOW, **days))
        session.add(PersonEvent(person_id=person.id, at=NOW, kind="changed", changes=[{"after": "王庄"}]))
        help_request = make_request(person=person, call=call, phone=person.phone, matter="胸闷", satisfaction=5)
        help_request.status, help_request.result = RequestStatus.RESOLVED, "张㛃已经看过"
        session.add(help_request)
        session.flush()
        requests.note(session, help_request, "胸闷好了", at=NOW)
        return person.id


def add_voice(session: Session, call: Call) -> None:
    turn: dict[str, Any] = {"said": [{"key": "readback", "text": "胸闷"}], "asked": "x", "answer": "utterance"}
    turn |= {"heard": "胸闷", "key": None, "confidence": 0.5, "recording_sid": "RE1", "at": NOW, "took_ms": 1}
    calls.add_turn(session, call, number=1, **turn)
    recording = recordings.register(session, call=call, sid="RE1", url="http://x", at=NOW)
    recordings.stored(session, recording, path="recordings/one.wav", sha256="0" * 64, seconds=1.0)
    recordings.transcribed(session, recording, "胸闷", confidence=0.5, at=NOW)


def test_somebody_gets_all_that_is_kept_of_them_with_their_recordings(
    manager: Visitor, sessions: Sessions, somebody: int
) -> None:
    answer = manager.open(f"/people/{somebody}/export", "POST", data={"csrf_token": manager.token()})

    archive = ZipFile(io.BytesIO(answer.data))
    told = json.loads(archive.read("person.json"))
    assert archive.read("recordings/one.wav") == b"RIFF"
    assert told["person"]["name"] == "张㛃"
    assert [len(told[name]) for name in ("contacts", "calls", "turns", "recordings", "requests", "check_ins")] == [
        1
    ] * 6
    assert [name for name in SECRETS if name not in json.dumps(told, ensure_ascii=False)] == []
    assert "person.exported" in actions(sessions)


def test_what_is_erased_is_nowhere_any_more_and_the_figures_stay(
    admin: Visitor, sessions: Sessions, somebody: int, tmp_path: Path
) -> None:
    admin.get(f"/people/{somebody}/erase")

    page = admin.submit("/erase", name="张㛃")

    assert "个人资料已经删除" in page.one("p", role="status").text
    assert not (tmp_path / "recordings" / "one.wav").exists()
    assert [secret for secret in SECRETS if secret in everything(sessions)] == []
    with sessions() as session:
        request = session.scalars(select(HelpRequest)).one()
        assert (request.category, request.satisfaction, request.person_id) == ("repair", 5, None)
        assert session.scalars(select(CheckIn.outcome)).all() == [CheckInOutcome.FINE]
        assert len(session.scalars(select(Call)).all()) == len(session.scalars(select(CallTurn)).all()) == 1
        assert session.scalars(select(Recording)).all() == []
    assert "person.erased" in actions(sessions)
    admin.get(f"/people/{somebody}", 404)
    assert admin.get("/people/").all("td", class_="name") == []


def everything(sessions: Sessions) -> str:
    with sessions() as session:
        tables = inspect(session.get_bind()).get_table_names()
        found = [session.execute(text(f"SELECT * FROM {table}")).all() for table in tables]
    return json.dumps([[list(row) for row in rows] for rows in found], ensure_ascii=False, default=str)


def test_nobody_is_erased_by_a_slip_of_the_hand(admin: Visitor, sessions: Sessions, somebody: int) -> None:
    admin.get(f"/people/{somebody}/erase")

    assert admin.submit("/erase", 422, name="李四").one("p", class_="error").text == "姓名不一样，没有删除。"
    with sessions() as session:
        assert session.get_one(Person, somebody).name == "张㛃"


@pytest.mark.parametrize("what", ["request", "call", "check_in"])
def test_nobody_is_erased_while_somebody_works_for_them(
    admin: Visitor, sessions: Sessions, somebody: int, tmp_path: Path, what: str
) -> None:
    with sessions.begin() as session:
        waiting = {"occasion": "round-1", "state": CheckInState.WAITING, "tries": 1}
        rows: dict[str, Base] = {
            "request": make_request(person_id=somebody),
            "call": make_call(person_id=somebody),
            "check_in": make_check_in(person_id=somebody, **waiting),
        }
        session.add(rows[what])
    admin.get(f"/people/{somebody}/erase")

    page = admin.submit("/erase", 409, name="张㛃")

    assert "请先办好" in page.one("p", role="alert").text
    assert (tmp_path / "recordings" / "one.wav").exists()


def test_a_manager_does_not_erase(manager: Visitor, somebody: int) -> None:
    assert manager.post(f"/people/{somebody}/erase", 403, name="张㛃").one("h1").text == "您的账户不能做这件事"
