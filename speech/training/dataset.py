"""Utterances as the telephone delivers them, as log mel energies with their phones, kept in one file a source."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.telephone import Noise, draw, noise_of, telephone
from speech.training.audio import LINE_RATE, Samples, at_level, pcm, resample, trim
from speech.training.corpus import Corpus, Utterance
from speech.training.features import BANDS, log_mel
from speech.training.phones import NUMBER

FEWEST_FRAMES_A_PHONE = 3
LONGEST_FRAMES = 1500


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a source's utterances are varied before the telephone.

    `rate` is the rate of its sound, `pace` the range of factors by which pace and pitch change together, `chain` the
    chances that one, two or three utterances are said in one breath.
    """

    rate: int
    pace: tuple[float, float] = (0.88, 1.14)
    chain: tuple[float, float, float] = (0.7, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Examples:
    """Frames (total, 40) of all examples in a row, with where each begins and its phone numbers."""

    frames: NDArray[np.float16]
    starts: NDArray[np.int64]
    phones: NDArray[np.int16]
    phone_starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def example(self, index: int) -> tuple[NDArray[np.float16], NDArray[np.int16]]:
        return (
            self.frames[self.starts[index] : self.starts[index + 1]],
            self.phones[self.phone_starts[index] : self.phone_starts[index + 1]],
        )

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    @property
    def hours(self) -> float:
        return len(self.frames) / 360_000


Pair = tuple[NDArray[np.float16], NDArray[np.int16]]


def collect(pairs: Iterable[Pair]) -> Examples:
    """Pairs of frames and phone numbers as one set."""
    found = list(pairs)
    return Examples(
        np.concatenate([frames for frames, _ in found] or [np.zeros((0, BANDS), np.float16)]),
        np.cumsum([0, *(len(frames) for frames, _ in found)]),
        np.concatenate([phones for _, phones in found] or [np.zeros(0, np.int16)]),
        np.cumsum([0, *(len(phones) for _, phones in found)]),
    )


def save(examples: Examples, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part.npz")
    np.savez(
        part,
        frames=examples.frames,
        starts=examples.starts,
        phones=examples.phones,
        phone_starts=examples.phone_starts,
    )
    part.replace(path)


def load(paths: Sequence[Path]) -> Examples:
    """Several files as one set."""
    pairs: list[Pair] = []
    for path in paths:
        with np.load(path) as stored:
            one = Examples(stored["frames"], stored["starts"], stored["phones"], stored["phone_starts"])
        pairs += [one.example(index) for index in range(len(one))]
    return collect(pairs)


def telephoned(corpus: Corpus, recipe: Recipe, rng: np.random.Generator) -> Iterator[Pair]:
    """Every utterance once, varied by `recipe`, over a connection of its own; too short a sound is left out."""
    babble = _babble(corpus, recipe, rng)
    order = rng.permutation(len(corpus))
    position = 0
    while position < len(order):
        count = int(rng.choice(3, p=recipe.chain)) + 1
        group = [corpus[int(index)] for index in order[position : position + count]]
        position += count
        phones = np.array([NUMBER[phone] for utterance in group for phone in utterance.phones], np.int16)
        frames = log_mel(telephone(_one_breath(group, recipe, rng), draw(rng), rng, babble))
        if FEWEST_FRAMES_A_PHONE * (len(phones) + 2) <= len(frames) <= LONGEST_FRAMES:
            yield frames.astype(np.float16), phones


def _babble(corpus: Corpus, recipe: Recipe, rng: np.random.Generator) -> list[Samples]:
    chosen = rng.integers(len(corpus), size=min(40, len(corpus)))
    return [resample(corpus[int(index)].sound, recipe.rate, LINE_RATE) for index in chosen]


def _one_breath(group: Sequence[Utterance], recipe: Recipe, rng: np.random.Generator) -> Samples:
    pace = float(rng.uniform(*recipe.pace))
    parts: list[Samples] = []
    for utterance in group:
        if parts and rng.random() < 0.6:
            parts.append(np.zeros(int(LINE_RATE * rng.uniform(0, 0.4)), np.float32))
        sound = resample(utterance.sound, recipe.rate * pace, LINE_RATE)
        if rng.random() < 0.5:
            sound = trim(sound, LINE_RATE, 0.02, 0.05)
        parts.append(at_level(sound, 1500 * 10 ** float(rng.uniform(-0.1, 0.1))))
    return np.concatenate(parts)


def nobody_speaking(count: int, rng: np.random.Generator, babble: Sequence[Samples]) -> Iterator[Pair]:
    """Connections on which nobody says anything: noise, a television far away, tones and music on hold."""
    kinds: tuple[Noise, ...] = ("white", "pink", "babble")
    for _ in range(count):
        length = int(LINE_RATE * rng.uniform(0.6, 4))
        if rng.random() < 0.4:
            sound = tones(length, rng)
        else:
            sound = noise_of(kinds[int(rng.integers(2))], length, rng)
            if rng.random() < 0.3 and babble:
                sound = sound + 0.3 * noise_of("babble", length, rng, babble)
        frames = log_mel(telephone(np.asarray(sound, np.float32), draw(rng), rng))
        yield frames.astype(np.float16), np.zeros(0, np.int16)


def tones(length: int, rng: np.random.Generator) -> Samples:
    """A melody of notes with overtones, or one steady tone such as a dial tone."""
    sound = np.zeros(length, np.float32)
    note = length if rng.random() < 0.3 else int(LINE_RATE * rng.uniform(0.1, 0.6))
    overtones = int(rng.integers(1, 6))
    for start in range(0, length, note):
        seconds = np.arange(min(note, length - start)) / LINE_RATE
        hz = 220 * 2 ** (float(rng.integers(0, 30)) / 12)
        wave = sum(np.sin(2 * np.pi * hz * k * seconds) / k for k in range(1, overtones + 1))
        sound[start : start + len(seconds)] += wave * np.exp(-seconds * rng.uniform(0, 6))
    return sound


def example_of(utterance: Utterance, rate: int) -> Pair:
    """One utterance as it is, without any simulation: what adaptation learns from."""
    frames = log_mel(pcm(resample(utterance.sound, rate, LINE_RATE)))
    return frames.astype(np.float16), np.array([NUMBER[phone] for phone in utterance.phones], np.int16)
