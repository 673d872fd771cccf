"""Calls to test a model with: people's recordings as callers of this line would be heard, as labelled folders.

Each folder is what `careline speech evaluate` takes:

- `menus`: what answers each question of the line, over a good line;
- `whole`: the same phrases with every phrase of the line listened for: good and bad lines, old and male voices;
- `nothing`: other words and sentences, noise, tones and music on hold, which mean nothing to the line.
"""

import json
import wave
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.evaluation.manifest import MANIFEST
from speech.grammars import QUESTION_INTENTS, phrases_for
from speech.telephone import Line, noise_of, telephone
from speech.training import dataset, espeak, synthesis, voices
from speech.training.audio import LINE_RATE, STUDIO_RATE, Samples, at_level, pcm, resample
from speech.training.corpus import Utterance
from speech.training.readings import phones_of_text, spoken
from speech.understanding import Intent

Phrases = Mapping[Intent, Sequence[str]]
GOOD = "30 dB"
LINES = {
    GOOD: Line(),
    "15 dB": Line(snr_db=15.0),
    "babble, 15 dB": Line(snr_db=15.0, noise="babble"),
    "5% loss, mobile": Line(snr_db=25.0, loss=0.05, codec="mobile"),
}
DISGUISES = {
    "as a man": voices.Disguise(pitch=0.55, formants=0.86),
    "as an old man": voices.Disguise(0.6, 1.0, 0.86, 0.82, tremor=0.05, roughness=0.03, breath=0.25),
    "as an old woman": voices.Disguise(0.8, 1.0, 0.95, 0.82, tremor=0.05, roughness=0.03, breath=0.25),
}
A_QUESTION, WORDS, SENTENCES, SOUNDS = 60, 300, 100, 40
"""How many phrases are asked of each question and speaker, and how many there are of what means nothing."""


@dataclass(frozen=True, slots=True)
class Called:
    """A line of a manifest. `intent` is left out of it where the text decides."""

    audio: str
    text: str
    speaker: str
    noise: str
    question: str | None = None
    meaningless: bool = False

    def row(self) -> str:
        fields = {name: value for name, value in asdict(self).items() if value is not None and name != "meaningless"}
        return json.dumps(fields | ({"intent": None} if self.meaningless else {}), ensure_ascii=False)


class _Folder:
    """A labelled folder that is being written."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count, self._rows = folder, 0, list[str]()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, samples: NDArray[np.int16]) -> str:
        self._count += 1
        name = f"{self._count:05d}.wav"
        with wave.open(str(self._folder / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(LINE_RATE)
            file.writeframes(samples.astype("<i2").tobytes())
        return name

    def add(self, called: Called) -> None:
        self._rows.append(called.row())

    def close(self) -> int:
        (self._folder / MANIFEST).write_text("\n".join(self._rows) + "\n", "utf-8")
        return len(self._rows)


def write(
    folder: Path, people: Sequence[Sequence[Utterance]], phrases: Phrases, rng: np.random.Generator
) -> dict[str, int]:
    """Write the three folders below `folder`; the number of recordings that each names.

    Args:
        folder: where they are written.
        people: what each human speaker has recorded, at 16 kHz; eSpeak NG's held-out voices are added to them.
        phrases: what callers say, by intent.
        rng: draws the noise, the choice and the pauses.
    """
    said = list(dict.fromkeys(phrase for listed in phrases.values() for phrase in listed))
    known = [spoken_phrases(person, said, rng) for person in people]
    known.append(list(synthesis.formant(said, 1, rng, espeak.HELD_OUT)))
    return {
        "menus": _menus(_Folder(folder / "menus"), known, phrases, rng),
        "whole": _whole(_Folder(folder / "whole"), known, rng),
        "nothing": _nothing(_Folder(folder / "nothing"), people, said, rng),
    }


def spoken_phrases(person: Sequence[Utterance], said: Sequence[str], rng: np.random.Generator) -> list[Utterance]:
    """The phrases that a speaker's recordings hold, whole or put together from words of two characters and more."""
    words = {one.text: one for one in person if len(one.text) > 1 or one.text in said}
    pieces = synthesis.Pieces(list(words.values()))
    return list(pieces.joined([phrase for phrase in said if spoken(phrase)], rng))


