"""The real engine with the shipped model: what it hears, and that nothing a caller or an operator does ends it."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from speech.engine import Engine, WorkerError, open_engine, pool

Say = Callable[[str], bytes]
SILENCE = bytes(16000)


def resident(engine: Engine) -> int:
    """Bytes that the engine's processes hold."""
    return sum(worker.memory or 0 for worker in engine.workers)


def eventually(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)


@pytest.mark.parametrize("phrase", ["我要帮忙", "救命", "听新闻", "没事", "摔倒了", "不舒服", "再说一遍"])
def test_a_phrase_of_the_menu_is_heard_over_the_telephone(engine: Engine, say: Say, phrase: str) -> None:
    heard = engine.recognise(say(phrase), "menu")
    assert heard.text == phrase
    assert heard.failure is None
    assert 0.0 < heard.confidence <= 1.0
    assert 0.0 < heard.cost_ms < 5000.0
    assert "".join(word.text for word in heard.words) == phrase
    assert all(0 <= word.start_s <= word.end_s <= heard.audio_s + 0.1 for word in heard.words)


@pytest.mark.parametrize("sentence", ["明天上海的天气怎么样", "请把这本书放到桌子上面去", "火车票还没有买到呢"])
def test_other_speech_is_none_of_the_phrases(engine: Engine, say: Say, sentence: str) -> None:
    heard = engine.recognise(say(sentence), "menu")
    assert (heard.text, heard.confidence, heard.failure) == (None, 0.0, None)


def test_silence_is_none_of_the_phrases(engine: Engine) -> None:
    assert engine.recognise(SILENCE, "menu").text is None
    assert engine.recognise(b"", "menu").text is None


def test_grammars_switch_from_turn_to_turn(engine: Engine, say: Say) -> None:
    for _ in range(3):
        assert engine.recognise(say("听新闻"), "menu").text == "听新闻"
        assert engine.recognise(say("听新闻"), "yes_no").text is None
        assert engine.recognise(say("不是"), "yes_no").text == "不是"
        assert engine.recognise(say("不是"), "menu").text is None


def test_a_grammar_can_be_replaced(engine: Engine, say: Say) -> None:
    engine.prepare("replaced", ["听新闻"])
    engine.prepare("replaced", ["再说一遍"])
    assert engine.recognise(say("再说一遍"), "replaced").text == "再说一遍"
    assert engine.recognise(say("听新闻"), "replaced").text is None


def test_a_grammar_that_nobody_prepared_is_an_error_of_the_line(engine: Engine) -> None:
    with pytest.raises(KeyError):
        engine.recognise(SILENCE, "nothing")


@pytest.mark.parametrize("milliseconds", [1, 20, 130, 500])
def test_audio_in_any_pieces_is_heard_the_same(engine: Engine, say: Say, milliseconds: int) -> None:
    samples = say("再说一遍") + SILENCE + say("不舒服")
    size = milliseconds * 16
    with engine.listen("menu") as turn:
        for start in range(0, len(samples), size):
            turn.accept(samples[start : start + size])
        pieces = turn.final()
    whole = engine.recognise(samples, "menu")
    assert pieces.words == whole.words
    assert len(whole.words) >= 2


def test_dictation_needs_no_phrases(engine: Engine, say: Say) -> None:
    heard = engine.recognise(say("我要帮忙"), None)
    assert heard.failure is None
    assert heard.words


def test_a_recording_that_is_none_is_not_understood(engine: Engine) -> None:
    heard = engine.recognise(b"RIFF\0\0\0\0WAVE", "menu")
    assert (heard.text, heard.failure) == (None, "audio")


def test_many_calls_at_once_are_heard_like_one(engine: Engine, say: Say) -> None:
    phrases = ["我要帮忙", "听新闻", "摔倒了", "再说一遍"] * 6
    recordings = [say(phrase) for phrase in phrases]
    with ThreadPoolExecutor(12) as callers:
        heard = list(callers.map(lambda recording: engine.recognise(recording, "menu").text, recordings))
    assert heard == phrases


def test_turns_share_a_worker_without_mixing(engine: Engine, say: Say) -> None:
    first, second = say("我要帮忙"), say("再说一遍")
    with engine.listen("menu") as one, engine.listen("menu") as other, engine.listen("menu") as third:
        for start in range(0, max(len(first), len(second)), 1600):
            one.accept(first[start : start + 1600])
            other.accept(second[start : start + 1600])
            third.accept(first[start : start + 1600])
        heard = (one.final().text, other.final().text, third.final().text)
    assert heard == ("我要帮忙", "再说一遍", "我要帮忙")


