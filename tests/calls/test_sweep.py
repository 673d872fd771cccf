"""The sweep: what is due gets done, again and again, until it is."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from care_records.models import Recording
from care_records.models.calls import RecordingState
from ivr.outbound import Sweeper
from ivr.outbound.audio import NotAudioError, wav_seconds
from ivr.telephony.provider import CallStatus, ProviderFinal, ProviderRetryable
from tests.calls.line import MESSAGE, ONE, TWO, Line
from tests.calls.outages import outage
from tests.calls.provider import SAMPLES, WAV, StubProvider, chunk
from tests.calls.writer import ScriptedWriter

HOUR = timedelta(hours=1)


@pytest.fixture
def provider() -> StubProvider:
    return StubProvider()


@pytest.fixture
def sweeper(line: Line, provider: StubProvider) -> Sweeper:
    return Sweeper(line.service, line.sessions, line.settings, provider, ScriptedWriter())


def recording(line: Line) -> Recording:
    with line.sessions() as session:
        return session.scalars(select(Recording)).one()


def test_a_message_is_stored_whole_with_its_digest(line: Line, sweeper: Sweeper) -> None:
    line.play(TWO, MESSAGE)
    sweeper.sweep_once(line.at)

    stored = recording(line)
    assert stored.state is RecordingState.STORED
    assert stored.path == "recordings/2026/11/RE1.wav"
    assert (line.settings.data_dir / stored.path).read_bytes() == WAV
    assert (stored.sha256, stored.seconds) == (hashlib.sha256(WAV).hexdigest(), 0.5)


@pytest.mark.parametrize("name", ["../../../../escape", "a/b", "名"])
def test_a_recording_named_by_somebody_else_stays_in_its_folder(line: Line, sweeper: Sweeper, name: str) -> None:
    line.play(TWO, MESSAGE.model_copy(update={"recording_sid": name}))
    sweeper.sweep_once(line.at)

    (file,) = (line.settings.data_dir / "recordings" / "2026" / "11").iterdir()
    assert file.name == f"{hashlib.sha256(name.encode()).hexdigest()}.wav"


@pytest.mark.parametrize(
    "audio", [ProviderRetryable("404"), ProviderFinal("403"), b"<html>", b"", OSError(28, "full"), KeyError("odd")]
)
def test_a_recording_that_cannot_be_fetched_is_tried_again_until_it_can(
    line: Line, sweeper: Sweeper, provider: StubProvider, audio: bytes | Exception
) -> None:
    line.play(TWO, MESSAGE)
    provider.audio = audio
    sweeper.sweep_once(line.at)
    assert (recording(line).state, recording(line).attempts) == (RecordingState.PENDING, 1)
    sweeper.sweep_once(line.at + timedelta(seconds=4))
    assert recording(line).attempts == 1

    provider.audio = WAV
    sweeper.sweep_once(line.at + timedelta(seconds=5))
    assert recording(line).state is RecordingState.STORED


def test_a_recording_that_never_comes_is_missing_and_staff_are_told(
    line: Line, sweeper: Sweeper, provider: StubProvider
) -> None:
    line.play(TWO, MESSAGE)
    provider.audio = ProviderRetryable("404")
    for hour in range(0, 80, 8):
        sweeper.sweep_once(line.at + hour * HOUR)

    assert (recording(line).state, recording(line).error) == (RecordingState.MISSING, "ProviderRetryable: 404")
    (request,) = line.requests()
    notes = [event.note for event in request.history if event.kind == "note"]
    assert notes == ["来电录音没有取到，请直接回电询问。"]


def test_the_journal_is_replayed(line: Line, sweeper: Sweeper) -> None:
    with outage(line.settings.database, "gone"):
        line.play(ONE)
        swept = sweeper.sweep_once(line.at)
        assert swept.recordings_stored is None
        assert (line.journal.pending, line.journal.rejected) == (2, 0)
    sweeper.sweep_once(line.at)
    assert line.journal.pending == 0
    assert len(line.requests()) == 1


def test_a_call_whose_end_was_never_reported_is_ended(line: Line, sweeper: Sweeper) -> None:
    line.play(TWO)
    sweeper.sweep_once(line.at + timedelta(minutes=9))
    assert line.call().outcome is None

    sweeper.sweep_once(line.at + timedelta(minutes=11))
    assert (line.call().status, line.call().outcome, line.call().duration_s) == ("completed", "hung_up_in_help", 42)
    assert len(line.requests()) == 1


def test_a_call_that_goes_on_is_left_alone_and_asked_about_every_ten_minutes(
    line: Line, sweeper: Sweeper, provider: StubProvider
) -> None:
    line.play(ONE)
    provider.status = CallStatus("in-progress", None)
    for minute in (11, 12, 20, 21, 22):
        sweeper.sweep_once(line.at + timedelta(minutes=minute))
    assert provider.asked == ["CA1", "CA1"]
    assert line.call().outcome is None


def test_a_call_that_the_provider_does_not_know_is_over(line: Line, sweeper: Sweeper, provider: StubProvider) -> None:
    line.play(TWO)
    provider.status = None
    sweeper.sweep_once(line.at + HOUR)
    assert line.call().outcome == "hung_up_in_help"


def test_a_provider_that_cannot_be_asked_leaves_a_call_open_for_four_hours(
    line: Line, sweeper: Sweeper, provider: StubProvider
) -> None:
    line.play(TWO)
    provider.status = ProviderRetryable("timeout")
    sweeper.sweep_once(line.at + HOUR)
    assert line.call().outcome is None
    sweeper.sweep_once(line.at + 5 * HOUR)
    assert line.call().outcome == "hung_up_in_help"


def test_a_part_that_fails_keeps_no_other_from_being_done(line: Line, sweeper: Sweeper, provider: StubProvider) -> None:
    line.play(TWO, MESSAGE)
    broken = {"recordings": _broken, **{name: part for name, part in sweeper.parts.items() if name != "recordings"}}
    sweeper.parts = broken
    swept = sweeper.sweep_once(line.at + timedelta(minutes=11))
    assert (swept.recordings_stored, swept.calls_settled) == (None, 1)


def _broken(_now: datetime) -> int:
    raise OSError("no room")


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", WAV[:12], b"RIFF\0\0\0\0WAVE" + chunk(b"data", SAMPLES), WAV.replace(b"data", b"junk")]
)
def test_what_is_not_audio_is_told_from_it(data: bytes) -> None:
    with pytest.raises(NotAudioError):
        wav_seconds(data)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [(WAV, 0.5), (WAV[:-2000], 0.25), (WAV.replace(b"fmt ", b"LIST\x01\0\0\0x\0fmt "), 0.5)],
)
def test_the_length_of_a_recording_is_that_of_its_samples(data: bytes, seconds: float) -> None:
    assert wav_seconds(data) == seconds
