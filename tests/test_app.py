"""The whole application: who may call what, and what it says about its own health."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from care_records import database
from ivr.app import create_app, services_of
from ivr.config import Settings
from ivr.guards import Guard, guards


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


def test_a_line_that_has_swept_is_well(app: Flask, client: FlaskClient) -> None:
    services_of(app).sweeper.sweep_once(datetime.now(UTC))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json and answer.json["status"]) == (200, "ok")
    assert answer.json
    assert set(answer.json) == {"status", "database", "speech", "broker", "journal", "sweep"}


def test_a_line_that_has_never_swept_says_so(client: FlaskClient) -> None:
    health = client.get("/healthz").json
    assert health
    assert (health["status"], health["sweep"]) == ("degraded", {"ok": False, "last": None})


def test_a_line_without_its_database_is_degraded_and_still_there(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    services_of(app).sweeper.sweep_once(datetime.now(UTC))
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
