"""The wellbeing call: who is on the line, the questions of the day, and where each answer leads."""

import pytest

from ivr.dialog.model import CheckInAnswered, CheckInEnded, EndCall
from tests.dialog.line import Line, make_caller, make_check_in
from tests.dialog.texts import TEXTS


def called(weekly: bool = False, speech: bool = True, officers: int = 2, **brief: object) -> Line:
    return Line(check_in=make_check_in(weekly=weekly, **brief), speech=speech, officers=officers)


def answers(line: Line) -> list[tuple[str, str, str, str | None]]:
    given = [effect for effect in line.effects if isinstance(effect, CheckInAnswered)]
    return [(effect.question, effect.answer, effect.by, effect.flag) for effect in given]


def test_the_line_says_who_it_is_and_asks_for_the_person() -> None:
    line = called()
    assert line.said == ["checkin.hello", "greeting.recorded", "checkin.identity", "checkin.busy"]
    assert line.turn.say[2].slots == {"address_as": "张老"}
    assert line.asked == "checkin_identity"


def test_who_declined_to_be_recorded_is_not_told_that_they_are() -> None:
    line = Line(check_in=make_check_in(), caller=make_caller(records=False, slow=True))
    assert line.said[1] == "greeting.automatic"
    assert line.turn.slow


def test_the_scripts_of_the_check_in_are_said_word_for_word() -> None:
    assert TEXTS["checkin.hello"] == "您好，我是常熟老干部局的问候电话。"
    assert TEXTS["checkin.identity"] == "请问是{address_as}吗？是的，请按1；不是，请按2。"
    assert TEXTS["checkin.health"] == "您今天身体怎么样？都好，请按1；难受，请按2。"
    assert TEXTS["checkin.falls"] == "这两天摔过跤吗？没有，请按1；摔了，请按2。"
    assert TEXTS["checkin.meals"] == "吃饭睡觉怎么样？正常，请按1；不太好，请按2。"
    assert TEXTS["checkin.help"] == "要人帮忙吗？不用，请按1；要帮忙，请按2。"
    assert TEXTS["checkin.bye"] == "谢谢您，{address_as}。您多保重，再见。"
    assert TEXTS["checkin.concern"] == "好，我请工作人员给您打电话，请您等着。"
    assert TEXTS["checkin.relative"] == "请问{address_as}今天好吗？都好，请按1；不好，请按2。"


def test_four_keys_1_after_the_identity_are_a_person_confirmed_fine() -> None:
    line = called().presses("1")
    asked = []
    for _ in range(4):
        asked.append(line.asked)
        line.presses("1")
    assert asked == ["checkin_health", "checkin_falls", "checkin_meals", "checkin_help"]
    assert line.said == ["checkin.bye"]
    assert line.hung_up
    assert line.latest[1:] == (CheckInEnded(result="fine"), EndCall(outcome="fine"))
    assert answers(line) == [(name, "fine", "person", None) for name in ("health", "falls", "meals", "help")]
    assert line.opened == []


def test_the_whole_check_in_can_be_spoken() -> None:
    line = called().says("是的", "yes").says("都好", "fine").says("没有", "no").says("正常", "fine").says("不用", "no")
    assert line.report == CheckInEnded(result="fine")


def test_the_weekly_questions_come_last() -> None:
    line = called(weekly=True).presses("11111")
    assert line.asked == "checkin_mood"
    assert line.presses("1").asked == "checkin_medicine"
    assert line.says("够", "yes").report == CheckInEnded(result="fine")


@pytest.mark.parametrize(
    ("greeting", "prompt"), [("birthday", "checkin.birthday"), ("double_ninth", "checkin.double_ninth")]
)
def test_a_wish_is_for_the_person_and_for_nobody_else(greeting: str, prompt: str) -> None:
    assert called(greeting=greeting).presses("1").said == [prompt, "checkin.health"]
    assert called(greeting=greeting).presses("2").said == ["checkin.relative"]


