"""The urgent path: the request first, then officers, round and round, and 120."""

import pytest

from ivr.dialog.model import FlagRisk, Key, Listen, OpenRequest, Silence, TransferEnded, Utterance
from tests.dialog.line import Line


def test_key_1_opens_a_red_request_rings_the_first_officer_and_names_120() -> None:
    line = Line().presses("1")
    assert line.latest == (OpenRequest(ref="r1", category="emergency", urgency="red", reason="menu_urgent"),)
    assert line.said == ["urgent.coming", "urgent.ambulance"]
    assert line.rings == 0


def test_officers_are_rung_in_order_and_then_the_caller_is_told_to_dial_120() -> None:
    line = Line().presses("1").officer("busy")
    assert line.rings == 1
    assert line.said == ["urgent.still"]
    line.officer("no_answer")
    assert line.asked == "urgent_wait"
    assert line.said == ["urgent.nobody", "urgent.staying"]


@pytest.mark.parametrize("event", [Silence(), Key(key="7"), Key(key="0"), Utterance(recording_sid="RE9", seconds=2.0)])
def test_whoever_stays_on_the_line_has_the_officers_rung_again(event: Silence | Key | Utterance) -> None:
    line = Line().presses("1").officer("failed", "failed").happens(event)
    assert line.rings == 0
    assert line.said == ["urgent.still"]
    assert len(line.requests) == 1


def test_ten_rounds_later_it_is_still_the_same_request_and_still_ringing() -> None:
    line = Line().presses("1")
    for _ in range(10):
        line.officer("no_answer", "no_answer").is_silent()
    assert line.rings == 0
    assert len(line.requests) == 1


def test_what_is_said_while_waiting_is_kept_with_the_request() -> None:
    line = Line(speech=True).presses("1").officer("busy", "busy").says("我在卫生间", None, recording_sid="RE5")
    assert line.known("r1") == {"transcript": "我在卫生间", "recording_sid": "RE5"}


def test_the_same_danger_heard_again_is_the_same_request() -> None:
    line = Line(speech=True).presses("1").officer("busy", "busy").says("胸口疼", "red_flag", risk="red")
    assert [request.ref for request in line.requests] == ["r1"]
    assert line.known("r1") == {"transcript": "胸口疼"}
    assert line.rings == 0


def test_every_ring_is_reported_with_the_request_it_was_for() -> None:
    line = Line().presses("1").officer("busy", "answered")
    rung = [(e.officer.staff_id, e.outcome, e.ref) for e in line.effects if isinstance(e, TransferEnded)]
    assert rung == [(0, "busy", "r1"), (1, "answered", "r1")]


def test_after_an_officer_has_spoken_with_them_the_caller_is_asked_whether_there_is_more() -> None:
    line = Line().presses("1").officer("answered")
    assert line.asked == "more"
    assert line.presses("1").hung_up
    assert line.outcomes == ["urgent_put_through"]


def test_a_second_alarm_after_an_answered_one_is_a_new_request() -> None:
    line = Line().presses("1").officer("answered").presses("2").presses("1")
    assert [request.ref for request in line.requests] == ["r1", "r2"]
    assert line.hangs_up().outcomes == ["urgent_unanswered"]


def test_nobody_on_duty_still_opens_the_request_and_never_promises_that_somebody_comes() -> None:
    line = Line(officers=0).presses("1")
    assert line.opened == [("emergency", "red", "menu_urgent")]
    assert line.said == ["urgent.nobody", "urgent.staying"]
    assert line.presses("0").asked == "message"


def test_a_message_left_during_an_alarm_goes_with_it_and_the_alarm_goes_on() -> None:
    line = Line(officers=0).presses("10").records("RE3")
    assert line.known("r1")["recording_sid"] == "RE3"
    assert line.asked == "urgent_wait"


def test_hanging_up_while_an_officer_is_rung_leaves_the_request_open_and_the_ring_reported() -> None:
    line = Line().presses("1").hangs_up()
    assert [e.outcome for e in line.latest if isinstance(e, TransferEnded)] == ["caller_left"]
    assert line.outcomes == ["urgent_unanswered"]
    assert len(line.requests) == 1


PLACES = ["", "2", "3", "31", "32", "0", "1"]


@pytest.mark.parametrize("keys", PLACES)
def test_a_red_flag_said_anywhere_rings_an_officer_at_once(keys: str) -> None:
    line = Line(speech=True).presses(keys).says("我胸口疼", "red_flag", risk="red", recording_sid="RE1")
    assert line.rings == 0
    assert "red" in [request.urgency for request in line.requests]
    assert FlagRisk(risk="red", text="我胸口疼", certain=True) in line.latest


def test_a_red_flag_is_believed_even_without_a_confidence() -> None:
    line = Line(speech=True).says("我胸口疼", "red_flag", risk="red", confidence=None)
    assert line.opened == [("emergency", "red", "heard")]


@pytest.mark.parametrize("doubt", [{"confirm": True}, {"negated": True}, {"confidence": 0.3}])
def test_a_doubtful_red_flag_asks_for_a_key_and_is_flagged(doubt: dict[str, float]) -> None:
    line = Line(speech=True).says("不是胸闷", "red_flag", risk="red", **doubt)
    assert line.asked == "risk_confirm"
    assert isinstance(line.turn.then, Listen)
    assert not line.turn.then.speech
    assert line.latest == (FlagRisk(risk="red", text="不是胸闷", certain=False),)


def test_yes_to_the_question_is_urgent() -> None:
    line = Line(speech=True).says("昨天摔了", "fell", risk="orange", confirm=True).presses("1")
    assert line.opened == [("fell", "red", "risk_confirmed")]
    assert line.rings == 0


