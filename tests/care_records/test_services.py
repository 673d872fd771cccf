from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import BulletinPlay, Recording
from care_records.models.calls import RecordingState
from care_records.services import content, duty, people, recordings
from tests.care_records.builders import (
    NOW,
    make_activity,
    make_bulletin,
    make_call,
    make_community,
    make_officer,
    make_person,
)

HOUR = timedelta(hours=1)

# --- People --------------------------------------------------------------------------------------------------------


def test_a_number_finds_everybody_who_has_it(session: Session) -> None:
    he = make_person(phone="+8651200000007")
    she = make_person(phone="+8613800000000", phone2="+8651200000007")
    session.add_all([he, she, make_person(phone="+8651200000008")])
    session.flush()

    assert people.by_phone(session, "+8651200000007") == [he, she]
    assert people.by_phone(session, "+8651200000009") == []


def test_a_person_who_asked_for_slow_speech_keeps_it(session: Session) -> None:
    person = make_person()
    session.add(person)
    session.flush()

    people.set_speech_rate(session, person.id, True)
    session.refresh(person)
    assert person.slow_speech

    people.set_speech_rate(session, 4711, True)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1936, 11, 23), date(2026, 11, 22), 89),
        (date(1936, 11, 23), date(2026, 11, 23), 90),
        (date(1936, 2, 29), date(2026, 2, 28), 89),
        (date(1936, 2, 29), date(2026, 3, 1), 90),
    ],
)
def test_age_is_counted_in_full_years(born: date, day: date, age: int) -> None:
    assert people.age_on(born, day) == age


# --- Bulletins and activities --------------------------------------------------------------------------------------


def test_bulletins_are_told_from_their_publication_to_their_end_the_newest_first(session: Session) -> None:
    session.add_all(
        [
            make_bulletin(title="旧", published_at=NOW - HOUR * 2),
            make_bulletin(title="新", published_at=NOW),
            make_bulletin(title="草稿", published_at=None),
            make_bulletin(title="以后", published_at=NOW + HOUR),
            make_bulletin(title="过期", expires_at=NOW),
            make_bulletin(title="快过期", published_at=NOW - HOUR * 3, expires_at=NOW + HOUR),
        ]
    )
    session.flush()

    assert [bulletin.title for bulletin in content.current_bulletins(session, NOW)] == ["新", "旧", "快过期"]
    assert [bulletin.title for bulletin in content.current_bulletins(session, NOW, limit=1)] == ["新"]


def test_activities_are_those_of_ones_own_community_and_those_for_everybody(session: Session) -> None:
    near, far = make_community(), make_community()
    session.add_all([near, far])
    session.flush()
    session.add_all(
        [
            make_activity(title="后天", community_id=near.id, starts_at=NOW + HOUR * 48),
            make_activity(title="明天", starts_at=NOW + HOUR * 24),
            make_activity(title="别处", community_id=far.id),
            make_activity(title="已开始", community_id=near.id, starts_at=NOW),
        ]
    )
    session.flush()

    assert [activity.title for activity in content.upcoming_activities(session, near.id, NOW)] == ["明天", "后天"]
    assert [activity.title for activity in content.upcoming_activities(session, None, NOW)] == ["明天"]


def test_who_listened_to_what_is_kept(session: Session) -> None:
    bulletin, call = make_bulletin(), make_call()
    session.add_all([bulletin, call])
    session.flush()

    content.heard(session, call, bulletin_id=bulletin.id, completed=True, at=NOW)

    assert session.scalars(select(BulletinPlay.bulletin_id)).all() == [bulletin.id]


def test_listening_to_a_bulletin_that_was_deleted_meanwhile_is_no_mistake(session: Session) -> None:
    call = make_call()
    session.add(call)
    session.flush()

    assert content.heard(session, call, bulletin_id=4711, completed=True, at=NOW) is None


# --- Duty ----------------------------------------------------------------------------------------------------------


def test_officers_are_rung_by_rank_and_only_those_who_can_be(session: Session) -> None:
    session.add_all(
        [
            make_officer(name="乙", duty_rank=2),
            make_officer(name="甲", duty_rank=1),
            make_officer(name="离职", active=False),
            make_officer(name="没电话", phone=None),
            make_officer(name="不值班", duty_rank=None),
        ]
    )
    session.flush()

    assert [officer.name for officer in duty.officers(session, NOW)] == ["甲", "乙"]


# --- Recordings ----------------------------------------------------------------------------------------------------


@pytest.fixture
def recording(session: Session) -> Recording:
    call = make_call()
    session.add(call)
    session.flush()
    return recordings.register(session, call=call, sid="RE1", url="https://provider.example/RE1", at=NOW)


def test_a_recording_is_due_at_once_and_registered_once(session: Session, recording: Recording) -> None:
    again = recordings.register(session, call=recording.call, sid="RE1", url="https://elsewhere.example", at=NOW + HOUR)

    assert again is recording
    assert recordings.due(session, NOW) == [recording]
    assert recording.url == "https://provider.example/RE1"


def test_a_recording_that_is_stored_is_no_longer_due(session: Session, recording: Recording) -> None:
    recordings.failed(session, recording, "404", NOW)
    recordings.stored(session, recording, path="recordings/RE1.wav", sha256="ab" * 32, seconds=4.2)
    recordings.failed(session, recording, "too late to fail", NOW)

    assert recordings.due(session, NOW + HOUR) == []
    assert (recording.state, recording.error, recording.attempts) == (RecordingState.STORED, None, 1)


def test_a_recording_is_tried_again_later_and_later_and_then_shows_as_missing(
    session: Session, recording: Recording
) -> None:
    waits = []
    while recording.state is RecordingState.PENDING:
        at = recording.due_at
        assert recordings.due(session, at) == [recording]
        recordings.failed(session, recording, "timeout " * 100, at)
        waits.append(int((recording.due_at - at).total_seconds()))

    assert waits == [5, 15, 60, 300, 1800, 7200, 21600, 0]
    assert recording.state is RecordingState.MISSING
    assert recordings.due(session, NOW + HOUR * 1000) == []