@pytest.mark.parametrize("key", ["1", "2"])
def test_the_opening_of_an_extra_round_is_for_whoever_picks_up(key: str) -> None:
    line = called(opening="今天很热，请多喝水。").presses(key)
    assert line.turn.say[0].slots == {"text": "今天很热，请多喝水。"}


# --- What is not fine ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", [False, True])
def test_feeling_unwell_is_red_and_the_telephone_is_free_for_whoever_rings_back(spoken: bool) -> None:
    line = called().presses("1")
    line = line.says("难受", "unwell", risk="red") if spoken else line.presses("2")
    assert line.said == ["checkin.concern", "checkin.ambulance"]
    assert line.hung_up
    assert line.opened == [("unwell", "red", "checkin_health")]
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r1")
    assert answers(line) == [("health", "not_fine", "person", "red")]


@pytest.mark.parametrize("spoken", [False, True])
def test_a_fall_is_orange(spoken: bool) -> None:
    line = called().presses("11")
    line = line.says("摔了一跤", "fell", risk="orange") if spoken else line.presses("2")
    assert line.said == ["checkin.concern"]
    assert line.opened == [("fell", "orange", "checkin_falls")]
    assert line.report == CheckInEnded(result="concern", flag="orange", ref="r1")


@pytest.mark.parametrize(
    ("before", "category", "reason"),
    [
        ("111", "wellbeing", "checkin_meals"),
        ("11111", "company", "checkin_mood"),
        ("111111", "medicine", "checkin_medicine"),
    ],
)
def test_what_is_for_the_same_day_is_noted_and_the_questions_go_on(before: str, category: str, reason: str) -> None:
    line = called(weekly=True).presses(before).presses("2")
    assert line.opened == [] or line.hung_up
    line.presses("1111"[: 6 - len(before)])
    assert line.said == ["checkin.today", "checkin.bye"]
    assert line.opened == [(category, "yellow", reason)]
    assert line.report == CheckInEnded(result="concern", flag="yellow", ref="r1")


def test_several_things_for_the_same_day_are_one_case() -> None:
    line = called(weekly=True).presses("111").says("没睡好", "unwell", risk="yellow").presses("122")
    assert line.opened == [("wellbeing", "yellow", "checkin_meals")]
    assert [flag for *_, flag in answers(line)] == [None, None, "yellow", None, "yellow", "yellow"]


def test_something_for_the_same_day_said_in_between_is_noted() -> None:
    line = called().says("我头疼", "unwell", risk="yellow")
    assert line.said[0] == "resume.on"
    assert line.presses("11111").opened == [("unwell", "yellow", "heard")]


def test_wanting_help_opens_a_request_and_the_person_is_fine_all_the_same() -> None:
    line = called().presses("11112")
    assert line.asked == "help_message"
    line.says("水管坏了", "repair").presses("1")
    assert line.hung_up
    assert line.said == ["help.done", "checkin.bye"]
    assert line.opened == [("repair", "normal", "message")]
    assert line.report == CheckInEnded(result="fine")


def test_help_may_be_named_at_once_and_the_weekly_questions_go_on_after_it() -> None:
    line = called(weekly=True).presses("1111").says("水管坏了", "repair")
    assert line.asked == "help_readback"
    assert line.presses("1").said == ["help.done", "resume.on", "checkin.mood"]


# --- Speech that is not sure ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("heard", [{"confidence": 0.5}, {"confidence": None}, {"confirm": True}, {"negated": True}])
def test_a_spoken_fine_that_is_not_sure_asks_for_a_key(heard: dict[str, object]) -> None:
    line = called().presses("1").says("没事", "fine", **heard)
    assert line.said == ["confused.keys", "checkin.health.keys"]
    assert line.presses("1").asked == "checkin_falls"


@pytest.mark.parametrize(("before", "words", "intent"), [("", "是的", "yes"), ("1111", "不用", "no")])
def test_so_does_any_other_answer_that_is_not_sure(before: str, words: str, intent: str) -> None:
    line = called().presses(before)
    asked = line.asked
    assert line.says(words, intent, confidence=0.5).said[0] == "confused.keys"
    assert line.asked == asked


