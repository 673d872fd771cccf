"""The whole line, called over HTTP by scripted callers, on a network that does not always behave."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Call, HelpRequest, Person, Recording
from ivr.app import services_of
from ivr.commands.call import Outcome, act
from ivr.simulator import Mishaps, Network
from ivr.simulator.events import Playing
from ivr.simulator.resources import STATUS_EVENTS
from ivr.simulator.script import Script, load_script

SCRIPTS = Path(__file__).parents[2] / "docs" / "callers"
EXAMPLES = sorted(path.stem for path in SCRIPTS.glob("*.yaml"))


def example(name: str) -> Script:
    return load_script(SCRIPTS / f"{name}.yaml")


def record_of(outcome: Outcome, sessions: sessionmaker[Session]) -> Call:
    with sessions() as session:
        return session.scalars(select(Call).where(Call.sid == outcome.call.sid)).one()


def requests_of(outcome: Outcome, sessions: sessionmaker[Session]) -> list[HelpRequest]:
    with sessions() as session:
        return list(session.scalars(select(HelpRequest).join(Call).where(Call.sid == outcome.call.sid)))


def test_there_are_examples() -> None:
    assert {"urgent", "help", "bulletins", "silent", "wrong-keys", "person", "checkin-fine"} <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_call_goes_as_its_script_says(app: Flask, name: str) -> None:
    assert act(app, example(name), "fast").faults == ()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    "mishaps",
    [
        Mishaps(duplicate_webhooks=True, duplicate_status=True),
        Mishaps(reorder_status=True),
        Mishaps(drop_status=frozenset(STATUS_EVENTS) - {"completed"}, late_status=True),
    ],
    ids=["duplicates", "disorder", "losses"],
)
def test_a_network_that_repeats_and_reorders_changes_nothing(
    app: Flask, network: Network, sessions: sessionmaker[Session], name: str, mishaps: Mishaps
) -> None:
    network.surroundings = replace(network.surroundings, mishaps=mishaps)
    outcome = act(app, example(name), "fast")
    assert outcome.faults == ()
    call = record_of(outcome, sessions)
    assert (call.status, call.duration_s) == ("completed", outcome.call.duration_s)


def test_a_person_of_the_roster_is_greeted_by_name(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        person = session.scalars(select(Person).where(Person.phone.is_not(None)).limit(1)).one()
    outcome = act(app, replace(example("urgent"), from_number=person.phone), "fast")
    said = "".join(event.said.text for event in outcome.call.events if isinstance(event, Playing) and event.said)
    assert person.address_as in said
    assert record_of(outcome, sessions).person_id == person.id


def test_nobody_is_asked_to_call_back_a_withheld_number(app: Flask, sessions: sessionmaker[Session]) -> None:
    outcome = act(app, replace(example("help"), from_number=None), "fast")
    assert outcome.faults == ()
    assert [request.phone for request in requests_of(outcome, sessions)] == [None]


def test_a_caller_who_hangs_up_while_speaking_has_left_a_request(app: Flask, sessions: sessionmaker[Session]) -> None:
    script = example("help")
    speaking = next(index for index, step in enumerate(script.steps) if hasattr(step, "words"))
    cut_off = replace(script, steps=script.steps[: speaking + 1], expect=type(script.expect)(recordings=1))
    outcome = act(app, cut_off, "fast")
    assert outcome.faults == ()
    assert [request.recording_sid is not None for request in requests_of(outcome, sessions)] == [True]


def recording_of(outcome: Outcome, sessions: sessionmaker[Session]) -> Recording:
    with sessions() as session:
        return session.scalars(select(Recording).join(Call).where(Call.sid == outcome.call.sid)).one()


def test_a_recording_that_is_late_is_fetched_in_the_end(
    app: Flask, network: Network, sessions: sessionmaker[Session], folder: Path
) -> None:
    network.surroundings = replace(network.surroundings, mishaps=Mishaps(recording_not_ready=2))
    outcome = act(app, example("help"), "fast")
    now = datetime.now(UTC)
    for minutes in range(5):
        services_of(app).sweeper.sweep_once(now + timedelta(minutes=minutes))
    recording = recording_of(outcome, sessions)
    assert (recording.state, recording.attempts) == ("stored", 2)
    stored = (folder / str(recording.path)).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == recording.sha256
    assert stored[:4] == b"RIFF"


def test_a_recording_that_is_lost_is_shown_as_missing_and_not_dropped(
    app: Flask, network: Network, sessions: sessionmaker[Session]
) -> None:
    network.surroundings = replace(network.surroundings, mishaps=Mishaps(recordings_lost=True))
    outcome = act(app, example("help"), "fast")
    now = datetime.now(UTC)
    for hours in range(24):
        services_of(app).sweeper.sweep_once(now + timedelta(hours=hours))
    assert recording_of(outcome, sessions).state == "missing"


def test_nobody_else_can_speak_for_the_network(address: str) -> None:
    form: dict[str, Any] = {"CallSid": "CA1", "From": "+8613800000000", "To": "+8651200000000"}
    assert requests.post(f"{address}/twilio/voice", data=form, timeout=5).status_code == 403
