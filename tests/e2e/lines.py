"""The whole line, served over HTTP with the network in a box around it, and records full of invented people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from care_records import database, demo
from ivr.commands.call import running
from ivr.config import Settings


@contextmanager
def demo_line(folder: Path, *, speech_model: str) -> Iterator[Flask]:
    settings = Settings(
        _env_file=None, CARELINE_DATA_DIR=folder, CARELINE_LOG_LEVEL="error", CARELINE_SPEECH_MODEL=speech_model
    )
    database.upgrade(settings.database)
    engine = database.make_engine(settings.database)
    demo.seed(database.make_sessions(engine), datetime.now(UTC), settings.zone)
    engine.dispose()
    with running(settings) as app:
        yield app
