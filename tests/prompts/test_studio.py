from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from prompts import Studio, UnknownPromptError
from prompts.audio import pace, shape, wav
from prompts.rendering import library_jobs, prompt_jobs
from prompts.voice.espeak import Espeak
from prompts.wording import PAUSES_S
from tests.prompts.voices import TEXTS, Hum, Mute, language


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A studio whose clips were hummed."""
    catalogue = language(tmp_path / "zh_CN")
    for job in prompt_jobs(catalogue, everything=True):
        job.run(Hum())
    return Studio(catalogue, tmp_path / "cache")


def seconds(file: bytes) -> float:
    return wav.seconds(wav.telephone(file))


def speech_s(file: bytes) -> float:
    return float(shape.speaking(wav.decode(wav.telephone(file))).sum()) / 100


def test_a_rendered_clip_is_played_as_it_was_rendered(studio: Studio, tmp_path: Path) -> None:
    assert studio.recorded("greeting.hello") == (tmp_path / "zh_CN/audio/greeting.hello.wav").read_bytes()


def test_a_clip_that_is_unknown_is_a_key_error(studio: Studio) -> None:
    with pytest.raises(KeyError):
        studio.recorded("greeting.nothing")
    with pytest.raises(UnknownPromptError):
        studio.recorded("../texts")


def test_a_silent_clip_is_half_a_second(studio: Studio) -> None:
    assert seconds(studio.recorded("silence.half")) == 0.5
    assert speech_s(studio.recorded("silence.half")) == 0


def test_a_clip_without_audio_is_spoken_instead(tmp_path: Path) -> None:
    studio = Studio(language(tmp_path / "empty"), tmp_path / "cache")
    with capture_logs() as logs:
        assert studio.recorded("menu.help") == studio.spoken(TEXTS["menu.help"])
    assert logs[0]["event"] == "clip_spoken_at_run_time"
    assert logs[0]["clip"] == "menu.help"


def test_a_clip_that_says_other_words_than_the_text_is_not_played(studio: Studio, tmp_path: Path) -> None:
    changed = language(tmp_path / "zh_CN", {**TEXTS, "menu.help": "要办事，请按3。"})
    assert Studio(changed, tmp_path / "cache").recorded("menu.help") == studio.spoken("要办事，请按3。")


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"\0" * 4000, wav.write(wav.silence(1))])
def test_a_damaged_file_is_spoken_instead(studio: Studio, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "zh_CN/audio/menu.help.wav").write_bytes(damage)
    assert studio.recorded("menu.help") == studio.spoken(TEXTS["menu.help"])


def test_a_damaged_manifest_does_not_silence_the_line(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "zh_CN/audio/manifest.json").write_text("{")
    with capture_logs() as logs:
        assert studio.recorded("menu.help") == studio.spoken(TEXTS["menu.help"])
    assert "audio_unreadable" in {entry["event"] for entry in logs}


def test_slow_clips_have_the_same_phrases_drawn_out(studio: Studio) -> None:
    usual, slow = studio.recorded("greeting.hello"), studio.recorded("greeting.hello", slow=True)
    assert speech_s(slow) == pytest.approx(speech_s(usual) * pace.WORDS, rel=0.05)
    assert seconds(slow) - speech_s(slow) > 1.5 * (seconds(usual) - speech_s(usual))
    assert studio.recorded("greeting.hello", slow=True) == slow


def test_spoken_words_are_at_the_level_of_the_prompts(studio: Studio) -> None:
    mulaw = wav.telephone(studio.spoken("张老，今天下午三点有讲座。"))
    assert shape.levelled(wav.decode(mulaw)) == pytest.approx(wav.decode(mulaw), abs=0.05)


def test_spoken_sentences_end_with_their_pause_and_names_do_not(studio: Studio) -> None:
    sentence, name = (wav.telephone(studio.spoken(text)) for text in ("您好。", "您好"))
    assert sentence.endswith(wav.silence(PAUSES_S["。"]))
    assert len(sentence) - len(name) == pytest.approx((PAUSES_S["。"] - 0.15) * wav.RATE, abs=2)


def test_spoken_slow_takes_longer(studio: Studio) -> None:
    text = "今天下午三点，在活动中心二楼，有书法讲座。"
    assert seconds(studio.spoken(text, slow=True)) > 1.15 * seconds(studio.spoken(text))


@pytest.mark.parametrize("text", ["", "。。。", "😀", "\x00\x1b", "\ud800"])
def test_nothing_to_say_is_half_a_second_of_silence(studio: Studio, text: str) -> None:
    assert studio.spoken(text) == wav.write(wav.silence(0.5))


@pytest.mark.parametrize("text", ["王㛃", "𠮷野", "abc", "A栋2单元", "电话0512-52881234。", "胸口疼"])
def test_names_and_numbers_are_spoken(studio: Studio, text: str) -> None:
    assert speech_s(studio.spoken(text)) > 0.3


def test_ten_thousand_characters_are_spoken_up_to_a_limit_that_is_announced(studio: Studio) -> None:
    spoken = wav.telephone(studio.spoken("今天天气很好，大家都来参加。" * 800))
    assert 600 < wav.seconds(spoken) < 1500
    assert spoken.endswith(wav.telephone(studio.spoken("内容太长，后面的请问工作人员。")))


def test_what_was_spoken_is_kept(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    first = studio.spoken("张老，您好。")
    monkeypatch.setattr(Espeak, "say", Mute.say)
    assert studio.spoken("张老，您好。") == first


def test_a_voice_that_fails_leaves_a_pause_and_a_line_in_the_log_without_the_words(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Espeak, "say", Mute.say)
    with capture_logs() as logs:
        assert studio.spoken("张老，您好。") == wav.write(wav.silence(0.5))
    assert [(entry["event"], entry["characters"]) for entry in logs] == [("voice_failed", 6)]
    assert "张老" not in str(logs)


def test_a_text_rendered_beforehand_is_played_in_the_natural_voice(studio: Studio, tmp_path: Path) -> None:
    text = "体检通知。本周五早上，空腹。"
    at_run_time = studio.spoken(text)
    for job in library_jobs(language(tmp_path / "zh_CN"), [text], everything=False):
        job.run(Hum())
    natural = studio.spoken(text)
    assert natural != at_run_time
    assert seconds(studio.spoken(text, slow=True)) > seconds(natural)
    assert not list(library_jobs(language(tmp_path / "zh_CN"), [text], everything=False))


def test_a_text_of_which_a_phrase_is_missing_keeps_one_voice(studio: Studio, tmp_path: Path) -> None:
    text = "体检通知。本周五早上。"
    at_run_time = studio.spoken(text)
    for job in library_jobs(language(tmp_path / "zh_CN"), ["体检通知。"], everything=False):
        job.run(Hum())
    assert studio.spoken(text) == at_run_time


def test_many_callers_hear_their_own_words_at_once(studio: Studio) -> None:
    texts = ["张老。", "李老。", "王老师，您好。"] * 8
    with ThreadPoolExecutor(8) as threads:
        spoken = list(threads.map(studio.spoken, texts))
    for number, file in enumerate(spoken):
        assert seconds(file) == pytest.approx(seconds(spoken[number % 3]), abs=0.1)
    assert len({round(seconds(file), 1) for file in spoken[:3]}) > 1


def test_an_unwritable_cache_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    studio = Studio(language(tmp_path / "zh_CN"), tmp_path / "file")
    assert speech_s(studio.spoken("您好。")) > 0.3
