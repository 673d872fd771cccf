"""Lists of help requests, and new ones that are written down by hand."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Escalation, HelpRequest, Person, Staff
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus, Urgency
from tests.care_records.builders import make_person, make_request
from tests.console.visitor import Element, Visitor

Sessions = sessionmaker[Session]


def told(page: Element) -> str:
    """What the page says came of it."""
    return page.one("main").one("p", role="status").text


def add(sessions: Sessions, *rows: object) -> None:
    with sessions.begin() as session:
        session.add_all(rows)


def numbers(page: Element) -> list[str]:
    return [row.all("a")[0].text for row in page.one("tbody").all("tr")]


def test_without_any_request_the_list_says_so(viewer: Visitor) -> None:
    for state in ("open", "taken", "resolved", "closed", "all"):
        assert viewer.get(f"/requests/?state={state}").one("p", class_="nothing").text == "没有这样的工单。"


def test_what_is_due_next_stands_first(viewer: Visitor, sessions: Sessions) -> None:
    at = datetime.now(UTC)
    for number, hours in (("a", 5), ("b", -1), ("c", 2)):
        add(sessions, make_request(number=number, due_at=at + timedelta(hours=hours, seconds=30)))

    page = viewer.get("/requests/")

    assert numbers(page) == ["b", "c", "a"]
    assert [row.all("td")[-1].text for row in page.one("tbody").all("tr")] == ["过了59分钟", "还有2小时", "还有5小时"]


def test_each_state_has_its_list(viewer: Visitor, sessions: Sessions) -> None:
    for status in RequestStatus:
        add(sessions, make_request(number=status.value, status=status))

    assert {status: numbers(viewer.get(f"/requests/?state={status}")) for status in RequestStatus} == {
        status: [status.value] for status in RequestStatus
    }
    assert len(numbers(viewer.get("/requests/?state=all"))) == 4


def test_a_list_is_narrowed_down(officer: Visitor, sessions: Sessions) -> None:
    with sessions() as session:
        me = session.scalars(select(Staff.id)).one()
    late = datetime.now(UTC) - timedelta(hours=1)
    later = datetime.now(UTC) + timedelta(hours=1)
    add(
        sessions,
        make_request(number="who", due_at=later, person=make_person(name="欧阳𠮷", phone="+8651200007777")),
        make_request(number="what", due_at=later, category="meals"),
        make_request(number="red", due_at=later, urgency=Urgency.RED),
        make_request(number="late", due_at=late),
        make_request(number="mine", due_at=later, assignee_id=me),
    )

    found = {
        query: numbers(officer.get(f"/requests/?state=all&{query}"))
        for query in ("who=阳𠮷", "who=00007777", "category=meals", "urgency=red", "overdue=true", "mine=true")
    }

    assert found == {
        "who=阳𠮷": ["who"],
        "who=00007777": ["who"],
        "category=meals": ["what"],
        "urgency=red": ["red"],
        "overdue=true": ["late"],
        "mine=true": ["mine"],
    }


def test_a_filter_that_makes_no_sense_shows_what_is_open(viewer: Visitor, sessions: Sessions) -> None:
    add(sessions, make_request(number="one"))

    page = viewer.get("/requests/?urgency=purple&category=nonsense&person=99999999999")

    assert numbers(page) == ["one"]
    assert [error.text for error in page.all("p", class_="error")] == ["请从列出的里面选。"] * 2


def test_the_list_goes_on_over_pages(viewer: Visitor, sessions: Sessions) -> None:
    add(sessions, *(make_request(number=f"n{index:02d}") for index in range(51)))

    page = viewer.get("/requests/?state=all")
    rest = viewer.get(page.one("a", rel="next").attributes["href"])

    assert numbers(page)[0] == "n50"
    assert numbers(rest) == ["n00"]


def test_what_somebody_who_walks_in_wants_is_written_down(officer: Visitor, sessions: Sessions) -> None:
    add(sessions, make_person(name="张㛃", phone="+8651200001111"))
    officer.get("/requests/new?who=㛃")
    link = officer.page.one("ul", class_="stack").one("a")
    officer.get(link.attributes["href"])

    page = officer.submit("/requests/", matter="水管漏水", category="repair", urgency="yellow")

    assert told(page) == "工单已经登记。"
    with sessions() as session:
        made = session.scalars(select(HelpRequest)).one()
        person = session.scalars(select(Person)).one()
    assert (made.person_id, made.phone, made.matter) == (person.id, "+8651200001111", "水管漏水")
    assert (made.reason, made.status, made.taken_by) == ("by_hand", RequestStatus.TAKEN, "值班员officer")


def test_a_new_request_that_is_sent_twice_is_opened_once(officer: Visitor, sessions: Sessions) -> None:
    officer.get("/requests/new")
    once = officer.form("/requests/").one("input", name="once").attributes["value"]
    officer.submit("/requests/", matter="水管漏水", category="repair")
    shown = officer.path

    officer.post("/requests/", matter="水管漏水", category="repair", once=once)

    assert officer.path == shown
    with sessions() as session:
        assert len(session.scalars(select(HelpRequest)).all()) == 1


def test_what_is_urgent_and_not_taken_is_rung_for(officer: Visitor, sessions: Sessions) -> None:
    officer.get("/requests/new")
    values = {"matter": "摔倒了", "category": "fell", "urgency": "red", "mine": ""}

    officer.submit("/requests/", **values)

    with sessions() as session:
        assert session.scalars(select(Escalation.state)).one() is EscalationState.WAITING


def test_what_is_urgent_and_taken_at_once_is_not(officer: Visitor, sessions: Sessions) -> None:
    officer.get("/requests/new")

    officer.submit("/requests/", matter="摔倒了", category="fell", urgency="red")

    with sessions() as session:
        assert session.scalars(select(Escalation.state)).one() is EscalationState.TAKEN


def test_a_number_that_is_none_is_told_and_nothing_is_lost(officer: Visitor, sessions: Sessions) -> None:
    officer.get("/requests/new")

    page = officer.submit("/requests/", status=422, matter="水管漏水", category="repair", phone="110-x")

    assert page.one("p", class_="error").text == "这不是一个电话号码。"
    assert page.one("textarea", id="matter").text == "水管漏水"
    with sessions() as session:
        assert session.scalars(select(HelpRequest)).all() == []


def test_a_viewer_may_not_open_a_request(viewer: Visitor) -> None:
    viewer.get("/requests/new", status=403)
    viewer.post("/requests/", status=403)
