"""The whole line, with its own model, called by people who speak instead of pressing keys."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload, sessionmaker

from care_records.models import Alert, Call, HelpRequest, Person
from ivr.app import services_of
from ivr.commands.call import Outcome, act
from ivr.dialog.answers import SURE
from ivr.simulator import Mishaps, audio, network_of
from ivr.simulator.events import Ringing
from ivr.simulator.script import Script, load_script
from speech.models import shipped
from tests.e2e.lines import demo_line
from tests.e2e.spoken import needs_model, said

pytestmark = needs_model

STRANGER = "+8651252002222"
SCRIPTS = Path(__file__).parents[2] / "docs" / "callers"
EXAMPLES = sorted(path.stem for path in SCRIPTS.glob("*.yaml"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demo_line(tmp_path_factory.mktemp("line"), speech_model="shipped") as app:
        yield app


class Caller:
    """Somebody at the other end of a telephone line, acting a script that is written for one call."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self._app = app
        self._folder = folder

    def calls(self, *steps: str, from_number: str | None = STRANGER) -> Outcome:
        """`hear: …`, `press: …`, `hang_up`, and `say: words`, which come from a WAV file."""
        script = self._folder / "script.yaml"
        lines = [f"  - {self._spoken(step) if step.startswith('say: ') else step}" for step in steps]
        script.write_text("\n".join(["steps:", *lines]), "utf-8")
        return self.acts(replace(load_script(script), from_number=from_number))

    def acts(self, script: Script) -> Outcome:
        outcome = act(self._app, script, "fast")
        assert outcome.faults == ()
        return outcome

    def _spoken(self, step: str) -> str:
        words = step.removeprefix("say: ")
        (self._folder / f"{words}.wav").write_bytes(audio.write_wav(said(words, self._folder)))
        return f"say: {words}.wav"


@pytest.fixture
def caller(app: Flask, tmp_path: Path) -> Caller:
    return Caller(app, tmp_path)


def record_of(outcome: Outcome, sessions: sessionmaker[Session]) -> Call:
    with sessions() as session:
        everything = selectinload(Call.turns), selectinload(Call.recordings)
        return session.scalars(select(Call).where(Call.sid == outcome.call.sid).options(*everything)).one()


def requests_of(outcome: Outcome, sessions: sessionmaker[Session]) -> list[HelpRequest]:
    with sessions() as session:
        return list(session.scalars(select(HelpRequest).join(Call).where(Call.sid == outcome.call.sid)))


def test_saying_that_one_wants_help_leads_to_it(caller: Caller, sessions: sessionmaker[Session]) -> None:
    outcome = caller.calls("hear: menu.speak", "say: 我要帮忙", "hear: help.ask", "hang_up")
    heard = record_of(outcome, sessions).turns[0]
    assert (heard.asked, heard.heard) == ("menu", "我要帮忙")
    assert heard.confidence is not None
    assert heard.confidence > SURE


def test_a_cry_for_help_rings_the_officers(caller: Caller, sessions: sessionmaker[Session]) -> None:
    outcome = caller.calls("hear: menu.speak", "say: 救命啊", "hear: urgent.coming", "wait: 30", "hang_up")
    assert any(isinstance(event, Ringing) for event in outcome.call.events)
    assert [request.urgency for request in requests_of(outcome, sessions)] == ["red"]


def test_a_request_can_be_made_without_a_key(caller: Caller, sessions: sessionmaker[Session]) -> None:
    outcome = caller.calls(
        *("hear: menu.speak", "say: 我要帮忙", "hear: help.ask", "say: 水管漏了"),
        *("hear: readback.ask", "say: 对的", "hear: more.ask", "say: 没有了", "hear: bye.noted"),
    )
    (request,) = requests_of(outcome, sessions)
    assert (request.category, request.confirmed) == ("repair", True)


def test_what_is_none_of_the_lines_business_is_asked_again(caller: Caller, sessions: sessionmaker[Session]) -> None:
    outcome = caller.calls(
        *("hear: menu.speak", "say: 今天的气温是二十五摄氏度", "hear: confused.again", "hang_up"),
    )
    assert record_of(outcome, sessions).turns[0].heard is None
    assert requests_of(outcome, sessions) == []


def test_a_recording_that_is_a_little_late_is_waited_for(caller: Caller, app: Flask) -> None:
    network = network_of(app)
    before = network.surroundings
    network.surroundings = replace(before, mishaps=Mishaps(recording_not_ready=2))
    try:
        caller.calls("hear: menu.speak", "say: 我要帮忙", "hear: help.ask", "hang_up")
    finally:
        network.surroundings = before


def test_whoever_declined_to_be_recorded_presses_keys(caller: Caller, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.phone.is_not(None)).limit(1)).one()
        person.consent_recording = False
        phone = person.phone
    outcome = caller.calls("hear: menu.person", 'press: "2"', "hear: help.ask", "hang_up", from_number=phone)
    assert record_of(outcome, sessions).recordings == []


def test_a_danger_in_a_message_that_nobody_has_heard_is_told_to_the_officers(
    app: Flask, caller: Caller, sessions: sessionmaker[Session]
) -> None:
    """The caller hangs up with their last word, so that the line has no time to listen."""
    outcome = caller.calls("hear: menu.speak", 'press: "2"', "hear: help.ask", "say: 救命啊", "hang_up")
    services_of(app).sweeper.sweep_once(datetime.now(UTC))
    (request,) = requests_of(outcome, sessions)
    assert (request.transcript, request.urgency) == ("救命啊", "red")
    with sessions() as session:
        alerts = list(session.scalars(select(Alert).where(Alert.request_id == request.id)))
    assert alerts
    assert {alert.state for alert in alerts} == {"sent"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_whoever_presses_keys_is_served_as_on_a_line_that_cannot_hear(caller: Caller, name: str) -> None:
    caller.acts(load_script(SCRIPTS / f"{name}.yaml"))


def test_health_tells_what_is_listening(app: Flask) -> None:
    health = app.test_client().get("/healthz").json
    assert health
    speech = health["speech"]
    assert (speech["ok"], speech["model"], speech["grammars"]) == (True, shipped().name, True)
    assert speech["workers"] >= 1
