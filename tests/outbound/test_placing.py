"""A call is sent at most once, whatever the provider says and whoever dies when."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from structlog.testing import capture_logs

from care_records.models import CheckIn, OutboundCall
from care_records.models.check_ins import OutboundCallState
from care_records.services import outbound_calls
from ivr.outbound.engine import Work
from ivr.telephony.provider import ProviderFinal, ProviderRetryable, ProviderUncertain
from tests.care_records.builders import make_officer
from tests.outbound.line import BASE_URL, PHONE, Line, at, make_elder, make_settings


class Killed(BaseException):
    """The process dies here."""


def row(line: Line) -> OutboundCall:
    (only,) = line.all(OutboundCall)
    assert isinstance(only, OutboundCall)
    return only


def test_a_placed_call_knows_its_sid_and_where_to_report(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    placed = line.provider.calls[0]
    assert (row(line).sid, row(line).state) == (placed.sid, OutboundCallState.PLACED)
    assert placed.machine_detection_url == f"{BASE_URL}/twilio/answered-by?outbound={row(line).id}"


def test_machines_are_not_looked_for_when_that_is_off(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, machine_detection=False)
    line.restarted()
    line.add(make_elder())
    line.run("09:00")
    assert line.provider.calls[0].machine_detection_url is None


def test_a_refusal_that_is_nobody_s_number_counts_as_no_answer(line: Line) -> None:
    line.provider.errors = [ProviderFinal("wrong credentials", 20003)]
    line.add(make_elder())
    line.run("09:00")
    assert (row(line).state, row(line).result) == (OutboundCallState.ENDED, "failed")
    line.run("09:15")
    assert line.rung == [PHONE]


def test_a_provider_without_room_is_asked_again_and_again_which_is_no_try(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("429")] * 3
    line.add(make_elder())
    for clock in ("09:00", "09:00:04", "09:00:05", "09:00:15", "09:00:35"):
        line.run(clock)
    assert line.provider.asked_to_place == 4
    assert line.check_in().tries == 1
    assert (row(line).state, row(line).put_off) == (OutboundCallState.PLACED, 3)


def test_staff_are_told_when_the_provider_stays_away(line: Line) -> None:
    line.provider.errors = [ProviderRetryable("503")] * 5
    line.add(make_elder())
    with capture_logs() as logs:
        for minute in range(5):
            line.run(f"09:0{minute}")
    assert [entry["event"] for entry in logs if entry["log_level"] == "critical"] == ["provider_away"]


def test_an_uncertain_call_is_never_sent_again(line: Line) -> None:
    line.provider.errors = [ProviderUncertain("timeout")]
    line.add(make_elder())
    for clock in ("09:00", "09:00:30", "09:03", "09:05:59"):
        line.run(clock)
    assert (line.provider.asked_to_place, row(line).state) == (1, OutboundCallState.UNCERTAIN)


def test_a_call_is_sent_only_when_its_turn_has_come(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, calls_per_second=0.1)
    line.restarted()
    line.add(*[make_elder(phone=f"+865125288{number:04}") for number in range(3)])
    line.outbound.plan_day(None, at("06:00"))
    sent = []
    for second in range(0, 30, 5):
        line.run(f"09:02:{second:02}")
        sent.append(len(line.rung))
    assert sent == [1, 1, 2, 2, 3, 3]


def test_two_workers_keep_to_the_calls_a_second_together(either_line: Line) -> None:
    either_line.settings = make_settings(either_line.settings.data_dir, calls_per_second=1)
    workers = [either_line.restarted(), either_line.restarted()]
    either_line.add(*[make_elder(phone=f"+865125288{number:04}") for number in range(4)])
    workers[0].plan_day(None, at("06:00"))
    for number in range(4):
        workers[number % 2].do(Work("check_in", number + 1), at("09:00:10"))
    assert len(either_line.rung) == 1
    assert [call.due_at - at("09:00:10") for call in either_line.all(OutboundCall)] == [
        timedelta(seconds=number) for number in range(4)
    ]


def test_a_couple_with_one_telephone_is_rung_one_after_the_other(line: Line) -> None:
    line.add(make_elder(), make_elder())
    line.run("09:00")
    line.run("09:00:01")
    line.run("09:01")
    assert line.rung == [PHONE]
    line.ends("fine", "09:01:20")
    line.run("09:01:31")
    assert line.rung == [PHONE, PHONE]
    assert [row.tries for row in line.all(CheckIn)] == [1, 1]


def test_an_alarm_does_not_wait_behind_the_calls_a_second(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, calls_per_second=0.01)
    line.restarted()
    line.add(make_elder(), make_officer(phone="+8651252889001"))
    line.run("09:02")
    line.ends("silent", "09:02:10")
    line.run("09:02:10")
    assert line.rung == [PHONE, "+8651252889001"]


def test_calls_that_workers_were_away_for_are_spread_again(line: Line) -> None:
    line.settings = make_settings(line.settings.data_dir, calls_per_second=1)
    line.restarted()
    line.provider.errors = [ProviderRetryable("429")] * 3
    line.add(*[make_elder(phone=f"+865125288{number:04}") for number in range(3)])
    for second in range(3):
        line.run(f"09:00:0{second}")
    line.run("09:10")
    assert len(line.rung) == 1
    line.run("09:10:01")
    line.run("09:10:02")
    assert len(line.rung) == 3


@pytest.mark.parametrize("kind", ["check_in", "place"])
def test_two_workers_at_the_same_work_send_one_call(either_line: Line, kind: str) -> None:
    either_line.add(make_elder())
    either_line.outbound.plan_day(None, at("06:00"))
    if kind == "place":
        either_line.outbound._check_ins.advance(1, at("09:00"))
    together = Barrier(2)

    def work() -> None:
        together.wait()
        either_line.outbound.do(Work(kind, 1), at("09:00"))  # type: ignore[arg-type]

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    either_line.run("09:00")
    assert either_line.provider.asked_to_place == 1
    assert len(either_line.all(OutboundCall)) == 1


def die_in(function: Callable[..., object], *, after: bool) -> Callable[..., object]:
    def dying(*arguments: object, **options: object) -> object:
        if after:
            function(*arguments, **options)
        raise Killed

    return dying


@pytest.mark.parametrize(
    ("name", "sent"), [("claim", 0), ("placed", 1)], ids=["before the claim is written", "before the sid is written"]
)
def test_a_worker_that_dies_between_two_writes_rings_nobody_twice(
    line: Line, monkeypatch: pytest.MonkeyPatch, name: str, sent: int
) -> None:
    line.add(make_elder())
    line.outbound.plan_day(None, at("06:00"))
    with monkeypatch.context() as patch:
        patch.setattr(outbound_calls, name, die_in(getattr(outbound_calls, name), after=True))
        with pytest.raises(Killed):
            line.run("09:00")
    assert line.provider.asked_to_place == sent
    line.restarted()
    for clock in ("09:00:10", "09:00:40", "09:01", "09:03"):
        line.run(clock)
    assert line.provider.asked_to_place == 1


def test_a_worker_that_dies_while_it_sends_leaves_it_to_the_provider_s_list(line: Line) -> None:
    line.provider.errors = [Killed()]  # type: ignore[list-item]
    line.add(make_elder())
    with pytest.raises(Killed):
        line.run("09:00")
    assert row(line).state is OutboundCallState.SENDING
    line.restarted().run_due(at("09:00:29"))
    assert row(line).state is OutboundCallState.SENDING
    line.run("09:00:30")
    assert (row(line).state, line.provider.lookups) == (OutboundCallState.UNCERTAIN, 1)
    assert line.provider.asked_to_place == 1


def test_no_session_is_open_while_the_provider_is_asked(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*arguments: object, **options: object) -> str:
        line.add(make_officer())
        return "CA1"

    monkeypatch.setattr(line.provider, "place_call", write)
    line.add(make_elder())
    line.run("09:00")
    assert row(line).sid == "CA1"
