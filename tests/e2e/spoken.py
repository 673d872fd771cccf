"""A line that hears with its own model, and a voice that comes over a telephone line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from care_records import database, demo
from ivr.commands.call import running
from ivr.config import Settings
from prompts import Studio, load_catalogue
from speech.engine.audio import pcm_of
from speech.models import shipped
from speech.telephone import Line, telephone

needs_model = pytest.mark.skipif(not (shipped() / "am").is_dir(), reason="the line's own model is not in this checkout")


@contextmanager
def hearing_line(folder: Path) -> Iterator[Flask]:
    settings = Settings(
        _env_file=None, CARELINE_DATA_DIR=folder, CARELINE_LOG_LEVEL="error", CARELINE_SPEECH_MODEL="shipped"
    )
    database.upgrade(settings.database)
    engine = database.make_engine(settings.database)
    demo.seed(database.make_sessions(engine), datetime.now(UTC), settings.zone)
    engine.dispose()
    with running(settings) as app:
        yield app


def said(text: str, folder: Path) -> bytes:
    """16-bit samples at 8 kHz, the same every time."""
    spoken = Studio(load_catalogue("zh_CN"), folder).spoken(text)
    samples = np.frombuffer(pcm_of(spoken), "<i2").astype(np.float32)
    return telephone(samples, Line(snr_db=30), np.random.default_rng(1)).astype("<i2").tobytes()
