"""A call in quiet times: every step counts once, however often and in whatever order it is told."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import delete

from care_records.models import Staff
from care_records.models.calls import RecordingState
from ivr.calls import Leg
from ivr.dialog.model import Dial, HangUp, Listen, Utterance
from speech.understanding import Meaning
from tests.calls.conftest import MakeLine
from tests.calls.line import (
    ANSWERED,
    CALLER,
    MESSAGE,
    NO_ANSWER,
    OFFICERS,
    ONE,
    SILENCE,
    TWO,
    ZERO,
    Line,
    seed,
)
from tests.care_records.builders import NOW


def test_a_call_is_written_down_turn_by_turn(database_url: str, make_line: MakeLine) -> None:
    seed(database_url)
    line = make_line(database_url)
    line.play(ONE, NO_ANSWER, ANSWERED, ONE)

    call = line.call()
    assert (call.sid, call.from_number, call.turn_number, call.started_at) == (
        "CA1",
        CALLER,
        5,
        NOW + (line.at - NOW) / 5,
    )
    assert [(turn.number, turn.answer, turn.key) for turn in call.turns] == [
        (1, "key", "1"),
        (2, "transfer_result", None),
        (3, "transfer_result", None),
        (4, "key", "1"),
    ]
    assert [turn.asked for turn in call.turns] == ["menu", None, None, "more"]
    assert call.turns[0].said[0] == {"key": "greeting.hello", "text": "您好，常熟老干部局彩虹桥热线。"}
    assert {turn.took_ms for turn in call.turns} == {1000}
    assert [(transfer.to_number, transfer.outcome, transfer.seconds) for transfer in call.transfers] == [
        (OFFICERS[0], "no_answer", 0),
        (OFFICERS[1], "answered", 90),
    ]


def test_an_urgent_request_is_in_the_records_before_its_turn_is_returned(line: Line) -> None:
    turn = line.play(ONE)

    (request,) = line.requests()
    assert isinstance(turn.then, Dial)
    assert turn.then.officer.phone == OFFICERS[0]
    assert (request.category, request.urgency, request.phone) == ("emergency", "red", CALLER)
    assert request.person_id == line.call().person_id is not None
    assert request.matter == "您有急事"


def test_the_history_of_a_request_tells_who_was_rung(line: Line) -> None:
    line.play(ONE, NO_ANSWER)

    (request,) = line.requests()
    assert [(event.kind, event.note) for event in request.history][1] == ("transfer", "值班员甲：无人接听")


def test_a_call_that_starts_twice_is_one_call(line: Line) -> None:
    first = line.start()
    assert line.start() == first
    line.answer(1, TWO)
    assert line.start().number == 2
    assert len(line.calls()) == 1


def test_the_same_answer_twice_counts_once(line: Line) -> None:
    line.start()
    first = line.answer(1, ONE)
    assert line.answer(1, ONE) == first
    assert len(line.requests()) == 1


def test_an_answer_that_comes_late_gets_the_current_turn_and_does_nothing(line: Line) -> None:
    current = line.play(TWO, SILENCE)
    assert line.answer(1, ONE) == current
    assert line.answer(99, ONE) == current
    assert line.requests() == []


def test_the_same_answer_many_times_at_once_steps_once(line: Line) -> None:
    line.start()
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: line.answer(1, ONE), range(8)))

    assert {turn.number for turn in turns} == {2}
    assert len(line.requests()) == 1


def test_the_same_answer_at_two_processes_at_once_steps_once(sqlite_url: str, make_line: MakeLine) -> None:
    seed(sqlite_url)
    lines = [make_line(sqlite_url), make_line(sqlite_url)]
    lines[0].start()
    with ThreadPoolExecutor(2) as pool:
        turns = list(pool.map(lambda line: line.answer(1, ONE), lines))

    assert {turn.number for turn in turns} == {2}
    assert len(lines[0].requests()) == 1


def test_machines_that_share_only_the_database_step_once(sqlite_url: str, make_line: MakeLine) -> None:
    seed(sqlite_url)
    here, there = make_line(sqlite_url, "here"), make_line(sqlite_url, "there")
    here.start()
    assert there.answer(1, TWO).number == 2
    assert here.answer(1, ONE) == there.service.turn("CA1")
    assert here.requests() == []


def test_calls_side_by_side_do_not_touch_each_other(line: Line) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: line.play(ONE, ANSWERED, ONE, sid=f"CA{number}"), range(16)))

    assert len({request.number for request in line.requests()}) == 16
    assert {call.outcome for call in line.calls()} == {"urgent_put_through"}


def test_after_a_restart_the_call_goes_on_where_it_was(line: Line, sqlite_url: str, make_line: MakeLine) -> None:
    turn = line.play(TWO, MESSAGE)
    restarted = make_line(sqlite_url)
    assert restarted.service.turn("CA1") == turn
    assert restarted.answer(turn.number, ONE).number == turn.number + 1


def test_an_answer_from_a_call_that_nobody_knows_is_greeted(line: Line) -> None:
    turn = line.service.answer("CA9", 7, ONE, NOW, leg=Leg(from_number=CALLER))

    assert turn.number == 8
    assert isinstance(turn.then, Listen)
    assert turn.then.question == "menu"
    assert line.call("CA9").from_number == CALLER


def test_a_message_is_fetched_and_belongs_to_its_request(line: Line) -> None:
    line.play(TWO, MESSAGE)

    (recording,) = line.call().recordings
    (request,) = line.requests()
    assert (recording.sid, recording.url, recording.state) == (
        "RE1",
        "https://provider.example/RE1",
        RecordingState.PENDING,
    )
    assert request.recording_sid == "RE1"


def test_a_message_whose_caller_had_already_gone_still_reaches_its_request(line: Line) -> None:
    turn = line.play(TWO)
    line.status()
    assert isinstance(line.answer(turn.number, MESSAGE).then, HangUp)
    line.answer(turn.number, MESSAGE)

    (request,) = line.requests()
    assert (request.reason, request.recording_sid) == ("hung_up_in_help", "RE1")
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_the_same_message_again_does_not_reach_another_request(line: Line) -> None:
    line.play(TWO, MESSAGE, ONE, ONE, TWO, TWO)
    line.status()
    line.answer(2, MESSAGE)
    assert [request.recording_sid for request in line.requests()] == ["RE1", None]


def test_what_was_said_to_the_menu_is_kept_but_is_no_message(line: Line) -> None:
    line.play(TWO)
    line.status()
    line.answer(1, MESSAGE)
    assert [request.recording_sid for request in line.requests()] == [None]
    assert len(line.call().recordings) == 1


def test_what_was_said_is_understood_with_the_question_in_mind(sqlite_url: str, make_line: MakeLine) -> None:
    asked: list[tuple[str, str | None]] = []

    def understand(text: str, question: str | None) -> Meaning:
        asked.append((text, question))
        return Meaning(intent="emergency", risk="red")

    seed(sqlite_url)
    line = make_line(sqlite_url, understand=understand)
    line.start()
    turn = line.answer(1, Utterance(text="救命\x00啊", confidence=0.9))

    assert asked == [("救命啊", "menu")]
    assert isinstance(turn.then, Dial)
    assert (line.call().turns[0].heard, line.call().risk) == ("救命啊", "red")


def test_a_slower_voice_is_remembered_for_the_person(line: Line) -> None:
    turn = line.play(Utterance(text="慢一点", confidence=0.9))
    assert turn.slow
    assert line.start("CA2").slow


def test_a_withheld_number_can_ask_for_help(line: Line) -> None:
    line.start(from_number="anonymous")
    line.answer(1, ONE)

    (request,) = line.requests()
    assert (request.person_id, request.phone) == (None, None)
    assert line.call().from_number == "anonymous"


def test_enormous_and_broken_numbers_do_not_stop_a_call(database_url: str, make_line: MakeLine) -> None:
    line = make_line(database_url)
    line.start(from_number="\x00" + "9" * 10_000)
    assert line.call().turn_number == 1
    assert line.journal.pending == 0


def test_a_final_status_ends_the_conversation_once(line: Line) -> None:
    line.play(TWO)
    for status in ("completed", "in-progress", "completed", "ringing"):
        line.status(status)

    call = line.call()
    assert (call.status, call.outcome, call.duration_s) == ("completed", "hung_up_in_help", 60)
    assert [turn.answer for turn in call.turns] == ["key", "hangup"]
    assert len(line.requests()) == 1


def test_a_status_before_the_call_is_known_does_no_harm(line: Line) -> None:
    line.status("ringing")
    line.status("nonsense")
    line.start()
    assert line.call().status == "in-progress"
    assert line.journal.pending == 0


def test_an_answer_after_the_end_gets_the_end(line: Line) -> None:
    line.play(ONE)
    line.status()
    end = line.service.turn("CA1")
    assert end
    assert isinstance(end.then, HangUp)
    assert line.answer(end.number, ZERO) == end
    assert line.answer(end.number, MESSAGE) == end
    assert len(line.requests()) == 1
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_rows_deleted_since_the_call_began_do_not_stop_it(line: Line) -> None:
    turn = line.play(ONE)
    with line.sessions.begin() as session:
        session.execute(delete(Staff))
    line.answer(turn.number, NO_ANSWER)
    assert line.call().transfers[0].staff_id is None
    assert line.journal.pending == 0
