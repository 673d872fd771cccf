"""A line that hears with its own model, and a voice that comes over a telephone line."""

from pathlib import Path

import numpy as np
import pytest

from prompts import Studio, load_catalogue
from speech.engine.audio import pcm_of
from speech.models import shipped
from speech.telephone import Line, telephone

needs_model = pytest.mark.skipif(not (shipped() / "am").is_dir(), reason="the line's own model is not in this checkout")


def said(text: str, folder: Path) -> bytes:
    """16-bit samples at 8 kHz, the same every time."""
    spoken = Studio(load_catalogue("zh_CN"), folder).spoken(text)
    samples = np.frombuffer(pcm_of(spoken), "<i2").astype(np.float32)
    return telephone(samples, Line(snr_db=30), np.random.default_rng(1)).astype("<i2").tobytes()
