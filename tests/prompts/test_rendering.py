import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import prompts as command_module
from ivr.commands.prompts import command
from prompts import Catalogue
from prompts.archive import Archive, ArchiveError
from prompts.audio import wav
from prompts.cache import AudioCache
from prompts.rendering import Report, check, prompt_jobs
from prompts.voice.worker import VoiceError
from tests.prompts.voices import TEXTS, Hum, Mute, hum, language, pcm_file


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return language(tmp_path / "zh_CN")


def render(catalogue: Catalogue) -> list[str]:
    """What there was to render."""
    done = []
    for job in prompt_jobs(catalogue, everything=False):
        job.run(Hum())
        done.append(job.name)
    return done


def checked(catalogue: Catalogue) -> Report:
    return check(catalogue, AudioCache(catalogue.folder / "cache"))


def test_only_what_is_missing_or_stale_is_rendered(catalogue: Catalogue) -> None:
    assert render(catalogue) == ["greeting.hello", "greeting.name", "menu.help"]
    assert render(catalogue) == []
    changed = language(catalogue.folder, {**TEXTS, "menu.help": "要人上门，请按2。"})
    assert render(changed) == ["menu.help"]
    (catalogue.folder / "audio/greeting.hello.wav").unlink()
    assert render(changed) == ["greeting.hello"]


def test_a_rendered_clip_has_its_phrases_its_pauses_and_an_entry(catalogue: Catalogue) -> None:
    render(catalogue)
    archive = Archive(catalogue.folder / "audio")
    entry = archive.entries()["greeting.hello"]
    assert (entry.text, entry.voice) == (TEXTS["greeting.hello"], "hum/1")
    assert entry.digest == catalogue.script("greeting.hello").digest
    assert entry.seconds == pytest.approx(0.4 + 0.55 + 1.0 + 0.5, abs=0.2)
    assert archive.path("greeting.hello").read_bytes().endswith(wav.silence(0.5))


def test_numbers_reach_the_voice_in_words(catalogue: Catalogue) -> None:
    voice = Hum()
    for job in prompt_jobs(catalogue, everything=False):
        job.run(voice)
    assert voice.asked == ["您好", "彩虹桥热线", "您好", "要办事", "请按二"]


def test_a_complete_language_has_no_findings(catalogue: Catalogue) -> None:
    render(catalogue)
    report = checked(catalogue)
    assert (report.blocking, report.remarks, report.clips) == ((), (), 3)
    assert report.size == sum(path.stat().st_size for path in (catalogue.folder / "audio").glob("*.wav"))
    assert report.characters_per_minute > 0


def test_what_is_missing_stale_or_damaged_blocks(catalogue: Catalogue) -> None:
    assert dict(checked(catalogue).blocking)["menu.help"].startswith("missing")
    render(catalogue)
    (catalogue.folder / "audio/greeting.hello.wav").write_bytes(b"RIFF")
    changed = language(catalogue.folder, {**TEXTS, "menu.help": "要人上门，请按2。"})
    found = dict(checked(changed).blocking)
    assert found["menu.help"] == "stale: says “要办事，请按2。”, the text is now “要人上门，请按2。”"
    assert found["greeting.hello"] == "stale: the file is not the one that was rendered"
    assert set(found) == {"menu.help", "greeting.hello"}


def test_what_is_unused_too_long_or_badly_recorded_is_remarked_on(catalogue: Catalogue) -> None:
    wordy = language(catalogue.folder, {**TEXTS, "menu.help": "请您慢慢听我说，" * 6})
    render(wordy)
    (catalogue.folder / "audio/old.clip.wav").write_bytes(b"")
    recordings = catalogue.folder / "recordings"
    recordings.mkdir()
    (recordings / "greeting.hello.wav").write_bytes(b"mp3")
    (recordings / "nobody.knows.wav").write_bytes(b"")
    (recordings / "greeting.name.wav").write_bytes(pcm_file(hum(9.0, 8000), 8000))
    report = checked(wordy)
    assert report.blocking == ()
    remarks = [f"{name} {finding}" for name, finding in report.remarks]
    assert [remark.split(",")[0] for remark in remarks] == [
        "menu.help too long: 11.2 s",
        "old.clip unused: no prompt has this clip",
        "greeting.hello recording: is not a WAV file",
        "greeting.name recording: too long: 9.0 s",
        "nobody.knows recording: no prompt has this clip",
    ]


def test_a_manifest_that_cannot_be_read_is_an_error_that_names_it(catalogue: Catalogue) -> None:
    render(catalogue)
    (catalogue.folder / "audio/manifest.json").write_text("[]")
    with pytest.raises(ArchiveError, match=r"manifest\.json"):
        checked(catalogue)


def test_a_failing_voice_leaves_what_was_there(catalogue: Catalogue) -> None:
    render(catalogue)
    before = (catalogue.folder / "audio/manifest.json").read_bytes()
    with pytest.raises(VoiceError):
        next(prompt_jobs(catalogue, everything=True)).run(Mute())
    assert (catalogue.folder / "audio/manifest.json").read_bytes() == before


# --- The commands --------------------------------------------------------------------------------------------------


@pytest.fixture
def careline(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> "Careline":
    monkeypatch.setattr(command_module, "load_catalogue", lambda _language: catalogue)
    return Careline()


class Careline:
    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(command, arguments)


def test_rendering_with_espeak_makes_the_line_complete(careline: Careline, catalogue: Catalogue) -> None:
    assert careline("check").exit_code == 1
    done = careline("render", "--voice", "espeak")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "3 rendered, 0 removed")
    manifest = json.loads((catalogue.folder / "audio/manifest.json").read_text(encoding="utf-8"))
    assert {entry["voice"][:6] for entry in manifest.values()} == {"espeak"}
    assert "3 clips" in careline("check").output
    assert careline("check").exit_code == 0


def test_the_check_says_what_to_do(careline: Careline) -> None:
    result = careline("check")
    assert "menu.help" in result.output
    assert "3 clips are missing or stale; run `careline prompts render`, or record them" in result.output


def test_rendering_removes_what_no_prompt_uses(careline: Careline, catalogue: Catalogue) -> None:
    render(catalogue)
    (catalogue.folder / "audio/old.clip.wav").write_bytes(b"")
    assert careline("render").output.splitlines()[-1] == "0 rendered, 1 removed"
    assert not (catalogue.folder / "audio/old.clip.wav").exists()


def test_the_lines_of_a_file_are_rendered_for_the_library(
    careline: Careline, catalogue: Catalogue, tmp_path: Path
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("体检通知。本周五早上。\n体检通知。\n", encoding="utf-8")
    done = careline("render", "--voice", "espeak", "--text", str(texts))
    assert done.output.splitlines()[-1] == "2 rendered, 0 removed"
    assert len(Archive(catalogue.folder / "library").files()) == 2


def test_a_voice_that_fails_names_the_clip(careline: Careline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_module.Espeak, "say", Mute.say)
    result = careline("render", "--voice", "espeak")
    assert result.exit_code == 1
    assert "Error: greeting.hello: has a sore throat" in result.output
