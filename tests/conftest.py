"""What holds for every test: nothing of the machine's own configuration reaches the line."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine and no .env; a line that is started without settings keeps to its own folder
    and to keys."""
    for name in os.environ:
        if name.startswith(("CARELINE_", "TWILIO_")) and name != "CARELINE_REQUIRE_BROWSER":
            monkeypatch.delenv(name)
    monkeypatch.setenv("CARELINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CARELINE_SPEECH_MODEL", "off")


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """A command that sets up the log does so for itself alone."""
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[], force=True)
