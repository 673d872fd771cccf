"""The whole application: who may call what, and what it says about its own health."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from care_records import database
from care_records.models.requests import Urgency
from care_records.services import check_ins, escalations, upkeep
from care_records.services.check_ins import Planned
from ivr.app import create_app, services_of
from ivr.config import Settings
from ivr.guards import Guard, guards
from tests.care_records.builders import make_officer, make_person, make_request


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    yield from serving(tmp_path, CARELINE_SIMULATOR="on")


def serving(data_dir: Path, **values: str) -> Iterator[Flask]:
    settings = Settings(_env_file=None, CARELINE_DATA_DIR=data_dir, **values)  # type: ignore[call-arg, arg-type]
    database.upgrade(settings.database)
    app = create_app(settings)
    yield app
    services_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_route_states_who_may_call_it(app: Flask) -> None:
    stated = guards(app)
    assert None not in stated.values(), [name for name, guard in stated.items() if guard is None]
    assert stated["twilio.voice"] is Guard.PROVIDER_SIGNED


def test_nobody_calls_a_signed_route_without_a_signature(app: Flask, client: FlaskClient) -> None:
    signed = {name for name, guard in guards(app).items() if guard is Guard.PROVIDER_SIGNED}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in signed:
            url = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            assert client.post(url, data={"CallSid": "CA1"}).status_code == 403, rule
    assert signed


def test_without_the_simulator_there_is_no_browser_phone(tmp_path: Path) -> None:
    for real in serving(tmp_path, TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="token"):
        client = real.test_client()
        assert client.get("/phone").status_code == 404
        assert client.get("/simulator/2010-04-01/Accounts/AC1/Calls.json").status_code == 404


def test_a_line_whose_worker_sweeps_is_well(app: Flask, client: FlaskClient) -> None:
    sweep(app)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json and answer.json["status"]) == (200, "ok")
    assert answer.json
    assert {"status", "database", "speech", "broker", "journal", "sweep"} <= set(answer.json)
    assert answer.json["sweep"]["worker"] == "elsewhere"


def test_a_line_that_nobody_has_ever_swept_says_so(client: FlaskClient) -> None:
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["sweep"]) == ("degraded", {"ok": False, "last": None, "worker": None})


def test_a_line_whose_worker_is_gone_says_so(app: Flask, client: FlaskClient) -> None:
    sweep(app, at=datetime.now(UTC) - timedelta(minutes=2))
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["sweep"]["ok"]) == ("degraded", False)


def test_a_part_of_the_upkeep_that_failed_is_named(app: Flask, client: FlaskClient) -> None:
    sweep(app)
    with services_of(app).sessions.begin() as session:
        upkeep.begin(session, "alerts", "elsewhere", datetime.now(UTC), longest=timedelta(minutes=1))
        upkeep.ended(session, "alerts", "elsewhere", datetime.now(UTC), "OperationalError")
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["upkeep"]["failed"]) == ("degraded", {"alerts": "OperationalError"})
    assert 'careline_upkeep_failed{part="alerts"} 1.0' in client.get("/metrics").text


def test_a_check_in_that_nobody_goes_on_with_is_overdue(app: Flask, client: FlaskClient) -> None:
    sweep(app)
    now = datetime.now(UTC)
    with services_of(app).sessions.begin() as session:
        person = make_person()
        session.add(person)
        session.flush()
        due_at = now - timedelta(minutes=11)
        check_ins.plan(session, [Planned(person_id=person.id, day=now.date(), due_at=due_at, weekly=False)], now)
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["check_ins"]["overdue"]) == ("degraded", 1)
    assert "careline_check_ins_overdue 1.0" in client.get("/metrics").text


def test_a_case_that_has_stopped_is_told(app: Flask, client: FlaskClient) -> None:
    sweep(app)
    begun = datetime.now(UTC) - timedelta(minutes=6)
    with services_of(app).sessions.begin() as session:
        session.add(make_officer())
        request = make_request(urgency=Urgency.RED)
        session.add(request)
        session.flush()
        escalations.open_for(session, request, begins_at=begun, at=begun)
    health = client.get("/healthz").json
    assert health
    assert health["status"] == "degraded"
    assert health["escalations"] == {"ok": False, "open": 1, "stalled": 1, "officers": 1}


def test_a_broker_that_is_away_is_told(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    sweep(app)
    shutil.rmtree(tmp_path / "queue")
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["broker"]["ok"]) == ("degraded", False)


def sweep(app: Flask, at: datetime | None = None) -> None:
    """A worker has swept, on another machine."""
    at = at or datetime.now(UTC)
    with services_of(app).sessions.begin() as session:
        upkeep.hold(session, "sweep", "elsewhere", at, lease=timedelta(seconds=10))
        upkeep.ended(session, "sweep", "elsewhere", at)


def test_a_line_without_its_database_is_degraded_and_still_there(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    sweep(app)
    (tmp_path / "careline.db").unlink()
    answer = client.get("/healthz")
    assert answer.json
    assert (answer.status_code, answer.json["status"], answer.json["database"]["ok"]) == (200, "degraded", False)


def test_a_database_without_tables_is_not_well(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "careline.db") as records:
        records.execute("PRAGMA foreign_keys=OFF")
        records.execute("DROP TABLE calls")
    records.close()
    health = client.get("/healthz").json
    assert health
    assert not health["database"]["ok"]


def test_metrics_count_requests_and_name_nobody(client: FlaskClient) -> None:
    client.post("/twilio/voice", data={"From": "+8651252880001", "CallSid": "CA1"})
    page = client.get("/metrics").text
    assert 'careline_requests_total{endpoint="twilio.voice",status="403"} 1.0' in page
    assert "5252880001" not in page
