"""What a conversation knows when it starts: who is calling, who is on duty, what there is to tell."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.spoken import moment
from tests.calls.conftest import MakeLine
from tests.calls.line import CALLER, OFFICERS, Line, add
from tests.calls.outages import outage
from tests.care_records.builders import (
    NOW,
    make_activity,
    make_bulletin,
    make_community,
    make_officer,
    make_person,
)

DAY = timedelta(days=1)


@pytest.fixture
def bare(sqlite_url: str, make_line: MakeLine) -> Line:
    """A line with nothing in its records."""
    return make_line(sqlite_url)


def test_a_known_number_is_greeted_by_name(bare: Line) -> None:
    add(bare.settings.database, [make_person(phone="+8651252881234", address_as="老领导", slow_speech=True)])
    caller = bare.service.context_for("0512-5288 1234", NOW).caller
    assert caller
    assert (caller.address_as, caller.slow, caller.records) == ("老领导", True, True)


def test_the_second_number_of_a_person_is_known_too(bare: Line) -> None:
    add(bare.settings.database, [make_person(phone2="+8613812345678")])
    assert bare.service.context_for("sip:+8613812345678@trunk.example", NOW).caller


@pytest.mark.parametrize(("consent", "records"), [(None, True), (True, True), (False, False)])
def test_only_who_refused_is_not_recorded(bare: Line, consent: bool | None, records: bool) -> None:
    add(bare.settings.database, [make_person(phone=CALLER, consent_recording=consent)])
    caller = bare.service.context_for(CALLER, NOW).caller
    assert caller
    assert caller.records is records


def test_two_people_with_one_phone_are_not_called_by_a_name(bare: Line) -> None:
    add(bare.settings.database, [make_person(phone=CALLER), make_person(phone2=CALLER)])
    context = bare.service.context_for(CALLER, NOW)
    assert (context.caller, context.number) == (None, CALLER)
    bare.start()
    assert bare.call().person_id is None


@pytest.mark.parametrize(
    "number",
    [
        None,
        "",
        "anonymous",
        "+266696687",
        "+86282452253",
        "sip:anonymous@anonymous.invalid",
        "110",
        "x" * 100_000,
        "\x00",
    ],
)
def test_what_is_no_number_is_nobody(bare: Line, number: str | None) -> None:
    add(bare.settings.database, [make_person(phone=None)])
    context = bare.service.context_for(number, NOW)
    assert (context.number, context.caller) == (None, None)


def test_officers_come_in_the_order_in_which_they_are_rung(bare: Line) -> None:
    officers = [make_officer(name="乙", duty_rank=2), make_officer(name="甲", duty_rank=1)]
    add(bare.settings.database, [*officers, make_officer(active=False), make_officer(phone=None)])
    assert [officer.name for officer in bare.service.context_for(None, NOW).officers] == ["甲", "乙"]


def test_activities_are_those_of_ones_own_community_and_of_everybody(bare: Line) -> None:
    own, other = make_community(), make_community()
    add(bare.settings.database, [own, other])
    add(
        bare.settings.database,
        [
            make_person(phone=CALLER, community_id=own.id),
            make_activity(title="近处", community_id=own.id),
            make_activity(title="远处", community_id=other.id),
            make_activity(title="大家", starts_at=NOW + 2 * DAY),
            make_activity(title="昨天", starts_at=NOW - DAY),
        ],
    )
    assert [item.title for item in bare.service.context_for(CALLER, NOW).activities] == ["近处", "大家"]
    assert [item.title for item in bare.service.context_for(None, NOW).activities] == ["大家"]


def test_an_activity_says_when_and_where(bare: Line) -> None:
    starts_at = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    add(bare.settings.database, [make_activity(starts_at=starts_at, place="二楼活动室", text="一起唱老歌。")])
    (activity,) = bare.service.context_for(None, NOW).activities
    assert activity.text == "11月24日，星期二，下午2点半，在二楼活动室。一起唱老歌。"


def test_bulletins_are_the_current_ones(bare: Line) -> None:
    current, draft = make_bulletin(title="今天"), make_bulletin(title="草稿", published_at=None)
    add(bare.settings.database, [current, draft, make_bulletin(title="过期", expires_at=NOW)])
    assert [(item.title, item.text) for item in bare.service.context_for(None, NOW).bulletins] == [
        ("今天", "今天天气好。")
    ]


@pytest.mark.parametrize(
    ("local", "rings"),
    [
        ("2026-11-23T08:29:59+08:00", False),
        ("2026-11-23T08:30:00+08:00", True),
        ("2026-11-23T16:59:59+08:00", True),
        ("2026-11-23T17:00:00+08:00", False),
        ("2026-11-22T10:00:00+08:00", False),
        ("2026-11-23T01:00:00+00:00", True),
    ],
)
def test_a_person_is_rung_first_in_office_hours_if_so_configured(
    sqlite_url: str, make_line: MakeLine, local: str, rings: bool
) -> None:
    now = datetime.fromisoformat(local)
    assert make_line(sqlite_url, person_first=True).service.context_for(None, now).person_first is rings
    assert make_line(sqlite_url, "other").service.context_for(None, now).person_first is False


def test_without_the_database_the_officers_and_the_number_are_still_known(line: Line) -> None:
    line.service.context_for(None, NOW)
    with outage(line.settings.database, "gone"):
        context = line.service.context_for("138 1234 5678", NOW)
    assert [officer.phone for officer in context.officers] == list(OFFICERS)
    assert (context.number, context.caller) == ("+8613812345678", None)


def test_the_copy_of_the_duty_list_is_private_and_follows_the_records(line: Line) -> None:
    copy = line.settings.data_dir / "duty.json"
    line.service.context_for(None, NOW)
    before = copy.read_text()
    assert OFFICERS[0] in before
    assert copy.stat().st_mode & 0o077 == 0

    add(line.settings.database, [make_officer(phone="+8651200009003", duty_rank=3)])
    line.service.context_for(None, NOW)
    assert "+8651200009003" in copy.read_text()


@pytest.mark.parametrize(
    ("local", "spoken"),
    [
        ("2026-11-23T09:00", "11月23日，星期一，上午9点"),
        ("2026-02-01T12:05", "2月1日，星期日，中午12点05分"),
        ("2026-10-10T05:30", "10月10日，星期六，清早5点半"),
        ("2026-10-10T19:45", "10月10日，星期六，晚上7点45分"),
        ("2026-10-10T14:00", "10月10日，星期六，下午2点"),
    ],
)
def test_times_are_spoken_as_people_say_them(local: str, spoken: str) -> None:
    assert moment(datetime.fromisoformat(local)) == spoken
