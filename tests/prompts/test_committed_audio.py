"""The audio that the line ships with: complete, fresh, at one level, and small."""

import re
from pathlib import Path

import numpy as np
import pytest

from prompts import load_catalogue
from prompts.archive import Archive
from prompts.audio import shape, wav
from prompts.cache import AudioCache
from prompts.catalogue import Script
from prompts.rendering import LARGEST_BYTES, check
from prompts.wording import characters

CATALOGUE = load_catalogue("zh_CN")
ARCHIVE = Archive(CATALOGUE.folder / "audio")
CLIPS = {name: script for name, script in CATALOGUE.scripts().items() if not script.silent}


def samples(name: str, script: Script) -> wav.Samples:
    mulaw = ARCHIVE.audio(name, script.digest)
    assert mulaw is not None, f"{name} is missing or stale: run `careline prompts render`"
    return wav.decode(mulaw)


@pytest.mark.parametrize(("name", "script"), CLIPS.items())
def test_every_clip_has_fresh_audio_at_the_level_of_the_line(name: str, script: Script) -> None:
    clip = samples(name, script)
    speaking = shape.speaking(clip)
    loudness = clip[: len(speaking) * shape.FRAME].reshape(-1, shape.FRAME)[speaking]
    assert 10 * np.log10(np.mean(loudness**2)) == pytest.approx(shape.LEVEL_DB, abs=1.0)
    assert np.abs(clip).max() < 0.9


@pytest.mark.parametrize(("name", "script"), CLIPS.items())
def test_every_clip_starts_at_once_and_ends_with_its_pause(name: str, script: Script) -> None:
    speaking = np.flatnonzero(shape.speaking(samples(name, script)))
    assert speaking[0] <= 10
    after = len(samples(name, script)) / wav.RATE - (speaking[-1] + 1) / 100
    assert after == pytest.approx(script.pause_s, abs=0.12)


@pytest.mark.parametrize(("name", "script"), CLIPS.items())
def test_every_clip_is_as_long_as_its_words(name: str, script: Script) -> None:
    spoken_s = shape.speaking(samples(name, script)).sum() / 100
    assert 0.15 < spoken_s / characters(script.text) < 0.42


def test_the_line_speaks_at_the_pace_of_its_callers(tmp_path: Path) -> None:
    report = check(CATALOGUE, AudioCache(tmp_path))
    assert report.blocking == ()
    assert 140 <= report.characters_per_minute <= 160
    assert [finding for finding in report.remarks if "too long" not in finding[1]] == []


def test_all_audio_together_stays_small() -> None:
    assert ARCHIVE.size() + Archive(CATALOGUE.folder / "library").size() < LARGEST_BYTES


def test_the_licence_of_every_voice_is_stated() -> None:
    stated = (CATALOGUE.folder / "LICENSES.md").read_text(encoding="utf-8")
    voices = {re.split(r"[-/]", entry.voice)[0] for entry in ARCHIVE.entries().values()}
    assert voices
    assert all(f'"voice": "{voice}' in stated for voice in voices)
