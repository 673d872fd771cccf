"""Messages written down after the call, and officers told of a danger in one that nobody has noticed."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from care_records.models import Alert, HelpRequest, Recording, Staff
from care_records.models.requests import AlertState, RequestStatus, Urgency
from care_records.services import requests
from ivr.dialog.model import Event, Hangup, Heard, Key, Utterance
from ivr.listening import Caught
from ivr.outbound import Sweeper
from ivr.outbound.alerts import Alerter
from ivr.telephony.provider import ProviderFinal, ProviderRetryable, ProviderUncertain
from tests.calls.line import MESSAGE, OFFICERS, TWO, Line
from tests.calls.provider import WAV, StubProvider
from tests.calls.writer import ScriptedWriter

SAID = Utterance(recording_sid="RE1", seconds=2)
"""At the menu, and not understood."""
LATER = timedelta(hours=1)


@pytest.fixture
def provider() -> StubProvider:
    return StubProvider()


@pytest.fixture
def writer() -> ScriptedWriter:
    return ScriptedWriter()


@pytest.fixture
def sweeper(line: Line, provider: StubProvider, writer: ScriptedWriter) -> Sweeper:
    return Sweeper(line.service, line.sessions, line.settings, provider, writer)


class Sweeps:
    """A line that has written down what was said in the call before."""

    def __init__(self, line: Line, sweeper: Sweeper, writer: ScriptedWriter) -> None:
        self._line, self._sweeper, self._writer = line, sweeper, writer

    def hears(self, text: str | None, confidence: float = 0.9, *, after: tuple[Event, ...] = (TWO, MESSAGE)) -> None:
        """`after` is what the caller did."""
        self._line.play(*after)
        self._writer.caught = Caught(text, confidence if text else None)
        self.again()

    def again(self, after: timedelta = timedelta()) -> None:
        with capture_logs():
            assert self._sweeper.sweep_once(self._line.at + after)


@pytest.fixture
def sweeps(line: Line, sweeper: Sweeper, writer: ScriptedWriter) -> Sweeps:
    return Sweeps(line, sweeper, writer)


def recording(line: Line) -> Recording:
    with line.sessions() as session:
        return session.scalars(select(Recording)).one()


def alerts(line: Line) -> list[Alert]:
    with line.sessions() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


def notes(request: HelpRequest) -> list[str]:
    return [event.note for event in request.history if event.kind == "note"]


# --- Written down


def test_a_message_is_written_down_with_its_request_and_its_turn(
    line: Line, sweeps: Sweeps, writer: ScriptedWriter
) -> None:
    sweeps.hears("厨房的水管坏了", 0.8)
    (request,) = line.requests()
    turn = line.call().turns[1]
    assert writer.heard == [WAV]
    assert (request.transcript, request.transcript_confidence) == ("厨房的水管坏了", 0.8)
    assert (turn.heard, turn.confidence) == ("厨房的水管坏了", 0.8)
    assert request.history[-1].note == "transcript=厨房的水管坏了, transcript_confidence=0.8"
    found = recording(line)
    assert (found.transcript, found.transcript_confidence, found.transcribed_at) == ("厨房的水管坏了", 0.8, line.at)


def test_what_the_line_has_understood_already_stays(line: Line, sweeps: Sweeps) -> None:
    understood = MESSAGE.model_copy(update={"text": "水管漏了", "confidence": 0.7})
    sweeps.hears("水管爆了", after=(TWO, understood))
    assert line.requests()[0].transcript == "水管漏了"
    assert line.call().turns[1].heard == "水管漏了"
    assert recording(line).transcript == "水管爆了"


def test_a_message_is_written_down_once(sweeps: Sweeps, writer: ScriptedWriter) -> None:
    sweeps.hears(None)
    sweeps.again()
    assert len(writer.heard) == 1


def test_a_message_that_the_engine_does_not_get_through_is_tried_three_times(
    line: Line, sweeps: Sweeps, writer: ScriptedWriter
) -> None:
    line.play(TWO, MESSAGE)
    writer.caught = None
    for _ in range(5):
        sweeps.again()
    assert len(writer.heard) == 3
    assert (recording(line).transcribed_at, recording(line).transcript) == (line.at, None)


def test_without_a_model_messages_wait_for_one(line: Line, sweeps: Sweeps, writer: ScriptedWriter) -> None:
    writer.on = False
    sweeps.hears("水管漏了")
    assert recording(line).transcribed_at is None
    writer.on = True
    sweeps.again()
    assert recording(line).transcript == "水管漏了"


def test_a_message_whose_file_is_gone_holds_nothing_up(line: Line, sweeps: Sweeps, writer: ScriptedWriter) -> None:
    writer.on = False
    sweeps.hears("水管漏了")
    (line.settings.data_dir / str(recording(line).path)).unlink()
    writer.on = True
    for _ in range(3):
        sweeps.again()
    assert writer.heard == []
    assert recording(line).transcribed_at == line.at


def test_no_session_is_open_while_the_model_listens(
    line: Line, sweeps: Sweeps, writer: ScriptedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use: list[int] = []

    def write(audio: bytes) -> Caught:
        in_use.append(line.engine.pool.checkedout())  # type: ignore[attr-defined]
        return Caught()

    monkeypatch.setattr(writer, "write", write)
    sweeps.hears(None)
    assert in_use == [0]


# --- A danger


def test_a_danger_in_a_message_raises_its_request_and_tells_every_officer_once(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    sweeps.hears("我胸口疼")
    sweeps.again(LATER)
    (request,) = line.requests()
    assert (request.urgency, line.call().risk) == (Urgency.RED, "red")
    assert request.due_at <= line.at + timedelta(minutes=15)
    assert [to for to, _ in provider.sms] == list(OFFICERS)
    assert {body for _, body in provider.sms} == {
        f"【彩虹桥热线】有紧急情况：工单{request.number}。请马上听录音，回电+8651200001234。"
    }
    assert [alert.state for alert in alerts(line)] == [AlertState.SENT] * 2
    assert [alert.message_sid for alert in alerts(line)] == ["SM1", "SM2"]
    assert notes(request) == ["录音里听到：我胸口疼", "已发短信通知值班员甲。", "已发短信通知值班员甲。"]


def test_a_fall_is_orange(line: Line, sweeps: Sweeps, provider: StubProvider) -> None:
    sweeps.hears("我摔倒了")
    assert [request.urgency for request in line.requests()] == [Urgency.ORANGE]
    assert len(provider.sms) == 2


@pytest.mark.parametrize("text", ["昨天摔了", "不用叫救护车", "没事就是胸闷"])
def test_a_doubt_that_nobody_can_be_asked_about_counts(
    line: Line, sweeps: Sweeps, provider: StubProvider, text: str
) -> None:
    sweeps.hears(text)
    (request,) = line.requests()
    assert request.urgency in (Urgency.RED, Urgency.ORANGE)
    assert "可能有紧急情况" in provider.sms[0][1]
    assert "拿不准" in notes(request)[0]


def test_what_was_barely_heard_is_for_today_and_wakes_nobody(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    sweeps.hears("我胸口疼", 0.4)
    (request,) = line.requests()
    assert (request.urgency, line.call().risk) == (Urgency.YELLOW, "red")
    assert notes(request) == ["录音里听到：我胸口疼（拿不准，请听录音）"]
    assert provider.sms == []


def test_a_lesser_worry_is_for_today(line: Line, sweeps: Sweeps, provider: StubProvider) -> None:
    sweeps.hears("头晕")
    assert [request.urgency for request in line.requests()] == [Urgency.YELLOW]
    assert provider.sms == []


@pytest.mark.parametrize("text", ["水管漏了", "没事", "再见"])
def test_what_is_no_danger_raises_nothing(line: Line, sweeps: Sweeps, provider: StubProvider, text: str) -> None:
    sweeps.hears(text)
    assert [request.urgency for request in line.requests()] == [Urgency.NORMAL]
    assert provider.sms == []


def test_a_danger_in_a_call_that_asked_for_nothing_opens_a_request(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    sweeps.hears("救命", after=(SAID, Hangup()))
    (request,) = line.requests()
    assert (request.category, request.urgency, request.reason) == ("emergency", Urgency.RED, "heard_in_recording")
    assert (request.phone, request.matter != "") == ("+8651200001234", True)
    assert len(provider.sms) == 2


def test_noise_that_sounds_like_a_danger_opens_nothing(line: Line, sweeps: Sweeps) -> None:
    sweeps.hears("救命", 0.4, after=(SAID, Hangup()))
    assert line.requests() == []
    assert line.call().risk == "red"


def test_the_menus_own_word_for_urgent_is_urgent_there(line: Line, sweeps: Sweeps) -> None:
    sweeps.hears("急事", after=(SAID, Hangup()))
    assert [request.urgency for request in line.requests()] == [Urgency.RED]


def test_a_danger_that_the_line_has_asked_about_is_not_raised_again(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    noticed = SAID.model_copy(update={"text": "胸闷", "confidence": 0.5, "meaning": Heard(risk="red")})
    sweeps.hears("胸闷", after=(noticed, TWO, Hangup()))
    assert line.requests() == []
    assert provider.sms == []


def test_nobody_is_told_of_a_danger_for_which_they_have_been_rung(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    sweeps.hears("救命", after=(SAID.model_copy(update={"key": "1"}), Hangup()))
    (request,) = line.requests()
    assert (request.urgency, request.reason) == (Urgency.RED, "menu_urgent")
    assert notes(request)[-1] == "录音里听到：救命"
    assert provider.sms == []


def test_a_request_that_is_resolved_is_not_raised_any_more(
    line: Line, sweeps: Sweeps, provider: StubProvider, writer: ScriptedWriter
) -> None:
    writer.on = False
    sweeps.hears("胸口疼")
    with line.sessions.begin() as session:
        request, officer = session.scalars(select(HelpRequest)).one(), session.scalars(select(Staff)).first()
        assert officer
        requests.resolve(session, request, staff=officer, result="办好了", at=line.at, zone=line.settings.zone)
    writer.on = True
    sweeps.again()
    (request,) = line.requests()
    assert (request.status, request.urgency) == (RequestStatus.RESOLVED, Urgency.NORMAL)
    assert notes(request) == ["录音里听到：胸口疼"]
    assert provider.sms == []


def test_with_nobody_on_duty_the_request_says_so(line: Line, sweeps: Sweeps, provider: StubProvider) -> None:
    with line.sessions.begin() as session:
        session.execute(update(Staff).values(active=False))
    sweeps.hears("胸口疼")
    assert notes(line.requests()[0])[-1] == "没有值班人员可以发短信通知。"
    assert alerts(line) == []


# --- Telling the officers


@pytest.mark.parametrize("error", [ProviderRetryable("429"), ProviderUncertain("timeout")])
def test_an_alert_that_may_not_have_arrived_is_sent_again(
    line: Line, sweeps: Sweeps, provider: StubProvider, error: Exception
) -> None:
    provider.refusals = [error]
    sweeps.hears("胸口疼")
    assert [to for to, _ in provider.sms] == [OFFICERS[1]]
    sweeps.again(timedelta(seconds=14))
    assert len(provider.sms) == 1
    sweeps.again(timedelta(seconds=15))
    assert [to for to, _ in provider.sms] == [OFFICERS[1], OFFICERS[0]]


def test_an_alert_that_is_refused_for_good_is_on_the_request(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    provider.refusals = [ProviderFinal("no such number")]
    sweeps.hears("胸口疼")
    sweeps.again(LATER)
    assert [alert.state for alert in alerts(line)] == [AlertState.FAILED, AlertState.SENT]
    assert "短信没有发到值班员甲，请另行通知。" in notes(line.requests()[0])


def test_an_alert_that_never_goes_out_is_given_up_and_is_on_the_request(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    provider.refusals = [ProviderRetryable("503")] * 100
    sweeps.hears("胸口疼")
    for hours in range(1, 9):
        sweeps.again(hours * LATER)
    assert {(alert.state, alert.attempts) for alert in alerts(line)} == {(AlertState.FAILED, 6)}
    assert notes(line.requests()[0]).count("短信没有发到值班员甲，请另行通知。") == 2


def test_an_alert_is_written_down_before_it_is_sent(line: Line, sweeps: Sweeps, provider: StubProvider) -> None:
    seen: list[tuple[AlertState, int, int]] = []

    def crash(to: str, body: str) -> str:
        in_use = line.engine.pool.checkedout()  # type: ignore[attr-defined]
        seen.extend((alert.state, alert.attempts, in_use) for alert in alerts(line))
        raise RuntimeError("the power is gone")

    provider.refusals = [ProviderRetryable("503")] * 2
    sweeps.hears("胸口疼")
    with pytest.raises(RuntimeError, match="the power is gone"):
        Alerter(line.sessions, crash).send_due(line.at + LATER)
    assert seen == [(AlertState.WAITING, 2, 0)] * 2


def test_two_sweepers_on_one_database_send_an_alert_once(
    line: Line, sweeper: Sweeper, sweeps: Sweeps, provider: StubProvider
) -> None:
    provider.refusals = [ProviderRetryable("503")] * 2
    sweeps.hears("胸口疼")
    together = threading.Barrier(2)

    def send() -> None:
        together.wait(10)
        sweeper.parts["alerts"](line.at + LATER)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(to for to, _ in provider.sms) == sorted(OFFICERS)


def test_another_message_of_the_same_call_is_another_alert_only_if_it_is_worse(
    line: Line, sweeps: Sweeps, provider: StubProvider
) -> None:
    sweeps.hears("摔倒了", after=(SAID, Key(key="2")))
    line.answer(3, Utterance(recording_sid="RE2", seconds=9, key="1"))
    sweeps.again()
    assert len(provider.sms) == 2