def test_a_key_that_was_pressed_with_a_doubtful_word_is_the_answer() -> None:
    line = called().presses("1").says("没有难受", "unwell", risk="red", negated=True, key="1")
    assert line.asked == "checkin_falls"


def test_no_key_after_a_doubtful_danger_is_an_alarm() -> None:
    line = called().presses("1").says("难受", "unwell", risk="red", confidence=0.4).is_silent()
    assert line.opened == [("unwell", "red", "risk_unanswered")]
    assert line.rings == 0


def test_an_answer_in_doubt_asks_for_a_key_to_the_same_question() -> None:
    line = called().presses("11").says("没摔过", "fell", risk="orange", confirm=True, negated=True)
    assert line.said == ["confused.keys", "checkin.falls.keys"]
    assert line.presses("1").asked == "checkin_meals"
    assert line.opened == []


def test_another_danger_in_doubt_is_asked_about_first() -> None:
    line = called().presses("11").says("胸闷", "red_flag", risk="red", confirm=True)
    assert line.asked == "risk_confirm"
    assert line.presses("2").said == ["resume.on", "checkin.falls"]


def test_who_hangs_up_when_asked_for_a_key_about_a_danger_is_looked_after() -> None:
    line = called().presses("1").says("难受", "unwell", risk="red", confidence=0.4).hangs_up()
    assert line.opened == [("unwell", "red", "hung_up_in_risk")]
    assert line.report == CheckInEnded(result="concern", flag="red", ref="r1")


# --- A red flag anywhere -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "2", "1", "11", "111", "1111", "11112", "#"])
def test_a_red_flag_anywhere_rings_the_officers_and_is_reported_at_once(before: str) -> None:
    line = called().presses(before).says("喘不上气", "red_flag", risk="red")
    assert line.rings == 0
    assert line.said == ["urgent.coming", "urgent.ambulance"]
    assert line.opened[-1] == ("emergency", "red", "heard")
    assert line.report is not None
    assert (line.report.result, line.report.flag) == ("concern", "red")


def test_the_call_ends_when_the_officer_has_talked_to_the_person() -> None:
    line = called().presses("1").says("喘不上气", "red_flag", risk="red").officer("answered")
    assert line.said == ["bye.plain"]
    assert line.outcomes == ["urgent_put_through"]


def test_a_fall_with_more_to_it_is_an_alarm_and_no_mere_answer() -> None:
    line = called().presses("11").says("摔了爬不起来", "fell", risk="red")
    assert line.rings == 0
    assert line.opened == [("fell", "red", "heard")]


# --- Silence and confusion -----------------------------------------------------------------------------------------


def test_answered_but_silent_is_an_alarm_of_its_own() -> None:
    line = called().is_silent()
    assert line.said[0] == "silence.again"
    assert line.is_silent().said == ["confused.keys", "checkin.identity.keys"]
    line.is_silent()
    assert (line.rings, line.said) == (0, ["confused.person"])
    assert line.opened == [("silent", "red", "answered_but_silent")]
    assert line.report == CheckInEnded(result="silent", flag="red", ref="r1")


def test_when_nobody_is_there_a_silent_call_ends_so_that_the_person_can_be_rung() -> None:
    line = called(officers=0).is_silent(3)
    assert line.said == ["person.nobody", "message.end"]
    line.is_silent(2)
    assert line.said == ["message.nothing", "bye.plain"]
    assert line.hung_up


def test_a_silent_call_with_nobody_there_ends_after_keys_that_mean_nothing_too() -> None:
    assert called(officers=0).is_silent(3).presses("777").hung_up


def test_falling_silent_after_the_identity_is_answered_but_silent_too() -> None:
    assert called().presses("1").is_silent(3).report == CheckInEnded(result="silent", flag="red", ref="r1")


def test_falling_silent_when_asked_what_help_is_wanted_is_too() -> None:
    assert called().presses("11112").is_silent(3).report == CheckInEnded(result="silent", flag="red", ref="r1")


