"""The pages of check-ins in a real headless browser."""

from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckInAnswer, OutboundCall, Pause, Round
from care_records.models.accounts import Role
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import Urgency
from tests.care_records.builders import make_call, make_check_in, make_person, make_request
from tests.console.browser import (
    SCREENS,
    SitDown,
    address,
    barriers,
    browser,
    open_page,
    picture,
    sit_down,
    smallest_text,
    spoken,
    sticks_out,
)
from tests.console.conftest import ZONE

__all__ = ["address", "browser", "open_page", "sit_down", "spoken"]

pytestmark = pytest.mark.browser

PATHS = ("checkins/", "checkins/1", "checkins/people/1", "checkins/rounds/", "checkins/rounds/new", "checkins/rounds/1")
OUTCOMES = (
    *(CheckInOutcome.FINE,) * 9, CheckInOutcome.RELATIVE, CheckInOutcome.UNREACHED, CheckInOutcome.CONCERN,
    CheckInOutcome.SILENT,
)  # fmt: skip


@pytest.fixture
def records(sessions: sessionmaker[Session]) -> None:
    """Somebody with twelve weeks of check-ins, a round, a pause."""
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    with sessions.begin() as session:
        person = make_person(name="欧阳示例", consent_calls=True)
        session.add(person)
        round_ = Round(
            name="高温问候",
            opening="今天气温很高，请您少出门，多喝水。",
            group={"min_age": 80},
            starts_at=now,
            created_at=now,
        )
        session.add(round_)
        call = make_call(purpose="check_in", outcome="fine")
        session.add(call)
        session.flush()
        of_round = {"round_id": round_.id, "occasion": f"round-{round_.id}", "day": today, "due_at": now}
        for back in range(84):
            day = today - timedelta(days=back)
            outcome = OUTCOMES[back % len(OUTCOMES)]
            state = CheckInState.DONE if outcome is CheckInOutcome.FINE else CheckInState.FOLLOW_UP
            at = datetime.combine(day, time(8, 45), ZONE).astimezone(UTC)
            row = make_check_in(person=person, day=day, due_at=at, state=state, outcome=outcome, tries=2, next_at=None)
            session.add(row)
            session.flush()
            for question in ("health", "falls", "meals", "help"):
                answer = "not_fine" if (outcome, question) == (CheckInOutcome.CONCERN, "meals") else "fine"
                by = "relative" if outcome is CheckInOutcome.RELATIVE else "person"
                said = {"question": question, "answer": answer, "by": by, "heard": "吃不下饭", "at": at}
                flag = Urgency.YELLOW if answer == "not_fine" else None
                session.add(CheckInAnswer(check_in_id=row.id, call_id=call.id, flag=flag, **said))
        for number, result, sid in ((1, "no_answer", None), (2, "fine", call.sid)):
            tried = {"number": number, "to_number": "+8651252881234", "result": result, "sid": sid}
            ended = {"state": OutboundCallState.ENDED, "due_at": now, "sent_at": now, "ended_at": now}
            session.add(OutboundCall(check_in_id=1, **tried, **ended))
        for number in range(6):
            other = make_person(name=f"示例{number}")
            request = make_request() if number == 5 else None
            state = CheckInState.FOLLOW_UP if request else CheckInState.PLANNED
            values = of_round if number % 2 else {"day": today, "due_at": now}
            session.add(make_check_in(person=other, state=state, request=request, **values))
        pause = {"first_day": today - timedelta(days=20), "last_day": today - timedelta(days=18), "reason": "住院"}
        session.add(Pause(person_id=person.id, created_at=now, **pause))
        pause = {"first_day": today + timedelta(days=2), "last_day": today + timedelta(days=9), "reason": "去女儿家"}
        session.add(Pause(person_id=person.id, created_at=now, **pause))


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", ["desktop", "telephone"])
def test_the_pages_can_be_read_and_used_by_everybody(sit_down: SitDown, screen: str, language: str) -> None:
    page = sit_down(Role.MANAGER, size=SCREENS[screen], language=language)
    start = page.url
    for path in PATHS:
        page.goto(f"{start}{path}")
        picture(page, f"{path.replace('/', '-')}{screen}-{language}")

        assert barriers(page) == []
        assert not sticks_out(page), path
        assert smallest_text(page) >= 16


@pytest.mark.usefixtures("records")
def test_the_day_shows_what_changes_without_being_loaded_again(
    sit_down: SitDown, sessions: sessionmaker[Session]
) -> None:
    page = sit_down(Role.OFFICER, "/checkins/")
    expect(page.locator("#check-ins tbody tr")).to_have_count(7)
    now = datetime.now(UTC)
    with sessions.begin() as session:
        session.add(make_check_in(person=make_person(name="新来的"), day=now.astimezone(ZONE).date(), due_at=now))

    expect(page.locator("#check-ins")).to_contain_text("新来的")


@pytest.mark.usefixtures("records")
def test_an_officer_pauses_somebody_by_hand(sit_down: SitDown) -> None:
    page = sit_down(Role.OFFICER, "/checkins/people/1", size=SCREENS["telephone"])
    today = datetime.now(UTC).astimezone(ZONE).date()
    page.get_by_label("到哪天为止").fill(str(today + timedelta(days=1)))
    page.get_by_label("为什么").fill("住院")
    page.get_by_role("button", name="暂停问候").click()

    expect(page.get_by_role("status").first).to_contain_text("已经暂停")