def test_a_caller_who_hangs_up_leaves_nothing_behind(engine: Engine, say: Say) -> None:
    for _ in range(20):
        with engine.listen("menu") as turn:
            turn.accept(say("我要帮忙")[:3200])
    assert [worker.turns for worker in engine.workers] == [0, 0]
    assert engine.recognise(say("我要帮忙"), "menu").text == "我要帮忙"


FATAL = (["<eps>"], [], [""], ["[]"], ["[unk]"], ["\\u6ca1\\u4e8b"], ['"'], ["#0"], ["<eps>", "孛相孛相"])


def test_what_would_abort_the_engine_never_reaches_it(engine: Engine) -> None:
    workers = [worker.pid for worker in engine.workers]
    for number, phrases in enumerate(FATAL):
        engine.prepare(f"fatal-{number}", phrases)
        assert engine.recognise(SILENCE, f"fatal-{number}").failure is None
    assert [worker.pid for worker in engine.workers] == workers


def test_one_turn_fed_by_several_threads_does_not_end_the_engine(engine: Engine, say: Say) -> None:
    workers = [worker.pid for worker in engine.workers]
    with engine.listen("menu") as turn, ThreadPoolExecutor(4) as threads:
        list(threads.map(turn.accept, [say("我要帮忙")] * 8))
        assert turn.final().failure is None
    assert [worker.pid for worker in engine.workers] == workers


def test_a_grammar_changed_in_the_middle_of_a_turn_holds_from_the_next_one(engine: Engine, say: Say) -> None:
    engine.prepare("changing", ["听新闻"])
    with engine.listen("changing") as turn:
        turn.accept(say("听新闻"))
        engine.prepare("changing", ["再说一遍"])
        assert turn.final().text == "听新闻"
    assert engine.recognise(say("再说一遍"), "changing").text == "再说一遍"


def test_a_worker_that_dies_costs_the_turns_in_it_and_is_replaced(fragile: Engine, say: Say) -> None:
    with fragile.listen("menu") as turn:
        turn.accept(say("我要帮忙"))
        fragile.workers[0].kill()
        heard = turn.final()
    assert (heard.text, heard.failure) == (None, "worker died")
    eventually(lambda: fragile.workers and fragile.restarts == 1)
    assert fragile.trouble is None
    assert fragile.recognise(say("我要帮忙"), "menu").text == "我要帮忙"


def test_while_no_worker_is_up_the_line_has_keys(fragile: Engine) -> None:
    fragile.workers[0].kill()
    eventually(lambda: not fragile.workers)
    assert fragile.trouble
    assert fragile.recognise(SILENCE, "menu").failure == "no worker"
    with pytest.raises(WorkerError):
        fragile.prepare("more", ["没事"])


def test_a_worker_that_hangs_is_ended_when_its_time_is_up(shipped_model: Path, say: Say) -> None:
    with open_engine(shipped_model, workers=1, timeout_s=0.2) as engine:
        engine.prepare("menu", ["救命"])
        os.kill(engine.workers[0].pid, signal.SIGSTOP)
        assert engine.recognise(say("救命"), "menu").failure == "timeout"
        eventually(lambda: engine.restarts == 1)
        eventually(lambda: engine.recognise(say("救命"), "menu").failure is None)


def test_a_model_that_vanishes_is_tried_again_until_it_is_back(
    shipped_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(pool, "log", log)
    folder = tmp_path / "model"
    shutil.copytree(shipped_model, folder)
    network, away = folder / "am/final.mdl", tmp_path / "final.mdl"
    with open_engine(folder, workers=1) as engine:
        network.rename(away)
        engine.workers[0].kill()
        eventually(lambda: [call for call in log.calls if call.args == ("speech_worker_failed_to_start",)])
        assert engine.trouble
        away.rename(network)
        eventually(lambda: engine.trouble is None)


def test_workers_end_with_their_engine(shipped_model: Path) -> None:
    engine = open_engine(shipped_model, workers=1)
    pid = engine.workers[0].pid
    engine.close()
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert engine.restarts == 0


def test_memory_is_flat_over_ten_thousand_recognisers(fragile: Engine) -> None:
    def listen(times: int) -> None:
        for _ in range(times):
            with fragile.listen("menu") as turn:
                turn.final()

    listen(1000)
    before = resident(fragile)
    listen(10_000)
    assert resident(fragile) - before < 4_000_000
