"""The whole line, served over HTTP with the network in a box around it, and records full of invented people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from care_records import database, demo
from ivr.app import services_of
from ivr.commands.call import running
from ivr.config import Settings
from ivr.simulator import Network, network_of
from tests.simulator.browser import browser, open_page, spoken

__all__ = ["browser", "open_page", "spoken"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """By keys; tests of speech have a line of their own."""
    folder = tmp_path_factory.mktemp("line")
    settings = Settings(
        _env_file=None, CARELINE_DATA_DIR=folder, CARELINE_LOG_LEVEL="error", CARELINE_SPEECH_MODEL="off"
    )
    database.upgrade(settings.database)
    engine = database.make_engine(settings.database)
    demo.seed(database.make_sessions(engine), datetime.now(UTC), settings.zone)
    engine.dispose()
    with running(settings) as app:
        yield app


@pytest.fixture
def network(app: Flask) -> Iterator[Network]:
    """The network as it was set up, whatever a test does to it."""
    network = network_of(app)
    before = network.surroundings
    yield network
    network.surroundings = before


@pytest.fixture
def sessions(app: Flask) -> sessionmaker[Session]:
    return services_of(app).sessions


@pytest.fixture
def folder(app: Flask) -> Path:
    return services_of(app).settings.data_dir


@pytest.fixture
def address(network: Network) -> str:
    """Where the browser finds the page."""
    return network.line.voice_url.removesuffix("/twilio/voice")