def test_speech_that_nobody_understands_is_unclear() -> None:
    line = called().presses("1").says("嗯那个", None).says("嗯那个", None).presses("7")
    assert line.opened == [("unclear", "orange", "not_understood")]
    assert line.report == CheckInEnded(result="unclear", flag="orange", ref="r1")


def test_sounds_without_a_word_are_silence() -> None:
    assert called(speech=False).records().records().records().opened[0][0] == "silent"


def test_a_red_flag_in_the_message_after_an_unclear_call_is_the_same_case_only_worse() -> None:
    line = called(officers=0).presses("1").presses("777").says("喘不上气", "red_flag", risk="red")
    assert len(line.requests) == 1
    assert line.known("r1")["urgency"] == "red"
    assert line.asked == "urgent_wait"


# --- Somebody else on the line -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", [False, True])
def test_a_relative_who_says_that_all_is_well_is_heard_and_staff_call_the_same_day(spoken: bool) -> None:
    line = called().says("我是他女儿", "proxy") if spoken else called().presses("2")
    assert line.asked == "checkin_relative"
    line = line.says("挺好的", "fine") if spoken else line.presses("1")
    assert line.said == ["checkin.relative.bye"]
    assert line.opened == [("check_in", "yellow", "relative_answered")]
    assert line.report == CheckInEnded(result="relative_fine", flag="yellow", ref="r1")
    assert answers(line) == [("relative", "fine", "relative", None)]


@pytest.mark.parametrize("spoken", [False, True])
def test_a_relative_who_says_that_it_is_not_is_red(spoken: bool) -> None:
    line = called().presses("2")
    line = line.says("不舒服", "unwell", risk="yellow") if spoken else line.presses("2")
    assert line.opened == [("unwell", "red", "checkin_relative")]
    assert answers(line) == [("relative", "not_fine", "relative", "red")]


def test_a_relative_may_fetch_the_person() -> None:
    line = called().presses("2").says("等一下", "wait")
    assert line.said == ["wait.patient"]
    assert line.asked == "checkin_identity"
    line.is_silent().presses("1").presses("1111")
    assert line.report == CheckInEnded(result="fine")
    assert {by for _, _, by, _ in answers(line)} == {"person"}


def test_who_asks_who_is_calling_is_told_again() -> None:
    line = called().says("你是谁", "proxy")
    assert line.said[0] == "checkin.hello"
    assert line.asked == "checkin_identity"


@pytest.mark.parametrize("words", ["打错了", "他去世了"])
@pytest.mark.parametrize("before", ["", "2"])
def test_nobody_is_asked_how_somebody_is_whom_they_do_not_know_or_have_lost(before: str, words: str) -> None:
    line = called().presses(before).says(words, "proxy")
    assert line.said == ["checkin.mistaken"]
    assert line.opened == [("check_in", "yellow", "wrong_number")]
    assert line.report == CheckInEnded(result="refused", flag="yellow", ref="r1")


def test_0_brings_a_person_and_then_the_questions_go_on() -> None:
    line = called().presses("10")
    assert line.rings == 0
    assert line.officer("answered").said == ["resume.on", "checkin.health"]
    assert line.presses("1111").report == CheckInEnded(result="fine")


@pytest.mark.parametrize(("keys", "asked"), [("0", "checkin_identity"), ("20", "checkin_relative")])
def test_after_a_person_the_question_that_is_still_open_is_asked_again(keys: str, asked: str) -> None:
    assert called().presses(keys).officer("answered").asked == asked


# --- Keys and words that are no answers ----------------------------------------------------------------------------


def test_questions_have_answers_that_share_no_character_and_are_never_asked_in_the_negative() -> None:
    for name in ("health", "falls", "meals", "help", "mood", "medicine", "when"):
        fine, other = (part.rpartition("，")[0] for part in TEXTS[f"checkin.{name}.keys"].split("；"))
        assert not set(fine) & set(other), name
        question = TEXTS[f"checkin.{name}"].partition("？")[0]
        assert name == "when" or not set(question) & set("不没"), name
