"""A call that the line makes to a person: what is asked, what is written down, and what it comes to."""

from datetime import timedelta

import pytest

from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from ivr.dialog.model import HangUp, Key, Listen, Utterance
from tests.calls.conftest import MakeLine
from tests.calls.line import CALLER, MESSAGE, NO_ANSWER, ONE, SILENCE, TWO, Line, seed
from tests.calls.outages import outage
from tests.calls.wellbeing import begin_try, check_in, placed, raised, ring, send, told

FINE = (ONE, ONE, ONE, ONE, ONE)
"""It is them, they are well, have not fallen, eat and sleep, and want nothing."""


def test_a_person_who_is_fine_is_done(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    turn = ring(line, row, *FINE)
    told(line, row, "completed")
    assert isinstance(turn.then, HangUp)
    found = check_in(line)
    assert (found.state, found.outcome, found.next_at) == (CheckInState.DONE, CheckInOutcome.FINE, None)
    assert (line.requests(), raised(line)) == ([], [])


def test_the_call_is_known_by_what_it_was_for(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    ring(line, row, *FINE)
    told(line, row, "completed")
    call, sent = line.call(), placed(line, row)
    assert (call.purpose, call.direction, call.status, call.person_id) == ("check_in", "outbound", "completed", 1)
    assert (sent.state, sent.sid, sent.result, sent.ended_at) == (OutboundCallState.ENDED, "CA1", "fine", line.at)


def test_every_answer_is_kept_with_its_key(line: Line) -> None:
    row = begin_try(line)
    ring(line, row, ONE, ONE, ONE, TWO, ONE)
    answers = {answer.question: (answer.answer, answer.key, answer.flag) for answer in check_in(line).answers}
    assert answers["health"] == ("fine", "1", None)
    assert answers["meals"] == ("not_fine", "2", "yellow")


def test_somebody_who_is_unwell_is_escalated_at_once(line: Line) -> None:
    row = begin_try(line)
    ring(line, row, ONE, TWO)
    found = check_in(line)
    (request,), (escalation,) = line.requests(), raised(line)
    assert (found.state, found.outcome, found.flag) == (CheckInState.FOLLOW_UP, CheckInOutcome.CONCERN, "red")
    assert (found.request_id, escalation.request_id) == (request.id, request.id)
    assert (request.urgency, request.person_id) == ("red", 1)
    assert escalation.next_at == line.at


def test_a_fall_is_escalated_too(line: Line) -> None:
    ring(line, begin_try(line), ONE, ONE, TWO)
    assert (check_in(line).flag, [escalation.request.urgency for escalation in raised(line)]) == ("orange", ["orange"])


def test_who_does_not_sleep_well_is_somebodys_work_today_and_no_alarm(line: Line) -> None:
    ring(line, begin_try(line), ONE, ONE, ONE, TWO, ONE)
    found, (request,) = check_in(line), line.requests()
    assert (found.state, found.flag, found.request_id) == (CheckInState.FOLLOW_UP, "yellow", request.id)
    assert (request.urgency, raised(line)) == ("yellow", [])


def test_a_relatives_word_is_somebodys_work_today(line: Line) -> None:
    ring(line, begin_try(line), TWO, ONE)
    found, (request,) = check_in(line), line.requests()
    assert (found.state, found.outcome) == (CheckInState.FOLLOW_UP, CheckInOutcome.RELATIVE)
    assert [(answer.question, answer.by) for answer in found.answers] == [("relative", "relative")]
    assert request.urgency == "yellow"


def test_answered_but_silent_is_an_alarm(line: Line) -> None:
    ring(line, begin_try(line), *[SILENCE] * 3)
    found, (escalation,) = check_in(line), raised(line)
    assert (found.state, found.outcome, found.flag) == (CheckInState.FOLLOW_UP, CheckInOutcome.SILENT, "red")
    assert escalation.request_id == found.request_id


def test_officers_who_are_rung_in_the_call_have_a_moment_before_others_are(line: Line) -> None:
    turn = ring(line, begin_try(line), *[SILENCE] * 3)
    assert turn.then.type == "dial"
    assert [escalation.next_at for escalation in raised(line)] == [line.at + timedelta(seconds=60)]


def test_who_leaves_before_the_end_is_rung_again(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    ring(line, row, ONE)
    told(line, row, "completed")
    found = check_in(line)
    assert (found.state, found.next_at, found.outcome) == (CheckInState.CALLING, line.at, None)
    assert placed(line, row).result == "hung_up"


def test_a_machine_counts_as_nobody(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    ring(line, row)
    assert line.service.machine_answered("CA1", line.tick())
    told(line, row, "completed")
    assert (placed(line, row).result, line.call().outcome) == ("machine", "machine")
    assert (check_in(line).state, line.requests()) == (CheckInState.CALLING, [])


def test_who_has_pressed_a_key_is_no_machine(line: Line) -> None:
    row = begin_try(line)
    turn = ring(line, row, ONE)
    assert not line.service.machine_answered("CA1", line.tick())
    assert line.service.turn("CA1") == turn


def test_a_machine_in_a_call_that_nobody_knows_is_nothing_to_end(line: Line) -> None:
    assert not line.service.machine_answered("CA9", line.tick())


@pytest.mark.parametrize(
    ("status", "result"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "canceled")],
)
def test_a_call_that_nobody_answered_ends_its_try(line: Line, status: str, result: str) -> None:
    row = begin_try(line)
    send(line, row)
    told(line, row, "ringing")
    assert (placed(line, row).state, placed(line, row).sid) == (OutboundCallState.PLACED, "CA1")
    told(line, row, status)
    assert (placed(line, row).state, placed(line, row).result) == (OutboundCallState.ENDED, result)
    assert (check_in(line).next_at, line.calls()) == (line.at, [])


def test_a_final_status_told_twice_ends_the_try_once(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    told(line, row, "no-answer")
    ended_at = line.at
    told(line, row, "no-answer")
    assert (placed(line, row).ended_at, check_in(line).next_at) == (ended_at, ended_at)


def test_a_row_belongs_to_one_call_only(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    told(line, row, "ringing")
    told(line, row, "no-answer", sid="CA-of-somebody-else")
    assert (placed(line, row).state, placed(line, row).sid) == (OutboundCallState.PLACED, "CA1")


def test_a_row_that_is_gone_does_not_stop_the_call(line: Line) -> None:
    assert isinstance(ring(line, 999).then, Listen)
    assert line.call().purpose == "inbound"


# --- What comes late


def test_an_alarm_pressed_just_before_hanging_up_is_raised_whichever_webhook_comes_first(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    turn = ring(line, row, ONE)
    told(line, row, "completed")
    assert check_in(line).state is CheckInState.CALLING
    line.answer(turn.number, TWO)
    found, (request,) = check_in(line), line.requests()
    assert (found.state, found.flag, found.request_id) == (CheckInState.FOLLOW_UP, "red", request.id)
    assert [escalation.request_id for escalation in raised(line)] == [request.id]
    assert found.next_at is None


def test_a_last_answer_that_comes_late_still_closes_the_check_in(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    turn = ring(line, row, ONE, ONE)
    told(line, row, "completed")
    line.answer(turn.number, ONE)
    assert (check_in(line).state, placed(line, row).result) == (CheckInState.DONE, "fine")


def test_a_caller_who_presses_1_and_is_cut_off_has_called_for_help(line: Line) -> None:
    turn = line.start()
    line.status("completed")
    line.answer(turn.number, ONE)
    (request,) = line.requests()
    assert (request.category, request.urgency) == ("emergency", "red")
    assert [escalation.request_id for escalation in raised(line)] == [request.id]


def test_a_late_key_at_the_end_of_a_recording_calls_for_help_too(line: Line) -> None:
    turn = line.start()
    line.status("completed")
    line.answer(turn.number, Utterance(recording_sid="RE1", seconds=2, key="1"))
    assert [request.category for request in line.requests()] == ["emergency"]
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_a_late_key_that_comes_twice_opens_one_request(line: Line) -> None:
    turn = line.start()
    line.status("completed")
    for _ in range(2):
        line.answer(turn.number, ONE)
    assert len(line.requests()) == 1


def test_a_key_for_an_earlier_turn_is_not_followed(line: Line) -> None:
    turn = line.play(Key(key="3"))
    line.status("completed")
    line.answer(turn.number - 1, ONE)
    assert line.requests() == []


def test_a_late_key_makes_a_request_graver_that_the_hang_up_opened(line: Line) -> None:
    doubtful = Utterance(text="胸闷", confidence=0.2)
    line.play(doubtful)
    asking = line.call().turn_number
    line.status("completed")
    assert [request.reason for request in line.requests()] == ["hung_up_in_risk"]
    line.answer(asking, ONE)
    (request,) = line.requests()
    assert request.urgency == "red"


def test_a_late_key_survives_a_restart(sqlite_url: str, make_line: MakeLine) -> None:
    seed(sqlite_url)
    line = make_line(sqlite_url)
    turn = line.start()
    line.status("completed")
    restarted = make_line(sqlite_url)
    restarted.answer(turn.number, ONE)
    assert [request.category for request in restarted.requests()] == ["emergency"]


def test_a_key_that_was_on_its_way_when_a_machine_was_suspected_counts(line: Line) -> None:
    row = begin_try(line)
    send(line, row)
    turn = ring(line, row)
    assert line.service.machine_answered("CA1", line.tick())
    told(line, row, "completed")
    line.answer(turn.number, TWO)
    assert placed(line, row).result == "hung_up"


# --- Without the database


@pytest.mark.parametrize("kind", ["locked", "read-only", "gone"])
def test_what_was_said_while_the_database_was_away_is_in_the_records_afterwards(
    database_url: str, make_line: MakeLine, kind: str
) -> None:
    seed(database_url)
    line = make_line(database_url)
    row = begin_try(line)
    send(line, row)
    turn = ring(line, row)
    with outage(line.settings.database, kind):
        for event in FINE:
            turn = line.answer(turn.number, event)
        told(line, row, "completed")
    assert line.journal.pending > 0
    assert line.service.replay().complete
    assert (check_in(line).state, placed(line, row).result) == (CheckInState.DONE, "fine")
    assert len(check_in(line).answers) == 4


def test_an_alarm_of_a_check_in_outlives_the_database(database_url: str, make_line: MakeLine) -> None:
    seed(database_url)
    line = make_line(database_url)
    row = begin_try(line)
    turn = ring(line, row, ONE)
    with outage(line.settings.database, "gone"):
        line.answer(turn.number, TWO)
        told(line, row, "completed")
    line.service.replay()
    found = check_in(line)
    assert (found.state, found.flag) == (CheckInState.FOLLOW_UP, "red")
    assert [escalation.request_id for escalation in raised(line)] == [found.request_id]


def test_a_late_key_outlives_the_database(database_url: str, make_line: MakeLine) -> None:
    seed(database_url)
    line = make_line(database_url)
    turn = line.start()
    with outage(line.settings.database, "gone"):
        line.status("completed")
        line.answer(turn.number, ONE)
    assert line.service.replay().complete
    assert line.journal.rejected == 0
    assert [request.category for request in line.requests()] == ["emergency"]
    assert len(raised(line)) == 1


def test_a_placed_call_that_nobody_answered_without_the_database_still_ends_its_try(
    database_url: str, make_line: MakeLine
) -> None:
    seed(database_url)
    line = make_line(database_url)
    row = begin_try(line)
    send(line, row)
    with outage(line.settings.database, "gone"):
        told(line, row, "no-answer")
    line.service.replay()
    assert (placed(line, row).sid, placed(line, row).result) == ("CA1", "no_answer")


def test_a_call_for_help_while_officers_are_rung_waits_for_them(line: Line) -> None:
    line.play(ONE, NO_ANSWER)
    opened_at = line.requests()[0].created_at
    assert [escalation.next_at for escalation in raised(line)] == [opened_at + timedelta(seconds=60)]


def test_an_ordinary_request_is_no_alarm(line: Line) -> None:
    line.play(TWO, MESSAGE, TWO, ONE, ONE)
    assert (len(line.requests()), raised(line)) == (1, [])


def test_the_person_who_was_rung_is_spoken_to_whoever_shares_the_telephone(line: Line) -> None:
    context = line.service.context_for(CALLER, line.at, begin_try(line))
    assert context.check_in is not None
    assert (context.caller is not None, context.check_in.address_as, context.pending) == (True, "张老", None)
