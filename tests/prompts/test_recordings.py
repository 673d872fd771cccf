from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from prompts import Studio
from prompts.audio import shape, wav
from prompts.rendering import prompt_jobs
from tests.prompts.voices import TEXTS, Hum, hum, language, pcm_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A language with rendered audio and an empty folder for recordings."""
    for job in prompt_jobs(language(tmp_path / "zh_CN"), everything=True):
        job.run(Hum())
    recordings = tmp_path / "zh_CN" / "recordings"
    recordings.mkdir()
    return recordings


@pytest.fixture
def studio(tmp_path: Path, folder: Path) -> Studio:
    return Studio(language(folder.parent), tmp_path / "cache")


def test_a_recording_takes_the_place_of_the_rendered_clip(studio: Studio, folder: Path) -> None:
    rendered = studio.recorded("menu.help")
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 48_000, hertz=330), 48_000, channels=2))
    recorded = wav.decode(wav.telephone(studio.recorded("menu.help")))
    assert studio.recorded("menu.help") != rendered
    assert len(recorded) / wav.RATE == pytest.approx(1.5, abs=0.1)
    assert np.argmax(np.abs(np.fft.rfft(recorded[800:7200]))) * wav.RATE / 6400 == pytest.approx(330, abs=3)


def test_a_quiet_recording_is_brought_to_the_level_of_the_prompts(studio: Studio, folder: Path) -> None:
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 16_000) * np.float32(0.02), 16_000))
    speech = wav.decode(wav.telephone(studio.recorded("menu.help")))[400:7600]
    assert 10 * np.log10(np.mean(speech.astype(np.float64) ** 2)) == pytest.approx(shape.LEVEL_DB, abs=1)


def test_a_recording_that_is_replaced_is_heard_at_once(studio: Studio, folder: Path) -> None:
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 16_000), 16_000))
    first = studio.recorded("menu.help")
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(2.0, 16_000), 16_000))
    assert len(studio.recorded("menu.help")) > len(first) + 7000


def test_a_recording_is_slowed_like_any_clip(studio: Studio, folder: Path) -> None:
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 16_000), 16_000))
    assert len(studio.recorded("menu.help", slow=True)) > 1.1 * len(studio.recorded("menu.help"))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "is not a WAV file"),
        (b"ID3\x04" + b"\0" * 500, "is not a WAV file"),
        (pcm_file(np.zeros(16_000, np.float32), 16_000), "nobody speaking"),
        (pcm_file(hum(1.0, 16_000), 16_000)[:40], "cut off"),
    ],
)
def test_a_bad_recording_is_named_once_and_the_rendered_clip_is_played(
    studio: Studio, folder: Path, file: bytes, reason: str
) -> None:
    rendered = studio.recorded("menu.help")
    (folder / "menu.help.wav").write_bytes(file)
    with capture_logs() as logs:
        assert studio.recorded("menu.help") == rendered
        assert studio.recorded("menu.help") == rendered
    assert [(entry["event"], entry["clip"]) for entry in logs] == [("recording_not_used", "menu.help")]
    assert reason in logs[0]["reason"]


def test_a_recording_whose_words_are_no_longer_the_prompts_is_set_aside(studio: Studio, folder: Path) -> None:
    rendered = studio.recorded("menu.help")
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 16_000), 16_000))
    (folder / "menu.help.txt").write_text("要办事，请按9。", encoding="utf-8")
    assert studio.recorded("menu.help") == rendered
    (folder / "menu.help.txt").write_text(TEXTS["menu.help"] + "\n", encoding="utf-8")
    assert studio.recorded("menu.help") != rendered


def test_a_recording_that_is_too_large_is_not_read(
    studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.recordings.LARGEST_FILE", 1000)
    rendered = studio.recorded("menu.help")
    (folder / "menu.help.wav").write_bytes(pcm_file(hum(1.0, 16_000), 16_000))
    assert studio.recorded("menu.help") == rendered
