"""A recording: what ends it, what the line is told, and how it is fetched."""

from typing import Any

import pytest
import requests

from ivr.simulator import Mishaps, audio
from ivr.simulator.events import RecordingEnded

RECORD = '<Record action="/said" timeout="3" maxLength="10" recordingStatusCallback="/ready"/>'
WORDS = "十二个字说三秒钟的一句话"


@pytest.fixture
def line(rig: Any) -> Any:
    rig.line.answers = {
        "/twilio/voice": f"<Play>/sound/ask</Play>{RECORD}<Play>/sound/nothing</Play>",
        "/said": "<Play>/sound/thanks</Play>",
        "/ready": (204, "", "text/plain"),
    }
    return rig.line


def fetch(rig: Any, url: str, password: str | None = None) -> requests.Response:
    auth = (rig.network.account_sid, password or rig.network.auth_token)
    return requests.get(f"{url}.wav", auth=auth, timeout=5)


def test_silence_ends_a_recording_and_is_trimmed_from_it(rig: Any, line: Any) -> None:
    call = rig.call(("say", WORDS), ("hear", "thanks"))
    (said,) = line.to("/said")
    assert said["RecordingDuration"] == "3"
    assert "Digits" not in said
    (ended,) = [event for event in call.events if isinstance(event, RecordingEnded)]
    assert ended.at == pytest.approx(7.4, abs=0.01)
    assert ended.words == WORDS


def test_a_key_ends_a_recording_and_is_told_with_it(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("press", "1"), ("hear", "thanks"))
    assert line.to("/said")[0]["Digits"] == "1"


def test_a_key_alone_is_a_recording_of_no_length(rig: Any, line: Any) -> None:
    rig.call(("hear", "ask"), ("wait", 1), ("press", "0"), ("hear", "thanks"))
    (said,) = line.to("/said")
    assert (said["Digits"], said["RecordingDuration"]) == ("0", "0")


def test_a_key_that_does_not_end_it_is_lost(rig: Any, line: Any) -> None:
    line.answers["/twilio/voice"] = RECORD.replace("<Record", '<Record finishOnKey="#"')
    rig.call(("wait", 1), ("press", "1"), ("say", WORDS), ("press", "#"), ("hear", "thanks"))
    assert line.to("/said")[0]["Digits"] == "#"


def test_nothing_said_falls_through_to_the_next_verb(rig: Any, line: Any) -> None:
    call = rig.call(("hear", "nothing"))
    assert line.to("/said") == []
    assert RecordingEnded(4.4, None, 0, None) in call.events
    assert rig.network.recordings == {}


def test_a_recording_is_no_longer_than_it_may_be(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS * 5), ("hear", "thanks"))
    assert line.to("/said")[0]["RecordingDuration"] == "10"


def test_a_caller_who_hangs_up_while_recording_is_still_heard(rig: Any, line: Any) -> None:
    call = rig.call(("say", WORDS), "hang_up")
    (said,) = line.to("/said")
    assert (said["Digits"], said["CallStatus"], said["RecordingDuration"]) == ("hangup", "completed", "3")
    assert call.events[-1].by == "caller"


def test_the_audio_is_fetched_with_the_accounts_credentials_only(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("hear", "thanks"))
    url = line.to("/said")[0]["RecordingUrl"]
    assert fetch(rig, url, "wrong").status_code == 401
    assert requests.get(url, timeout=5).status_code == 401
    answer = fetch(rig, url)
    assert answer.headers["Content-Type"] == "audio/x-wav"
    assert audio.read_wav(answer.content).seconds == pytest.approx(3, abs=0.01)


def test_the_line_is_told_when_the_recording_is_ready(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("hear", "thanks"))
    (ready,) = line.to("/ready")
    assert ready["RecordingStatus"] == "completed"
    assert ready["RecordingSid"] == line.to("/said")[0]["RecordingSid"]


def test_the_audio_may_not_be_there_yet(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("hear", "thanks"), mishaps=Mishaps(recording_not_ready=2))
    url = line.to("/said")[0]["RecordingUrl"]
    assert [fetch(rig, url).status_code for _ in range(4)] == [404, 404, 200, 200]


def test_a_recording_outlives_the_network_that_made_it(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("hear", "thanks"))
    rig.network.recordings.clear()
    said = line.to("/said")[0]
    assert audio.read_wav(fetch(rig, said["RecordingUrl"]).content).seconds == pytest.approx(3, abs=0.01)
    assert rig.network.recording(said["RecordingSid"]).seconds == 3
    assert rig.network.recording("../../etc/passwd") is None


def test_the_audio_may_be_lost(rig: Any, line: Any) -> None:
    rig.call(("say", WORDS), ("hear", "thanks"), mishaps=Mishaps(recordings_lost=True))
    url = line.to("/said")[0]["RecordingUrl"]
    assert [fetch(rig, url).status_code for _ in range(3)] == [404, 404, 404]