def test_no_to_the_question_goes_back_to_where_the_caller_was() -> None:
    line = Line(speech=True).presses("31").presses("1").says("摔了", "fell", risk="orange", confirm=True).presses("2")
    assert (line.asked, line.state.item) == ("bulletin", 1)
    assert line.requests == []


def test_a_spoken_no_to_the_question_is_not_enough() -> None:
    line = Line(speech=True).says("摔了", "fell", risk="orange", confirm=True).says("不是", "no")
    assert line.asked == "risk_confirm"


def test_who_does_not_answer_the_question_twice_gets_a_person() -> None:
    line = Line(speech=True).says("胸闷", "red_flag", risk="red", confirm=True).is_silent()
    assert line.said == ["silence.again", "risk.ask", "risk.choose"]
    line.is_silent()
    assert line.rings == 0
    assert line.opened == [("emergency", "red", "risk_unanswered")]


def test_a_doubtful_worry_that_is_not_answered_is_a_request_for_today_and_a_person() -> None:
    line = Line(speech=True).says("不是睡不着", "unwell", risk="yellow", confirm=True).is_silent(2)
    assert line.opened == [("unwell", "yellow", "risk_unanswered")]
    assert line.rings == 0


def test_hanging_up_at_the_question_is_a_request_too() -> None:
    line = Line(speech=True).says("胸闷", "red_flag", risk="red", confirm=True).hangs_up()
    assert line.opened == [("emergency", "red", "hung_up_in_risk")]
    assert line.outcomes == ["hung_up_in_risk"]


def test_a_fall_is_orange_and_rings_officers_like_an_urgent_call() -> None:
    line = Line(speech=True).says("我摔了一跤", "fell", risk="orange")
    assert line.opened == [("fell", "orange", "heard")]
    assert line.said == ["urgent.coming", "urgent.ambulance"]
    assert line.rings == 0


def test_a_red_flag_after_an_orange_one_is_a_red_request() -> None:
    line = Line(speech=True).says("摔了", "fell", risk="orange").officer("busy", "busy")
    line.says("胸口疼", "red_flag", risk="red")
    assert [request.urgency for request in line.requests] == ["orange", "red"]


def test_somebody_who_speaks_of_dying_is_put_through_and_never_asked_to_hang_up() -> None:
    line = Line(speech=True).says("活着没意思", "self_harm", risk="orange")
    assert line.opened == [("self_harm", "orange", "heard")]
    assert line.said == ["urgent.coming"]
    assert line.officer("busy", "busy").said == ["urgent.company", "urgent.staying"]


def test_a_key_pressed_after_a_doubtful_word_settles_the_doubt_and_staff_still_see_it() -> None:
    line = Line(speech=True).says("胸闷", "red_flag", risk="red", confirm=True, key="3")
    assert line.asked == "listen_menu"
    assert line.latest == (FlagRisk(risk="red", text="胸闷", certain=False),)


def test_the_worse_of_two_doubts_is_what_a_person_is_rung_for() -> None:
    line = Line(speech=True).says("昨天摔了", "fell", risk="orange", confirm=True)
    line.says("不胸闷", "red_flag", risk="red", confirm=True).is_silent()
    assert line.opened == [("emergency", "red", "risk_unanswered")]


def test_asking_for_a_person_during_an_alarm_is_the_same_alarm() -> None:
    line = Line(officers=0).presses("10").presses("0")
    assert line.asked == "urgent_wait"
    assert len(line.requests) == 1


def test_wrong_keys_instead_of_a_message_do_not_end_an_alarm() -> None:
    assert Line(officers=0).presses("10").presses("777").asked == "urgent_wait"


def test_self_harm_confirmed_by_key_is_a_live_transfer_and_orange() -> None:
    line = Line(speech=True).says("不想活了是气话", "self_harm", risk="orange", confirm=True).presses("1")
    assert line.opened == [("self_harm", "orange", "risk_confirmed")]
    assert line.rings == 0


def test_a_worry_at_the_menu_becomes_a_request_for_today_that_is_read_back() -> None:
    line = Line(speech=True).says("睡不着", "unwell", risk="yellow")
    assert line.opened == [("unwell", "yellow", "spoken")]
    assert line.asked == "help_readback"


@pytest.mark.parametrize(("text", "intent"), [("有急事", "help"), ("身体难受", "unwell")])
def test_saying_the_menus_own_words_for_key_1_is_pressing_it(text: str, intent: str) -> None:
    line = Line(speech=True).says(text, intent)
    assert line.requests[0].urgency == "red"
    assert line.rings == 0


@pytest.mark.parametrize("intent", ["emergency", "red_flag", "fell", "self_harm"])
def test_an_intent_of_danger_is_asked_about_even_if_no_risk_was_seen(intent: str) -> None:
    assert Line(speech=True).says("……", intent).asked == "risk_confirm"


def test_danger_in_a_message_does_not_lose_the_message() -> None:
    line = Line(speech=True).presses("2").says("帮我配药，昨天摔了一跤", "medicine", risk="orange", confirm=True)
    assert line.asked == "risk_confirm"
    assert line.known("r1")["transcript"] == "帮我配药，昨天摔了一跤"
    assert line.presses("2").asked == "help_readback"


def test_danger_heard_while_a_person_is_rung_becomes_an_alarm() -> None:
    line = Line(speech=True).presses("0").says("救命", "emergency", risk="red")
    assert line.opened == [("emergency", "red", "heard")]
    assert line.officer("busy", "busy").asked == "urgent_wait"
