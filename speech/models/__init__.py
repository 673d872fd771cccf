"""The speech models that come with the line."""

from pathlib import Path

SHIPPED = "zh-cn-8k"


def shipped() -> Path:
    """The folder of the line's own model: Mandarin, 8 kHz, listening for the line's phrases."""
    return Path(__file__).with_name(SHIPPED)
