"""A folder of utterances: one file of 16-bit samples and one of labels, written whole or not at all."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SOUND, _LABELS = "sound.s16", "labels.jsonl"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said: its text (or pinyin), its sound (16-bit samples) and whose voice it is."""

    text: str
    phones: tuple[str, ...]
    sound: NDArray[np.int16]
    voice: str


class Corpus:
    """The utterances in `folder`; their sound stays on disk until it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows = [json.loads(line) for line in (folder / _LABELS).read_text("utf-8").splitlines()]
        empty = (folder / _SOUND).stat().st_size == 0
        self._sound = np.zeros(0, "<i2") if empty else np.memmap(folder / _SOUND, "<i2", "r")

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Utterance:
        row = self._rows[index]
        sound = np.asarray(self._sound[row["at"] : row["at"] + row["samples"]])
        return Utterance(row["text"], tuple(row["phones"].split()), sound, row["voice"])

    def __iter__(self) -> Iterator[Utterance]:
        return (self[index] for index in range(len(self)))

    def texts(self) -> list[str]:
        return [row["text"] for row in self._rows]

    @property
    def samples(self) -> int:
        return len(self._sound)


def write(folder: Path, utterances: Iterable[Utterance]) -> Corpus:
    """Write `utterances` as the corpus in `folder`, replacing what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    position, rows = 0, []
    with (folder / f"{_SOUND}.part").open("wb") as sound:
        for utterance in utterances:
            sound.write(utterance.sound.astype("<i2").tobytes())
            row = {"text": utterance.text, "phones": " ".join(utterance.phones), "voice": utterance.voice}
            rows.append(json.dumps(row | {"at": position, "samples": len(utterance.sound)}, ensure_ascii=False))
            position += len(utterance.sound)
    (folder / f"{_SOUND}.part").replace(folder / _SOUND)
    (folder / _LABELS).write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return Corpus(folder)