def _menus(out: _Folder, known: Sequence[Sequence[Utterance]], phrases: Phrases, rng: np.random.Generator) -> int:
    for person in known:
        files: dict[str, str] = {}
        sounds = {one.text: one for one in person}
        for question in (name for name in QUESTION_INTENTS if name != "menu_keys"):
            wanted = [phrase for phrase in phrases_for(question, phrases) if phrase in sounds]
            for index in rng.permutation(len(wanted))[:A_QUESTION]:
                one = sounds[wanted[int(index)]]
                if one.text not in files:
                    files[one.text] = out.keep(telephone(_line_rate(one), LINES[GOOD], rng))
                out.add(Called(files[one.text], one.text, one.voice, GOOD, question))
    return out.close()


def _whole(out: _Folder, known: Sequence[Sequence[Utterance]], rng: np.random.Generator) -> int:
    for person in known:
        babble = [_line_rate(one) for one in person[:40]]
        for one in person:
            for name, sound in _voices(one, rng):
                for noise, line in LINES.items() if name is None else [(GOOD, LINES[GOOD])]:
                    audio = out.keep(telephone(sound, line, rng, babble))
                    out.add(Called(audio, one.text, one.voice, f"{noise}, {name}" if name else noise))
    return out.close()


def _voices(one: Utterance, rng: np.random.Generator) -> Iterator[tuple[str | None, Samples]]:
    """The utterance itself and, of a human being, also as other people; at 8 kHz."""
    yield None, _line_rate(one)
    if not one.voice.startswith("espeak"):
        for name, disguise in DISGUISES.items():
            yield name, voices.disguised(one.sound.astype(np.float32), disguise, rng)


def _nothing(out: _Folder, people: Sequence[Sequence[Utterance]], said: Sequence[str], rng: np.random.Generator) -> int:
    alike = {phones_of_text(phrase) for phrase in said}
    for person in people:
        others = [one for one in person if one.phones not in alike and not any(phrase in one.text for phrase in said)]
        order = [others[int(index)] for index in rng.permutation(len(others)) if len(others[int(index)].text) > 1]
        for one in order[:WORDS]:
            _add_nothing(out, telephone(_line_rate(one), LINES[GOOD], rng), one.text, one.voice, "other words")
        rows = [order[at : at + 5] for at in range(WORDS, len(order) - 4, 5)][:SENTENCES]
        for row in rows:
            text, sound = "".join(one.text for one in row), telephone(_sentence(row, rng), LINES[GOOD], rng)
            _add_nothing(out, sound, text, row[0].voice, "other sentences")
    for kind, sound in _sounds(rng):
        _add_nothing(out, sound, "", "nobody", kind)
    return out.close()


def _add_nothing(out: _Folder, sound: NDArray[np.int16], text: str, speaker: str, kind: str) -> None:
    """Once with every phrase listened for, once as an answer to the menu and once to the most important question."""
    audio = out.keep(sound)
    for question in (None, "menu", "checkin_health"):
        out.add(Called(audio, text, speaker, kind, question, meaningless=True))


def _sounds(rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.int16]]]:
    for number in range(SOUNDS):
        level = rng.uniform(5, 800)
        yield "noise", pcm(noise_of("white" if number % 2 else "pink", 5 * LINE_RATE, rng) * level)
        music = telephone(np.asarray(dataset.tones(5 * LINE_RATE, rng), np.float32), LINES[GOOD], rng)
        yield "music on hold", music


def _sentence(row: Iterable[Utterance], rng: np.random.Generator) -> Samples:
    parts: list[Samples] = []
    for one in row:
        parts += [np.zeros(int(LINE_RATE * rng.uniform(0, 0.08)), np.float32), at_level(_line_rate(one))]
    return np.concatenate(parts)


def _line_rate(one: Utterance) -> Samples:
    return resample(one.sound, STUDIO_RATE, LINE_RATE)
