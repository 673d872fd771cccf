import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prompts.audio import shape
from prompts.voice import natural
from prompts.voice.espeak import Espeak
from prompts.voice.worker import VoiceError, Worker

ANSWERS_ONCE = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(b'{"rate": 8000, "bytes": 4}\\n\\x00\\x40\\x00\\xc0')
    sys.stdout.buffer.flush()
    break
"""
REFUSES = """
import sys
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(b'{"error": "no such word"}\\n')
    sys.stdout.buffer.flush()
"""
HANGS = "import time; time.sleep(60)"
HALF = 'print(\'{"rate": 8000, "bytes": 400}\', flush=True)'
BABBLES = "print('not json', flush=True)"


def worker(program: str, deadline_s: float = 20.0) -> Worker:
    return Worker([sys.executable, "-I", "-S", "-c", program], deadline_s=deadline_s)


@pytest.fixture(scope="module")
def espeak() -> Iterator[Espeak]:
    voice = Espeak()
    yield voice
    voice.close()


def spoken_s(voice: Espeak, text: str, slow: bool = False) -> float:
    return len(shape.for_telephone(*voice.say(text, slow))) / 8000


# --- A process that speaks -----------------------------------------------------------------------------------------


def test_a_worker_answers_with_samples() -> None:
    voice = worker(ANSWERS_ONCE)
    samples, rate = voice.ask({"text": "好"})
    assert (samples.tolist(), rate) == ([0.5, -0.5], 8000)
    voice.close()


def test_a_worker_that_died_is_started_again() -> None:
    voice = worker(ANSWERS_ONCE)
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(voice.ask({"text": "好"})[1])
        except VoiceError:
            outcomes.append(0)
    assert outcomes.count(8000) >= 2
    voice.close()


def test_a_worker_that_hangs_is_ended_at_the_deadline() -> None:
    with pytest.raises(VoiceError, match="the voice stopped"):
        worker(HANGS, deadline_s=0.3).ask({"text": "好"})


@pytest.mark.parametrize("program", [HALF, BABBLES, "pass"])
def test_an_answer_that_makes_no_sense_is_an_error(program: str) -> None:
    with pytest.raises(VoiceError, match="the voice stopped"):
        worker(program).ask({"text": "好"})


def test_a_worker_that_refuses_goes_on() -> None:
    voice = worker(REFUSES)
    for _ in range(2):
        with pytest.raises(VoiceError, match="no such word"):
            voice.ask({"text": "好"})
    voice.close()


def test_a_forgotten_worker_leaves_no_process_behind() -> None:
    voice = worker(REFUSES)
    with pytest.raises(VoiceError):
        voice.ask({"text": "好"})
    process = voice._process
    assert process is not None
    assert process.poll() is None
    del voice
    assert process.poll() is not None


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(VoiceError, match="did not start"):
        Worker(["/nowhere/voice"], deadline_s=1).ask({"text": "好"})


# --- eSpeak NG -----------------------------------------------------------------------------------------------------


def test_espeak_speaks_mandarin(espeak: Espeak) -> None:
    assert 0.3 < spoken_s(espeak, "张老") < 1.2
    assert spoken_s(espeak, "十二点三十分") > 2 * spoken_s(espeak, "张老")


def test_slow_is_slower(espeak: Espeak) -> None:
    assert spoken_s(espeak, "张老先生", slow=True) > 1.1 * spoken_s(espeak, "张老先生")


@pytest.mark.parametrize("character", "胸兄凶熊雄琼穷窘")
def test_syllables_that_espeak_would_spell_in_english_are_one_syllable(espeak: Espeak, character: str) -> None:
    assert spoken_s(espeak, character) < 0.7
    assert spoken_s(espeak, character) == pytest.approx(spoken_s(espeak, "用"), abs=0.25)


@pytest.mark.parametrize("text", ["", "㛃", "龘", "abc", "A", "啊" * 500, "\n", "a\nb", '{"', "，。"])
def test_nothing_that_is_said_ends_the_voice(espeak: Espeak, text: str) -> None:
    espeak.say(text)
    assert spoken_s(espeak, "好") > 0.1


def test_threads_do_not_get_each_others_words(espeak: Espeak) -> None:
    texts = ["好", "您好", "老干部局", "常熟老干部局彩虹桥热线"] * 10
    alone = {text: spoken_s(espeak, text) for text in set(texts)}
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda text: spoken_s(espeak, text), texts))
    assert together == pytest.approx([alone[text] for text in texts], abs=0.05)


# --- The natural voice ---------------------------------------------------------------------------------------------


def test_without_its_python_the_natural_voice_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(natural, "PYTHON", (2, 7))
    monkeypatch.setattr(natural.shutil, "which", lambda _name: None)
    with pytest.raises(VoiceError, match=r"needs Python 3\.11"):
        natural.prepare(tmp_path / "venv", print)
    monkeypatch.setattr(natural.sys, "platform", "win32")
    with pytest.raises(VoiceError, match="needs Linux or macOS"):
        natural.prepare(tmp_path / "venv", print)
