"""A line for the tests that ring it, and what they look into."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from ivr.app import services_of
from ivr.simulator import Network, network_of
from tests.e2e.lines import demo_line
from tests.simulator.browser import browser, open_page, spoken

__all__ = ["browser", "open_page", "spoken"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """By keys; tests of speech have a line of their own."""
    with demo_line(tmp_path_factory.mktemp("line"), speech_model="off") as app:
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
