"""Bulletins and activities, one after another."""

import pytest

from ivr.dialog.model import BulletinHeard
from tests.dialog.line import Line


def test_bulletins_are_read_one_after_another_by_themselves() -> None:
    line = Line().presses("31")
    assert line.said == ["bulletin.intro", "bulletin.title", "text", "bulletin.ask", "star.ask"]
    line.is_silent()
    assert line.turn.say[1].slots == {"text": "text of bulletin 1"}
    line.is_silent()
    assert line.said[0] == "bulletin.end"
    assert line.asked == "menu"
    assert [e for e in line.effects if isinstance(e, BulletinHeard)] == [
        BulletinHeard(bulletin_id=100, completed=True),
        BulletinHeard(bulletin_id=101, completed=True),
    ]


def test_key_1_goes_on_and_the_star_reads_it_again() -> None:
    line = Line().presses("31*")
    assert line.state.item == 0
    assert line.presses("1").state.item == 1


@pytest.mark.parametrize("key", ["2", "#"])
def test_leaving_a_bulletin_does_not_count_as_hearing_it(key: str) -> None:
    line = Line().presses("31").presses(key)
    assert line.latest == (BulletinHeard(bulletin_id=100, completed=False),)
    assert line.asked == "menu"
    assert line.hangs_up().outcomes == ["listened"]


def test_listening_after_a_request_does_not_hide_the_request_in_the_log() -> None:
    line = Line(speech=True).says("要送饭", "meals").presses("12").presses("31").hangs_up()
    assert line.outcomes == ["request_confirmed"]


def test_hanging_up_during_a_bulletin_does_not_count_as_hearing_it() -> None:
    assert BulletinHeard(bulletin_id=100, completed=False) in Line().presses("31").hangs_up().latest


@pytest.mark.parametrize(("keys", "prompt"), [("31", "bulletin.none"), ("32", "activity.none")])
def test_when_there_is_nothing_to_hear_the_line_says_so(keys: str, prompt: str) -> None:
    line = Line(bulletins=0, activities=0).presses(keys)
    assert line.said[0] == prompt
    assert line.asked == "menu"


def test_activities_are_read_one_after_another_and_then_the_menu_comes_back() -> None:
    line = Line().presses("32")
    assert line.said == ["activity.intro", "activity.title", "text", "activity.ask", "star.ask"]
    assert line.presses("2").turn.say[0].slots == {"title": "activity 1"}
    assert line.is_silent().said[0] == "activity.end"
    assert line.asked == "menu"


def test_who_wants_to_take_part_is_put_down_for_that_activity() -> None:
    line = Line().presses("3221")
    assert line.opened == [("activities", "normal", "sign_up")]
    assert line.turn.say[0].slots == {"title": "activity 1"}
    line.presses("1")
    assert line.known("r1") == {"activity_id": 101, "confirmed": True}


def test_who_did_not_mean_to_sign_up_goes_on_listening_where_they_were() -> None:
    line = Line().presses("3221").presses("2")
    assert (line.asked, line.state.item) == ("activity", 1)
    assert line.known("r1")["confirmed"] is False


@pytest.mark.parametrize("keys", ["3#", "32#"])
def test_the_hash_key_goes_back_to_the_menu(keys: str) -> None:
    assert Line().presses(keys).asked == "menu"


def test_listening_can_be_steered_by_voice() -> None:
    line = Line(speech=True).presses("3").says("彩虹桥", "news")
    assert line.says("好", "yes").state.item == 1
    assert line.says("不听了", "no").asked == "menu"
    line.presses("3").says("活动", "activities").says("我要报名", "activities")
    assert line.opened == [("activities", "normal", "sign_up")]


def test_a_request_said_while_listening_is_taken_at_once() -> None:
    assert Line(speech=True).presses("31").says("要送饭", "meals").asked == "help_readback"
