"""The monthly report and the ledger of any period, on the page and as workbooks; what was removed after its time."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console.reports import charts
from care_records.models import AuditEvent
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import retention
from tests.care_records.builders import NOW, make_call, make_person, make_request
from tests.console.visitor import Visitor

Sessions = sessionmaker[Session]
NOVEMBER = "first=2026-11-01&last=2026-11-30"


def stored(sessions: Sessions, *rows: object) -> None:
    with sessions.begin() as session:
        session.add_all(rows)


def sheet(visitor: Visitor, path: str) -> list[tuple[object, ...]]:
    answer = visitor.open(path)
    assert answer.status_code == 200
    found = load_workbook(BytesIO(answer.data)).active
    assert found is not None
    return list(found.iter_rows(values_only=True))


def figures(visitor: Visitor) -> dict[str, str]:
    rows = [row.all("td") for table in visitor.page.all("table", class_="figures") for row in table.all("tr")]
    return {cells[0].text: " ".join(cell.text for cell in cells[1:]).strip() for cells in rows if cells}


def test_the_report_of_nothing_is_a_page_of_noughts(viewer: Visitor) -> None:
    viewer.get("/reports/")

    assert figures(viewer)["来电接通"] == "0 / 0"
    assert "这段时间没有来电。" in viewer.page.text
    assert "这段时间没有工单。" in viewer.page.text


def test_the_report_shows_every_section_of_its_period(viewer: Visitor, sessions: Sessions) -> None:
    stored(sessions, *[make_call(status="completed", outcome="listened") for _ in range(3)])
    stored(sessions, make_call(status="no-answer"), make_call(started_at=NOW - timedelta(days=40)))

    page = viewer.get(f"/reports/?{NOVEMBER}")

    assert page.one("h1").text == "月报 · 2026年11月"
    assert figures(viewer)["来电接通"] == "3 / 4 75.0%"
    assert figures(viewer)["听了彩虹桥"] == "3 75.0%"
    assert [heading.text for heading in page.all("h2")] == [
        "每天的电话", "通话", "问候", "紧急工单", "很急工单", "回访和满意度", "语音",
        "满意度", "来电结果", "工单，按类别",
    ]  # fmt: skip


def test_without_a_period_the_report_is_of_this_month(viewer: Visitor) -> None:
    page = viewer.get("/reports/")
    today = datetime.now(UTC).astimezone().date()

    assert page.one("input", id="first").attributes["value"] in (
        today.replace(day=1).isoformat(),
        (today + timedelta(days=1)).replace(day=1).isoformat(),
    )


@pytest.mark.parametrize(
    "asked", ["first=2026-11-02&last=2026-11-01", "first=1990-01-01", "first=x", "first=0001-01-01&last=9999-12-31"]
)
def test_a_period_that_makes_no_sense_says_so_and_shows_this_month(viewer: Visitor, asked: str) -> None:
    page = viewer.get(f"/reports/?{asked}")

    assert page.all("p", class_="error")
    assert len(page.all("h2")) == 10


def test_a_period_across_the_year_names_its_first_and_last_day(viewer: Visitor) -> None:
    page = viewer.get("/reports/?first=2026-12-15&last=2027-01-15")

    assert page.one("h1").text == "月报 · 2026-12-15 至 2027-01-15"
    assert page.one("svg", class_="standing").attributes["viewbox"] == "0 0 360 100"


def test_the_workbook_of_the_report_has_the_figures_of_the_page(officer: Visitor, sessions: Sessions) -> None:
    stored(sessions, make_call(status="completed", outcome="listened"), make_request(category="repair"))

    rows = sheet(officer, f"/reports/monthly.xlsx?{NOVEMBER}")

    assert rows[0] == ("部分", "项目", "数量", "总数", "比例")
    assert ("通话", "来电接通", 1, 1, "100.0%") in rows
    assert ("工单：修东西", "共计", 1, None, None) in rows
    assert ("11-23", "来电", 1, None, None) in rows


def test_the_ledger_has_the_columns_of_the_office_and_says_what_is_late(viewer: Visitor, sessions: Sessions) -> None:
    done = {"status": RequestStatus.CLOSED, "resolved_at": NOW, "followed_up_at": NOW + timedelta(hours=1)}
    person = make_person(name="𠮷㛃示例")
    stored(
        sessions,
        make_request(
            number="20261123-901", person=person, due_at=NOW - timedelta(minutes=1), urgency=Urgency.YELLOW,
            matter="<b>修水管</b>", result="修好了", taken_by="王值班", satisfaction=5, **done,
        ),
    )  # fmt: skip

    page = viewer.get(f"/reports/ledger?{NOVEMBER}")

    assert [heading.text for heading in page.all("th")] == [
        "编号", "时间", "姓名", "事项", "类别", "紧急程度", "承办人", "时限", "结果", "回访", "满意度"
    ]  # fmt: skip
    assert [cell.text for cell in page.all("td")] == [
        "20261123-901", "2026-11-23 10:00", "𠮷㛃示例", "<b>修水管</b>", "修东西", "当天办", "王值班",
        "2026-11-23 09:59 超时", "修好了", "2026-11-23 11:00", "很满意",
    ]  # fmt: skip


def test_a_request_belongs_to_the_local_day_on_which_it_was_opened(viewer: Visitor, sessions: Sessions) -> None:
    for number, at in enumerate((datetime(2026, 11, 30, 15, 59, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))):
        stored(sessions, make_request(number=f"edge-{number}", created_at=at))

    assert "edge-0" in viewer.get(f"/reports/ledger?{NOVEMBER}").text
    assert "edge-1" not in viewer.page.text


def test_the_ledger_goes_on_on_the_next_page_and_counts_them_all(viewer: Visitor, sessions: Sessions) -> None:
    stored(sessions, *[make_request(created_at=NOW + timedelta(minutes=number)) for number in range(51)])

    first = viewer.get(f"/reports/ledger?{NOVEMBER}")
    numbers = [row.all("td")[0].text for row in first.all("tr") if row.all("td")]
    second = viewer.get(first.one("a", rel="next").attributes["href"])

    assert "共 51 件" in first.text
    assert len(numbers) == 50
    assert len(second.all("td")) == 11
    assert second.all("td")[0].text not in numbers


def test_the_workbook_of_the_ledger_holds_no_formula(officer: Visitor, sessions: Sessions) -> None:
    matter = '=HYPERLINK("http://example.org","看")'
    stored(sessions, make_request(number="20261123-902", matter=matter, result="+1\x0b"))

    rows = sheet(officer, f"/reports/ledger.xlsx?{NOVEMBER}")

    assert rows[0][0] == "编号"
    assert rows[1][:4] == ("20261123-902", "2026-11-23 10:00", None, f"'{matter}")
    assert rows[1][8] == "'+1"


def test_the_workbook_holds_the_whole_ledger_the_oldest_first(officer: Visitor, sessions: Sessions) -> None:
    made = [make_request(created_at=NOW - timedelta(minutes=number)) for number in range(60)]
    expected = [request.number for request in reversed(made)]
    stored(sessions, *made)

    assert [row[0] for row in sheet(officer, f"/reports/ledger.xlsx?{NOVEMBER}")[1:]] == expected


@pytest.mark.parametrize(
    ("path", "action"), [("monthly.xlsx", "report.exported"), ("ledger.xlsx", "requests.exported")]
)
def test_whoever_takes_figures_away_stands_in_the_trail(
    officer: Visitor, sessions: Sessions, path: str, action: str
) -> None:
    answer = officer.open(f"/reports/{path}?{NOVEMBER}")

    assert "20261101-20261130.xlsx" in answer.headers["Content-Disposition"]
    with sessions() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()) == 1


def test_a_viewer_looks_and_takes_nothing_away(viewer: Visitor) -> None:
    assert viewer.open("/reports/ledger.xlsx").status_code == 403
    page = viewer.get("/reports/ledger")
    assert [link for link in page.all("a") if ".xlsx" in link.attributes["href"]] == []


def test_the_page_of_what_was_removed_shows_every_run(viewer: Visitor, sessions: Sessions) -> None:
    assert "还没有清理过。" in viewer.get("/reports/retention").text
    with sessions.begin() as session:
        retention.run(session, NOW, retention.Keep())

    cells = [cell.text for cell in viewer.get("/reports/retention").all("td")]

    assert cells == [
        "2026-11-23 10:00", "0 2026-08-25 10:00以前的", "0 2023-11-23 10:00以前的", "0 2025-11-23 10:00以前的"
    ]  # fmt: skip


def test_columns_are_stacked_and_never_higher_than_the_drawing() -> None:
    drawn = charts.columns([(3, 4), (0, 0), (1, 0)], ["1", "2", "3"])

    assert drawn.top == 10
    assert [(piece.x, piece.y, piece.height, piece.colour) for piece in drawn.pieces] == [
        (1, 70, 30, "c1"), (1, 30, 40, "c2"), (21, 90, 10, "c1")
    ]  # fmt: skip


def test_a_bar_is_as_long_as_its_part_of_the_whole() -> None:
    assert [(piece.x, piece.width, piece.colour) for piece in charts.bar((1, 0, 2), 4)] == [
        (0, 25, "c1"), (25, 50, "c3")
    ]  # fmt: skip
    assert charts.bar((0,), 0) == []


def test_a_year_is_drawn_by_its_months(viewer: Visitor) -> None:
    page = viewer.get(f"/reports/?first={date(2026, 1, 1)}&last={date(2026, 12, 31)}")

    assert page.one("h1").text == "月报 · 2026年"
    assert len(page.one("details").all("td")) == 12 * 3
