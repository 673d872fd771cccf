"""What operators type: `careline speech …`."""

import json
import wave
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import speech as commands
from prompts import Studio, load_catalogue
from speech.engine.audio import pcm_of
from speech.models import shipped

needs_model = pytest.mark.skipif(not (shipped() / "am").is_dir(), reason="this checkout has no speech model")


def careline_speech(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands.command, [str(argument) for argument in arguments])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A model's archive, of which only the shape is right."""
    files = {
        "am/final.mdl": b"\0B<TransitionModel>", "conf/mfcc.conf": b"--sample-frequency=8000\n",
        "conf/model.conf": b"--beam=13.0\n", "graph/words.txt": "<eps> 0\n没事 1\n".encode(),
        "graph/HCLr.fst": b"\xd6\xfd\xb2\x7e", "graph/Gr.fst": b"\xd6\xfd\xb2\x7e", "graph/disambig_tid.int": b"1\n",
    }  # fmt: skip
    path = tmp_path / "vosk-model-test-cn.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


def test_a_model_is_installed_from_a_file_into_the_data_folder(archive: Path, tmp_path: Path) -> None:
    result = careline_speech("install", "--from", archive)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "data/models/vosk-model-test-cn/am/final.mdl").exists()
    assert "doctor --model vosk-model-test-cn" in result.output


def test_an_installation_that_fails_says_why_in_a_line(archive: Path) -> None:
    result = careline_speech("install", "--from", archive, "--sha256", "0" * 64)
    assert result.exit_code == 1
    assert result.output.startswith("Error: vosk-model-test-cn.zip: the SHA-256 is")


def test_an_installation_needs_to_know_what(tmp_path: Path) -> None:
    assert "vosk-model-small-cn-0.22" in careline_speech("install").output
    assert "not an official model" in careline_speech("install", "vosk-model-xy").output
    assert not list(tmp_path.rglob("vosk*.part"))


def test_a_download_without_a_known_checksum_is_announced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, str | None]] = []

    def install(name: str, models: Path, *, url: str | None, sha256: str | None, progress: object) -> Path:
        asked.append((name, sha256))
        return models / name

    monkeypatch.setattr(commands, "install", install)
    assert "no checksum is known" in careline_speech("install", "vosk-model-cn-0.22").output
    assert "no checksum" not in careline_speech("install", "vosk-model-cn-0.22", "--sha256", "ab").output
    assert "no checksum" not in careline_speech("install", "vosk-model-small-cn-0.22").output
    assert asked[1] == ("vosk-model-cn-0.22", "ab")


def test_a_model_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    result = careline_speech("doctor", "--model", tmp_path / "nothing")
    assert result.exit_code == 1
    assert "there is no model" in result.output


def test_recordings_without_a_manifest_are_refused(tmp_path: Path) -> None:
    result = careline_speech("evaluate", tmp_path)
    assert result.exit_code == 1
    assert "manifest.jsonl" in result.output


def test_making_a_model_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> object:
        raise ModuleNotFoundError("No module named 'torch'")

    monkeypatch.setattr(commands, "import_module", without)
    result = careline_speech("train", "folder", "--out", "x")
    assert result.exit_code == 1
    assert "training extra" in result.output
    assert {"train", "adapt", "graph", "install", "evaluate", "doctor"} <= set(careline_speech("--help").output.split())


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Three recordings in a synthetic voice, one of something that the line does not listen for."""
    studio = Studio(load_catalogue("zh_CN"), tmp_path / "studio")
    folder = tmp_path / "recordings"
    folder.mkdir()
    lines = []
    for number, (text, speaker) in enumerate([("我要帮忙", "甲"), ("再说一遍", "乙"), ("明天上海的天气怎么样", "乙")]):
        with wave.open(str(folder / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(pcm_of(studio.spoken(text)))
        lines.append(json.dumps({"audio": f"{number}.wav", "text": text, "question": "menu", "speaker": speaker}))
    (folder / "manifest.jsonl").write_text("\n".join(lines))
    return folder


@needs_model
def test_models_are_measured_side_by_side(recordings: Path) -> None:
    result = careline_speech("evaluate", recordings, "--model", shipped(), "--by", "speaker", "--format", "json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)[shipped().name]
    assert [(row["group"], row["right"]["count"], row["right"]["of"]) for row in rows] == [
        ("all", 3, 3), ("乙", 2, 2), ("甲", 1, 1),
    ]  # fmt: skip
    table = careline_speech("evaluate", recordings).stdout
    assert "100.0%" in table
    assert shipped().name in table


@needs_model
def test_the_doctor_listens_to_the_line_itself() -> None:
    result = careline_speech("doctor", "--each", "1")
    assert result.exit_code == 0, result.output
    for fact in (shipped().name, "heard", "missed", "lag", "real-time factor", "MiB", "no words for"):
        assert fact in result.stdout
