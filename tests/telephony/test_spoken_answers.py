"""Whole calls by voice over webhooks: what a recogniser makes out, and what the line makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from care_records.models import Person
from ivr.listening import Caught
from ivr.telephony import Hearing, ProviderFinal, create_blueprint
from prompts import load_catalogue
from tests.calls.line import CALLER, OFFICERS, Line, add
from tests.care_records.builders import make_person
from tests.care_records.conftest import sqlite_template, sqlite_url
from tests.telephony.scripted import ScriptedEars, ScriptedEnder, ScriptedMedia, ScriptedStudio
from tests.telephony.signing import SignedClient
from tests.telephony.test_conversations import RECORDED, RECORDING, Caller, signed_line

__all__ = ["sqlite_template", "sqlite_url"]

SURE, UNSURE = 0.9, 0.4


@pytest.fixture
def line(sqlite_url: str, tmp_path: Path) -> Iterator[Line]:
    with signed_line(sqlite_url, tmp_path, hears=True) as line:
        yield line


@pytest.fixture
def phone(line: Line, ears: ScriptedEars, media: ScriptedMedia) -> SignedClient:
    app = Flask("line")
    catalogue, hearing = load_catalogue("zh_CN"), Hearing(media.fetch, ears, threads=2)
    app.register_blueprint(
        create_blueprint(line.settings, line.service, ScriptedStudio(), catalogue, hearing, end_call=ScriptedEnder())  # type: ignore[arg-type]
    )
    return SignedClient(app)


class Speaker(Caller):
    """Says things that are made out as a test wants."""

    def __init__(self, phone: SignedClient, ears: ScriptedEars) -> None:
        super().__init__(phone)
        self._ears = ears
        self._sayings = 0

    def says(self, text: str | None, confidence: float = SURE, **fields: str) -> None:
        """`text` None is not made out."""
        self._sayings += 1
        self._ears.caught = Caught(text, confidence if text else None)
        sid = f"RE{self._sayings}"
        self.does(**{**RECORDED, "RecordingSid": sid, "RecordingUrl": f"{RECORDING}-{sid}"} | fields)

    @property
    def place(self) -> str:
        return self._line.call().state["place"]  # type: ignore[no-any-return]

    _line: Line


@pytest.fixture
def caller(phone: SignedClient, ears: ScriptedEars, line: Line) -> Speaker:
    speaker = Speaker(phone, ears)
    speaker._line = line
    return speaker


def test_a_caller_is_told_that_they_may_speak_and_is_listened_to(caller: Speaker) -> None:
    assert [verb.name for verb in caller.heard] == ["Gather", "Record", "Redirect"]
    assert any("menu.speak" in play.text for play in caller.heard[0].inside)


def test_what_was_said_at_the_menu_is_done_and_written_down(caller: Speaker, line: Line, ears: ScriptedEars) -> None:
    caller.says("我要帮忙")
    assert caller.place == "help_message"
    assert ears.heard == [(b"audio", "menu")]
    (turn,) = line.call().turns
    assert (turn.asked, turn.heard, turn.confidence, turn.recording_sid) == ("menu", "我要帮忙", SURE, "RE1")
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_a_whole_request_by_voice(caller: Speaker, line: Line) -> None:
    caller.says("要办事")
    caller.says("水管漏了", 0.5, Digits="1")
    assert caller.place == "help_readback"
    caller.says("对的")
    caller.says("没有了")
    (request,) = line.requests()
    assert (request.category, request.confirmed, request.transcript) == ("repair", True, "水管漏了")
    assert line.call().outcome == "request_confirmed"


# --- Danger


def test_a_cry_for_help_rings_the_officers(caller: Speaker, line: Line) -> None:
    caller.says("救命")
    assert caller.rings == [OFFICERS[0]]
    assert [request.urgency for request in line.requests()] == ["red"]


@pytest.mark.parametrize("text", ["救命", "胸闷", "摔了"])
def test_a_danger_that_was_barely_heard_is_asked_about_and_only_by_keys(caller: Speaker, text: str) -> None:
    caller.says(text, UNSURE)
    assert caller.place == "risk_confirm"
    assert [verb.name for verb in caller.heard] == ["Gather", "Redirect"]
    caller.does(Digits="1")
    assert caller.rings == [OFFICERS[0]]


@pytest.mark.parametrize("text", ["不用叫救护车", "没事就是胸闷", "昨天摔了"])
def test_a_danger_in_doubt_is_asked_about_however_clearly_it_was_heard(caller: Speaker, text: str) -> None:
    caller.says(text)
    assert caller.place == "risk_confirm"
    assert caller.rings == []


def test_a_danger_in_a_message_is_asked_about_when_only_that_was_understood(caller: Speaker, line: Line) -> None:
    caller.does(Digits="2")
    caller.says("胸口疼", 0.5, Digits="1")
    assert caller.place == "risk_confirm"
    assert [request.transcript for request in line.requests()] == ["胸口疼"]


# --- Nothing is closed by what was barely heard


@pytest.mark.parametrize("text", ["对的", "是的"])
def test_a_request_is_not_confirmed_by_an_answer_that_was_barely_heard(caller: Speaker, line: Line, text: str) -> None:
    caller.says("水管漏了")
    caller.says(text, UNSURE)
    assert caller.place == "help_readback"
    assert [request.confirmed for request in line.requests()] == [False]
    caller.does(Digits="1")
    assert [request.confirmed for request in line.requests()] == [True]


@pytest.mark.parametrize("text", ["没有了", "再见", "没事"])
def test_a_call_is_not_ended_by_an_answer_that_was_barely_heard(caller: Speaker, text: str) -> None:
    caller.says("水管漏了")
    caller.says("对的")
    assert caller.place == "more"
    caller.says(text, UNSURE)
    assert caller.place == "more"


@pytest.mark.parametrize("text", ["一", "二", "三", "零", "1", "幺"])
def test_digits_are_not_accepted_by_voice(caller: Speaker, line: Line, text: str) -> None:
    caller.says(text)
    assert caller.place == "menu"
    assert line.requests() == []


def test_after_two_answers_that_were_not_understood_only_keys_are_asked_for(caller: Speaker) -> None:
    caller.says(None)
    assert "Record" in [verb.name for verb in caller.heard]
    caller.says(None)
    assert [verb.name for verb in caller.heard] == ["Gather", "Redirect"]


# --- When there is nothing to hear, or nobody may


def test_an_answer_that_cannot_be_fetched_is_asked_for_again_and_kept_for_the_sweep(
    caller: Speaker, line: Line, media: ScriptedMedia
) -> None:
    media.refusals, media.error = 10, ProviderFinal
    caller.says("我要帮忙")
    assert caller.place == "menu"
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]
    assert line.call().turns[0].heard is None


def test_a_message_that_cannot_be_fetched_is_sorted_by_keys(caller: Speaker, line: Line, media: ScriptedMedia) -> None:
    caller.does(Digits="2")
    media.refusals, media.error = 10, ProviderFinal
    caller.says("水管漏了", Digits="1")
    assert caller.place == "help_category"
    assert [request.recording_sid for request in line.requests()] == ["RE1"]


def test_a_key_answers_by_itself_and_nothing_is_waited_for(caller: Speaker, media: ScriptedMedia) -> None:
    caller.says("没事", Digits="2")
    assert caller.place == "help_message"
    assert media.asked == []


def test_for_a_caller_who_has_gone_nothing_is_waited_for(caller: Speaker, line: Line, media: ScriptedMedia) -> None:
    caller.says("救命", Digits="hangup", CallStatus="completed")
    assert media.asked == []
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_an_answer_that_comes_late_is_not_listened_to(caller: Speaker, media: ScriptedMedia) -> None:
    old = caller.address
    caller.does(Digits="2")
    caller.send(old, **RECORDED)
    assert media.asked == []


def test_whoever_declined_to_be_recorded_is_served_by_keys(
    line: Line, phone: SignedClient, ears: ScriptedEars, media: ScriptedMedia
) -> None:
    with line.sessions.begin() as session:
        session.query(Person).one().consent_recording = False
    caller = Caller(phone)
    assert [verb.name for verb in caller.heard] == ["Gather", "Redirect"]
    caller.does(Digits="2")
    caller.does(**RECORDED, Digits="1")
    assert media.asked == []
    assert [recording.sid for recording in line.call().recordings] == ["RE1"]


def test_at_a_telephone_where_somebody_declined_to_be_recorded_everybody_presses_keys(
    line: Line, phone: SignedClient
) -> None:
    add(line.settings.database, [make_person(phone=CALLER, consent_recording=False)])
    assert [verb.name for verb in Caller(phone).heard] == ["Gather", "Redirect"]


def test_without_a_recogniser_a_call_goes_by_keys(line: Line, phone: SignedClient, media: ScriptedMedia) -> None:
    line.hears = False
    caller = Caller(phone)
    assert [verb.name for verb in caller.heard] == ["Gather", "Redirect"]
    caller.does(Digits="2")
    caller.does(**RECORDED, Digits="1")
    assert media.asked == []


def test_while_a_recording_is_fetched_nothing_of_the_database_is_held(
    caller: Speaker, line: Line, media: ScriptedMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use: list[int] = []
    fetch = media.fetch

    def watched(url: str) -> bytes:
        in_use.append(line.engine.pool.checkedout())  # type: ignore[attr-defined]
        assert line.service.turn("CA1")  # which would never come while the call is locked
        return fetch(url)

    monkeypatch.setattr(Hearing, "_fetched", lambda _self, url, _until: watched(url))
    caller.says("我要帮忙")
    assert in_use == [0]
    assert caller.place == "help_message"
