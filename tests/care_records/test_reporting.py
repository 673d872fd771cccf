"""The figures of the monthly report: each is counted from rows, over the days of the office's clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from care_records.models import CallTurn, HelpRequest, HelpRequestEvent, OutboundCall, Pause, Transfer
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import RequestStatus, Urgency
from care_records.services.figures import Kind, Rate, Report
from care_records.services.periods import Period
from care_records.services.reporting import monthly
from tests.care_records.builders import NOW, make_call, make_check_in, make_person, make_request

ZONE = ZoneInfo("Asia/Shanghai")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def report(session: Session, period: Period = NOVEMBER, zone: ZoneInfo = ZONE) -> Report:
    session.flush()
    return monthly(session, period, zone, NOW)


def local(*at: int, zone: ZoneInfo = ZONE) -> datetime:
    return datetime(*at, tzinfo=zone)  # type: ignore[misc, arg-type]


def resolved(**values: object) -> HelpRequest:
    return make_request(**{"status": RequestStatus.RESOLVED, "resolved_at": NOW} | values)


def alarm(session: Session, taken_after: timedelta | None, **values: object) -> None:
    request = make_request(**{"urgency": Urgency.RED, "category": "unwell", "due_at": NOW} | values)
    session.add(request)
    if taken_after is not None:
        request.history.append(HelpRequestEvent(at=request.created_at + taken_after, kind="taken"))
        request.history.append(HelpRequestEvent(at=request.created_at + timedelta(days=1), kind="resolved"))


def test_of_nothing_every_figure_is_nothing(session: Session) -> None:
    found = report(session)

    assert found.calls.inbound == Rate(0, 0)
    assert found.calls.inbound.percent is None
    assert (found.check_ins.due, found.check_ins.visits, found.kinds) == (0, 0, [])
    assert [alarms.acknowledged for alarms in found.alarms] == [Rate(0, 0), Rate(0, 0)]
    assert found.follow_ups.satisfied == Rate(0, 0)
    assert (found.pauses.people, found.speech.asked) == (0, 0)
    assert len(found.parts) == 30


def test_the_line_has_answered_the_calls_that_came_through(session: Session) -> None:
    session.add_all(make_call(status="completed", outcome="listened") for _ in range(3))
    session.add(make_call(status="in-progress"))
    session.add(make_call(status="no-answer", outcome="hung_up_in_menu"))
    session.add(make_call(status="completed", purpose="check_in", outcome="fine"))

    calls = report(session).calls

    assert calls.inbound == Rate(4, 5)
    assert calls.outcomes == {"listened": 3, "in-progress": 1, "no-answer": 1}


def test_a_call_belongs_to_the_local_day_on_which_it_began(session: Session) -> None:
    session.add(make_call(started_at=local(2026, 10, 31, 23, 59, 59)))
    session.add(make_call(started_at=local(2026, 11, 1, 0, 0)))
    session.add(make_call(started_at=local(2026, 11, 30, 23, 59, 59)))
    session.add(make_call(started_at=local(2026, 12, 1, 0, 0)))

    found = report(session)

    assert found.calls.inbound.whole == 2
    assert [part.period.first.day for part in found.parts if part.inbound] == [1, 30]


def test_a_day_on_which_the_clock_is_put_back_has_25_hours(session: Session) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    session.add_all(
        make_call(started_at=datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=n)) for n in range(26)
    )

    found = report(session, Period(date(2026, 10, 25), date(2026, 10, 25)), berlin)

    assert found.calls.inbound.whole == 25


def test_a_period_across_the_year_is_shown_by_its_months(session: Session) -> None:
    session.add(make_call(started_at=local(2026, 12, 31, 23, 30)))
    session.add(make_call(started_at=local(2027, 1, 1, 0, 30), purpose="check_in"))

    parts = report(session, Period(date(2026, 11, 15), date(2027, 2, 10))).parts

    assert [(part.period.first, part.inbound, part.check_ins) for part in parts] == [
        (date(2026, 11, 15), 0, 0),
        (date(2026, 12, 1), 1, 0),
        (date(2027, 1, 1), 0, 1),
        (date(2027, 2, 1), 0, 0),
    ]
    assert parts[-1].period.last == date(2027, 2, 10)


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 11, 2), date(2026, 11, 1)), (date(2000, 1, 1), date(2026, 1, 1))]
)
def test_a_period_that_makes_no_sense_is_refused(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="a period"):
        Period(first, last)


def test_a_check_in_call_counts_as_answered_when_somebody_picked_up(session: Session) -> None:
    check_in = make_check_in()
    session.add(check_in)
    session.flush()
    for number, result in enumerate(("no_answer", "busy", "machine", "hung_up", "fine"), start=1):
        ended = {"state": OutboundCallState.ENDED, "sent_at": NOW, "ended_at": NOW, "result": result}
        session.add(OutboundCall(check_in_id=check_in.id, number=number, to_number="1", due_at=NOW, **ended))
    unsent = {"state": OutboundCallState.ENDED, "result": "canceled"}
    session.add(OutboundCall(check_in_id=check_in.id, number=6, to_number="1", due_at=NOW, **unsent))

    assert report(session).calls.tries == Rate(2, 5)


def test_a_caller_is_put_through_once_however_many_officers_were_rung(session: Session) -> None:
    for outcomes in (("no_answer", "answered"), ("busy",)):
        call = make_call()
        for turn, outcome in enumerate(outcomes):
            call.transfers.append(Transfer(turn_number=turn, to_number="1", outcome=outcome, at=NOW))
        session.add(call)

    assert report(session).calls.transfers == Rate(1, 2)


def test_check_ins_are_counted_by_what_they_came_to(session: Session) -> None:
    follow_up = {"state": CheckInState.FOLLOW_UP}
    session.add_all(make_check_in(state=CheckInState.DONE, outcome=CheckInOutcome.FINE) for _ in range(3))
    session.add(make_check_in(outcome=CheckInOutcome.RELATIVE, **follow_up))
    session.add(make_check_in(outcome=CheckInOutcome.UNREACHED, **follow_up, request=resolved(result="上门看过，平安")))
    session.add(make_check_in(outcome=CheckInOutcome.NOT_CALLED, **follow_up))
    session.add(make_check_in(outcome=CheckInOutcome.SILENT, **follow_up, request=resolved(result="误报，电话没挂好")))
    session.add(make_check_in())
    withdrawn = {"state": CheckInState.WITHDRAWN, "taken_by": "王值班"}
    session.add(make_check_in(reason="上门看过", **withdrawn))
    session.add(make_check_in(reason="住院", **withdrawn))
    session.add(make_check_in(day=date(2026, 12, 1)))

    found = report(session).check_ins

    assert (found.due, found.taken_back) == (8, 2)
    assert found.fine == Rate(3, 8)
    assert found.relative == Rate(1, 8)
    assert found.unreached == Rate(2, 8)
    assert found.followed == Rate(1, 8)
    assert (found.visits, found.false_alarms) == (2, 1)


def test_requests_are_on_time_late_overdue_or_still_waiting(session: Session) -> None:
    session.add(resolved(category="repair", resolved_at=NOW, due_at=NOW))
    session.add(resolved(category="repair", resolved_at=NOW, due_at=NOW - timedelta(seconds=1)))
    session.add(make_request(category="repair", due_at=NOW - timedelta(seconds=1)))
    session.add(make_request(category="repair", due_at=NOW))
    session.add(make_request(category="meals"))

    assert report(session).kinds == [Kind("repair", 4, 1, 1, 1, 1), Kind("meals", 1, 0, 0, 0, 1)]


def test_a_request_that_has_joined_another_is_not_counted_twice(session: Session) -> None:
    session.add(make_request(status=RequestStatus.CLOSED, resolved_at=NOW, result="并入工单20261123-001。"))
    session.add(make_request(status=RequestStatus.CLOSED, resolved_at=NOW, followed_up_at=NOW))

    assert report(session).kinds[0].total == 1


def test_following_up_and_satisfaction_are_rates_of_those_who_can_be_asked(session: Session) -> None:
    session.add(resolved())
    for grade in (5, 5, 4, 2, None):
        session.add(resolved(status=RequestStatus.CLOSED, followed_up_at=NOW, satisfaction=grade))
    session.add(make_request())

    found = report(session).follow_ups

    assert found.done == Rate(5, 6)
    assert found.satisfied == Rate(3, 4)
    assert found.grades == {5: 2, 4: 1, 2: 1}


def test_an_alarm_is_acknowledged_within_a_minute_and_answered_within_a_quarter_of_an_hour(session: Session) -> None:
    for seconds in (60, 60.4, 900, 901):
        alarm(session, timedelta(seconds=seconds))
    alarm(session, None)
    alarm(session, timedelta(seconds=5), urgency=Urgency.ORANGE)

    red, orange = report(session).alarms

    assert (red.acknowledged, red.responded) == (Rate(1, 5), Rate(3, 5))
    assert orange.acknowledged == Rate(1, 1)


def test_what_red_alarms_came_to(session: Session) -> None:
    over = {"status": RequestStatus.RESOLVED, "resolved_at": NOW}
    alarm(session, None)
    alarm(session, timedelta(0), status=RequestStatus.TAKEN)
    alarm(session, timedelta(0), **over, result="上门，送医院")
    alarm(session, timedelta(0), **over, result="误报：按错了键")
    alarm(session, timedelta(0), **over, result="电话里说好了")

    red = report(session).alarms[0]

    assert (red.open, red.taken, red.visited, red.false_alarms, red.otherwise) == (1, 1, 1, 1, 1)


def test_a_pause_counts_in_every_period_that_it_reaches_into(session: Session) -> None:
    person, other = make_person(), make_person()
    session.add_all([person, other])
    session.flush()
    for who, first, last in (
        (person, date(2026, 10, 1), date(2026, 11, 1)),
        (person, date(2026, 11, 30), date(2027, 1, 1)),
        (other, date(2026, 12, 1), date(2026, 12, 2)),
    ):
        session.add(Pause(person_id=who.id, first_day=first, last_day=last, created_at=NOW))
    session.flush()

    found = report(session).pauses

    assert (found.pauses, found.people) == (2, 1)


def test_speech_has_fallen_back_when_the_line_asked_for_keys(session: Session) -> None:
    keys_only = [{"key": "confused.keys", "text": "我没听清，是我耳朵不好。请您按键："}]
    conversations = (
        [([], "utterance"), (keys_only, "key")],
        [([], "utterance"), ([], "utterance")],
        [([], "key"), (keys_only, "silence")],
    )
    for turns in conversations:
        call = make_call()
        for number, (said, answer) in enumerate(turns, start=1):
            call.turns.append(CallTurn(number=number, said=said, answer=answer, at=NOW, took_ms=1))
        session.add(call)

    speech = report(session).speech

    assert speech.calls == Rate(1, 2)
    assert speech.questions == Rate(2, 5)
    assert speech.asked == 2
