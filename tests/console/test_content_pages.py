"""The pages of bulletins and activities: written, listened to, published, withdrawn."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.console import Line
from care_records.models import Activity, Bulletin, BulletinPlay
from care_records.models.accounts import Role
from care_records.services import content
from tests.care_records.builders import make_activity, make_bulletin, make_call, make_community, make_request
from tests.console.conftest import PASSWORD, MakeApp
from tests.console.visitor import Visitor

Sessions = sessionmaker[Session]
SCHEDULED = "2031-05-06T08:30"


def write(manager: Visitor, title: str = "天冷了", text: str = "请您多穿一点。") -> int:
    """The number of a new draft, whose page is then open."""
    manager.get("/content/bulletins/new")
    manager.submit("/content/bulletins", title=title, text=text)
    return int(manager.path.rsplit("/", 1)[-1])


def on_air(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return [bulletin.title for bulletin in content.current_bulletins(session, datetime.now(UTC))]


def the_only(sessions: Sessions) -> Bulletin:
    with sessions() as session:
        return session.scalars(select(Bulletin)).one()


def stored(sessions: Sessions, *rows: object) -> None:
    with sessions.begin() as session:
        session.add_all(rows)


def test_with_nothing_written_the_pages_say_so(viewer: Visitor) -> None:
    assert "还没有写过。" in viewer.get("/content/").text
    assert "没有活动。" in viewer.get("/content/activities").text


def test_a_new_bulletin_is_a_draft_that_nobody_hears(manager: Visitor, sessions: Sessions) -> None:
    write(manager)

    assert "草稿" in manager.page.one("main").text
    assert on_air(sessions) == []


def test_a_bulletin_is_on_air_once_it_is_published(manager: Visitor, sessions: Sessions) -> None:
    write(manager)

    page = manager.submit("/publish")

    assert "正在播出" in page.text
    assert on_air(sessions) == ["天冷了"]


def test_a_scheduled_bulletin_waits_for_its_time_on_the_office_s_clock(manager: Visitor, sessions: Sessions) -> None:
    write(manager)

    page = manager.submit("/publish", begins=SCHEDULED, ends="2031-05-07T08:30")

    assert "到时播出" in page.text
    assert on_air(sessions) == []
    assert the_only(sessions).published_at == datetime(2031, 5, 6, 0, 30, tzinfo=UTC)
    assert page.one("input", id="begins").attributes["value"] == SCHEDULED


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"begins": SCHEDULED, "ends": SCHEDULED}, "ends"),
        ({"ends": "2020-01-01T00:00"}, "ends"),
        ({"begins": "0001-01-01T00:00"}, "begins"),
        ({"begins": "2031-05-06T08:30Z"}, "begins"),
        ({"begins": "soon"}, "begins"),
    ],
)
def test_times_that_make_no_sense_are_shown_again(
    manager: Visitor, sessions: Sessions, times: dict[str, str], field: str
) -> None:
    write(manager)

    page = manager.submit("/publish", 422, **times)

    assert page.one(id=f"{field}-wrong").text
    assert the_only(sessions).published_at is None


def test_a_bulletin_that_is_withdrawn_is_a_draft_again_and_keeps_its_listeners(
    manager: Visitor, sessions: Sessions
) -> None:
    number = write(manager)
    manager.submit("/publish")
    with sessions.begin() as session:
        call = make_call()
        session.add(call)
        session.flush()
        for completed in (True, True, False):
            play = BulletinPlay(bulletin_id=number, call_id=call.id, completed=completed, at=datetime.now(UTC))
            session.add(play)

    manager.get(f"/content/bulletins/{number}")
    page = manager.submit("/withdraw")

    assert on_air(sessions) == []
    assert [found.text for found in page.all("span", class_="number")] == ["3", "2", "67%"]
    assert manager.post(f"/content/bulletins/{number}/discard").one("p", class_="notice").text.startswith("播出过的")
    assert [cell.text for cell in manager.get("/content/").all("td", class_="num")] == ["3", "2"]


def test_a_draft_that_nobody_heard_can_be_deleted(manager: Visitor, sessions: Sessions) -> None:
    write(manager)

    manager.submit("/discard")

    with sessions() as session:
        assert session.scalars(select(Bulletin)).all() == []


def test_what_is_on_air_cannot_be_deleted(manager: Visitor, sessions: Sessions) -> None:
    number = write(manager)
    manager.submit("/publish")

    manager.post(f"/content/bulletins/{number}/discard")

    assert on_air(sessions) == ["天冷了"]


def test_a_form_that_is_sent_twice_writes_one_bulletin(manager: Visitor, sessions: Sessions) -> None:
    manager.get("/content/bulletins/new")
    form, place = manager.page, manager.path
    for _ in range(2):
        manager.page, manager.path = form, place
        manager.submit("/content/bulletins", title="天冷了", text="多穿一点。")

    assert the_only(sessions).title == "天冷了"


def test_what_is_pasted_from_a_web_page_is_words_only(manager: Visitor, sessions: Sessions) -> None:
    pasted = "<p>天冷了&nbsp;&amp;风大。</p>\r\n<script>alert(1)</script><div style='x'>多穿<b>一点</b>。</div>"

    write(manager, text=pasted)

    assert the_only(sessions).text == "天冷了\xa0&风大。\n多穿一点。"


@pytest.mark.parametrize("text", ["体温 <37 和 >36 都好", "a & b &amp; c", "1 < 2"])
def test_signs_that_are_no_markup_stay_as_they_are(manager: Visitor, sessions: Sessions, text: str) -> None:
    write(manager, text=text)

    assert the_only(sessions).text == text


def test_rare_characters_are_kept_and_shown(manager: Visitor, sessions: Sessions) -> None:
    page_of = write(manager, title="㛃老师和𠮷先生", text="㛃老师来了。\x00𠮷先生也来。")

    assert the_only(sessions).title == "㛃老师和𠮷先生"
    assert the_only(sessions).text == "㛃老师来了。𠮷先生也来。"
    assert manager.get(f"/content/bulletins/{page_of}").one("h1").text == "㛃老师和𠮷先生"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"title": "", "text": "好。"}, id="no title"),
        pytest.param({"title": "好", "text": "……"}, id="marks only"),
        pytest.param({"title": "好", "text": "<p></p>"}, id="markup only"),
        pytest.param({"title": "好", "text": "好" * 3001}, id="too long"),
        pytest.param({"title": "好" * 101, "text": "好"}, id="title too long"),
    ],
)
def test_what_cannot_be_read_out_is_not_saved(manager: Visitor, sessions: Sessions, words: dict[str, str]) -> None:
    manager.get("/content/bulletins/new")

    page = manager.submit("/content/bulletins", 422, **words)

    assert page.all("p", class_="error")
    with sessions() as session:
        assert session.scalars(select(Bulletin)).all() == []


@pytest.fixture
def with_voice(make_app: MakeApp, make_account: Callable[..., int]) -> Visitor:
    """A manager of a line that has a voice: what it would say, as bytes."""
    make_account("boss", Role.MANAGER)
    visitor = Visitor(make_app(Line(speak=lambda text: f"RIFF {text}".encode())))
    visitor.sign_in("boss", PASSWORD)
    return visitor


def test_a_draft_can_be_listened_to_as_callers_will_hear_it(with_voice: Visitor) -> None:
    number = write(with_voice)

    source = with_voice.page.one("audio").attributes["src"]
    answer = with_voice.open(source)

    assert source == f"/console/content/bulletins/{number}/audio"
    assert (answer.mimetype, answer.data.decode()) == ("audio/wav", "RIFF 天冷了。请您多穿一点。")


def test_without_a_voice_the_page_says_so(manager: Visitor) -> None:
    number = write(manager)

    assert manager.page.all("audio") == []
    assert "现在没有声音可以试听。" in manager.page.text
    assert manager.open(f"/content/bulletins/{number}/audio").status_code == 404


def test_the_page_says_how_long_reading_it_out_takes(manager: Visitor) -> None:
    write(manager, title="好", text="好" * 199)

    assert "读完大约要1分20秒。" in manager.page.text


def test_a_viewer_reads_and_changes_nothing(viewer: Visitor, sessions: Sessions) -> None:
    stored(sessions, make_bulletin(title="天冷了"), make_activity())

    assert "请您" not in viewer.get("/content/bulletins/1").text
    assert viewer.page.one("main").all("form") == []
    viewer.get("/content/activities/1")
    assert viewer.page.one("main").all("form") == []


def test_an_activity_is_arranged_for_a_community_and_changed(manager: Visitor, sessions: Sessions) -> None:
    stored(sessions, make_community(name="虹桥社区"))
    manager.get("/content/activities/new")
    manager.submit(
        "/content/activities", title="唱老歌", place="活动室", text="来唱歌。", starts=SCHEDULED, community=1
    )

    manager.submit("/content/activities/1", text="来唱老歌。")

    with sessions() as session:
        found = session.scalars(select(Activity)).one()
    assert (found.title, found.community_id, found.text) == ("唱老歌", 1, "来唱老歌。")
    assert found.starts_at == datetime(2031, 5, 6, 0, 30, tzinfo=UTC)
    assert [cell.text for cell in manager.get("/content/activities").all("td")] == [
        "唱老歌", "2031-05-06 08:30", "活动室", "虹桥社区", "0"
    ]  # fmt: skip


def test_an_activity_of_a_community_that_is_not_there_is_not_saved(manager: Visitor, sessions: Sessions) -> None:
    manager.get("/content/activities/new")

    page = manager.submit("/content/activities", 422, title="唱歌", text="来。", starts=SCHEDULED, community=9)

    assert page.one(id="community-wrong").text


def test_an_activity_without_people_can_be_cancelled(manager: Visitor, sessions: Sessions) -> None:
    stored(sessions, make_activity())
    manager.get("/content/activities/1")

    manager.submit("/cancel")

    with sessions() as session:
        assert session.scalars(select(Activity)).all() == []


def test_an_activity_for_which_somebody_signed_up_stays(manager: Visitor, sessions: Sessions) -> None:
    stored(sessions, make_activity())
    stored(sessions, make_request(category="activities", activity_id=1))

    assert "1 人报名" in manager.get("/content/activities/1").text
    page = manager.post("/content/activities/1/cancel")

    assert "已经有人报名" in page.one("p", class_="notice").text
    with sessions() as session:
        assert len(session.scalars(select(Activity)).all()) == 1


def test_activities_that_have_begun_stand_on_a_list_of_their_own(viewer: Visitor, sessions: Sessions) -> None:
    now = datetime.now(UTC)
    begun, to_come = now - timedelta(minutes=5), now + timedelta(minutes=5)
    stored(sessions, make_activity(title="早上的", starts_at=begun), make_activity(title="晚上的", starts_at=to_come))

    assert "早上的" not in viewer.get("/content/activities").text
    assert "晚上的" not in viewer.get("/content/activities?over=1").text
    assert "早上的" in viewer.page.text
