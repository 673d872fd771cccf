"""What is too old is removed, and nothing else; each run says what it removed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import AuditEvent, CheckIn, Escalation, HelpRequest, Recording, RetentionRun
from care_records.models.calls import RecordingState
from care_records.models.check_ins import CheckInOutcome, CheckInState
from care_records.models.requests import RequestStatus
from care_records.services import audit, requests, retention
from care_records.services.retention import Keep
from tests.care_records.builders import NOW, make_call, make_check_in, make_request

KEEP = Keep(audio_days=90, request_years=3, access_days=183)
LONG_AGO = datetime(2023, 11, 23, 1, 59, tzinfo=UTC)
"""Three years and a minute before NOW."""


def recording(session: Session, name: str, age: timedelta) -> Recording:
    stored = {"state": RecordingState.STORED, "path": f"recordings/{name}.wav", "sha256": "0" * 64}
    times = {"due_at": NOW, "created_at": NOW - age}
    voice = Recording(call=make_call(), sid=name, url="https://example.org", transcript="要修水管", **stored, **times)
    session.add(voice)
    session.flush()
    return voice


def old_request(session: Session, **values: object) -> HelpRequest:
    over = {"status": RequestStatus.CLOSED, "created_at": LONG_AGO, "resolved_at": LONG_AGO}
    request = make_request(**over | values)
    session.add(request)
    session.flush()
    return request


def test_a_voice_is_forgotten_after_its_time_and_what_was_made_out_stays(session: Session) -> None:
    old = recording(session, "old", timedelta(days=90, seconds=1))
    new = recording(session, "new", timedelta(days=90))

    removed = retention.run(session, NOW, KEEP)

    session.expire_all()
    assert removed.files == ["recordings/old.wav"]
    assert (old.path, old.sha256, old.transcript) == (None, None, "要修水管")
    assert new.path == "recordings/new.wav"


def test_a_voice_that_was_never_written_down_does_not_wait_for_that_any_more(session: Session) -> None:
    old = recording(session, "old", timedelta(days=91))

    retention.run(session, NOW, KEEP)

    session.expire_all()
    assert old.transcribed_at == NOW


def test_a_help_request_that_is_over_goes_with_its_history_after_three_years(session: Session) -> None:
    gone = old_request(session)
    requests.note(session, gone, "老人说好了", at=LONG_AGO)
    session.add(Escalation(request=gone, created_at=LONG_AGO))
    check_in = make_check_in(
        request=gone, state=CheckInState.DONE, outcome=CheckInOutcome.CONCERN, taken_by="王值班", day=LONG_AGO.date()
    )
    session.add(check_in)
    session.flush()

    removed = retention.run(session, NOW, KEEP)

    session.expire_all()
    assert removed.requests == 1
    assert session.scalars(select(HelpRequest.id)).all() == []
    assert session.scalars(select(CheckIn.request_id)).all() == [None]


@pytest.mark.parametrize(
    "values",
    [
        {"status": RequestStatus.OPEN, "resolved_at": None},
        {"status": RequestStatus.TAKEN, "resolved_at": None},
        {"resolved_at": NOW - timedelta(days=1)},
        {"created_at": LONG_AGO + timedelta(minutes=1)},
    ],
    ids=["open", "taken", "resolved lately", "not that old"],
)
def test_a_help_request_is_kept_as_long_as_it_is_needed(session: Session, values: dict[str, object]) -> None:
    kept = old_request(session, **values)

    assert retention.run(session, NOW, KEEP).requests == 0
    assert session.scalars(select(HelpRequest.id)).all() == [kept.id]


def test_the_audit_trail_is_kept_for_half_a_year_at_least(session: Session) -> None:
    for days in (182, 184):
        at = NOW - timedelta(days=days)
        audit.record(session, "person.opened", at=at, account_id=None, address=None)

    assert retention.run(session, NOW, KEEP).accesses == 1
    assert session.scalars(select(AuditEvent.at)).all() == [NOW - timedelta(days=182)]


@pytest.mark.parametrize("wrong", [{"access_days": 182}, {"audio_days": 0}, {"request_years": 0}])
def test_nothing_can_be_kept_for_less_than_the_law_asks_for(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Keep(**wrong)


def test_a_run_removes_so_much_and_says_that_there_is_more(session: Session) -> None:
    for number in range(3):
        recording(session, f"old{number}", timedelta(days=100 - number))

    runs = [retention.run(session, NOW, KEEP, at_once=2) for _ in range(3)]

    assert [run.files for run in runs] == [
        ["recordings/old0.wav", "recordings/old1.wav"],
        ["recordings/old2.wav"],
        [],
    ]
    assert [run.more for run in runs] == [True, False, False]


def test_every_run_is_written_down_even_when_there_was_nothing(session: Session) -> None:
    recording(session, "old", timedelta(days=91))
    retention.run(session, NOW, KEEP)
    retention.run(session, NOW + timedelta(days=1), KEEP)

    first, second = session.scalars(select(RetentionRun).order_by(RetentionRun.id))

    assert (first.recordings, first.requests, first.accesses) == (1, 0, 0)
    assert first.audio_before == NOW - timedelta(days=90)
    assert first.requests_before == NOW.replace(year=2023)
    assert second.recordings == 0
    assert retention.last_run(session) == second


def test_three_years_before_a_leap_day_is_the_first_of_march(session: Session) -> None:
    leap_day = datetime(2028, 2, 29, 9, 30, tzinfo=UTC)

    retention.run(session, leap_day, KEEP)

    last = retention.last_run(session)
    assert last is not None
    assert last.requests_before == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
