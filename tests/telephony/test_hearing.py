"""Recordings fetched and recognised while the caller waits."""

import threading

import pytest
from structlog.testing import capture_logs

from ivr.dialog.model import Utterance
from ivr.listening import Caught
from ivr.telephony import Hearing, ProviderFinal
from ivr.telephony import hearing as module
from tests.telephony.scripted import ScriptedEars, ScriptedMedia
from tests.telephony.turns import spoken_menu

UTTERANCE = Utterance(recording_sid="RE1", seconds=2)
HEARD = Caught("我要帮忙", 0.9)
URL = "https://provider.example/RE1"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BETWEEN_TRIES_S", (0.001,))
    monkeypatch.setattr(module, "FETCHING_S", 0.05)


def understood(media: ScriptedMedia, ears: ScriptedEars, patience_s: float = 5) -> Utterance:
    with capture_logs():
        return Hearing(media.fetch, ears, threads=1, patience_s=patience_s).understood(UTTERANCE, URL, spoken_menu())


def test_what_was_said_is_put_with_the_utterance() -> None:
    ears = ScriptedEars(HEARD)
    expected = UTTERANCE.model_copy(update={"text": "我要帮忙", "confidence": 0.9})
    assert understood(ScriptedMedia(), ears) == expected
    assert ears.heard == [(b"audio", "menu")]


def test_a_recording_that_is_not_there_yet_is_asked_for_again() -> None:
    media = ScriptedMedia(refusals=3)
    assert understood(media, ScriptedEars(HEARD)).text == "我要帮忙"
    assert media.asked == [URL] * 4


def test_a_recording_that_does_not_come_in_time_is_not_understood() -> None:
    media, ears = ScriptedMedia(refusals=10**6), ScriptedEars(HEARD)
    assert understood(media, ears) == UTTERANCE
    assert len(media.asked) > 1
    assert ears.heard == []


@pytest.mark.parametrize("error", [ProviderFinal, RuntimeError])
def test_a_recording_that_will_never_come_is_asked_for_once(error: type[Exception]) -> None:
    media = ScriptedMedia(refusals=10**6, error=error)
    assert understood(media, ScriptedEars(HEARD)) == UTTERANCE
    assert len(media.asked) == 1


def test_an_engine_that_breaks_has_understood_nothing() -> None:
    assert understood(ScriptedMedia(), ScriptedEars(RuntimeError("胸口疼"))) == UTTERANCE


def test_nobody_waits_for_an_engine_that_hangs() -> None:
    hanging = threading.Event()

    class Hanging(ScriptedEars):
        def answer(self, *_: object) -> Caught:
            hanging.wait(10)
            return HEARD

    assert understood(ScriptedMedia(), Hanging(), patience_s=0.01) == UTTERANCE
    hanging.set()


def test_the_log_does_not_tell_what_was_said() -> None:
    with capture_logs() as logs:
        Hearing(ScriptedMedia().fetch, ScriptedEars(HEARD), threads=1).understood(UTTERANCE, URL, spoken_menu())
        Hearing(ScriptedMedia().fetch, ScriptedEars(RuntimeError("我要帮忙")), threads=1).understood(
            UTTERANCE, URL, spoken_menu()
        )
    assert [entry["event"] for entry in logs] == ["answer_heard", "answer_not_heard"]
    assert "帮忙" not in str(logs)
