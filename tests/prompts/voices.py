"""Voices and languages for the tests: as small as they can be."""

import io
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from prompts import Catalogue
from prompts.audio.wav import Samples
from prompts.voice.worker import VoiceError

TEXTS = {
    "silence.half": "",
    "greeting.hello": "您好，彩虹桥热线。",
    "greeting.name": "您好，{address_as}。",
    "menu.help": "要办事，请按2。",
}


def language(folder: Path, texts: Mapping[str, str] = TEXTS) -> Catalogue:
    return Catalogue("zh_CN", texts, folder)


class Hum:
    """A voice that hums a fifth of a second for every character, and counts how often it was asked."""

    version = "hum/1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def say(self, text: str) -> tuple[Samples, int]:
        self.asked.append(text)
        return hum(0.2 * len(text), 24_000), 24_000


class Mute:
    version = "mute/1"

    def say(self, text: str, slow: bool = False) -> tuple[Samples, int]:
        raise VoiceError("has a sore throat")


def hum(seconds: float, rate: int, hertz: float = 200.0) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    return sum((np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 8)), np.zeros(1)).astype(np.float32) * 0.1


def pcm_file(samples: Samples, rate: int, channels: int = 1) -> bytes:
    """A 16-bit WAV file as a recorder writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.repeat(samples, channels) * 32767).astype("<i2").tobytes())
    return file.getvalue()
