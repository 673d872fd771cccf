"""The line understands people who have never seen its phrases: see sentences/*.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.understanding import load_understanding
from speech.understanding import Meaning, Understanding

FILES = sorted((Path(__file__).parent / "sentences").glob("*.yaml"))
KNOWN = frozenset(yaml.safe_load((Path(__file__).parent / "known_misses.yaml").read_text(encoding="utf-8")))
"""Sentences that are still misunderstood; the list may only become shorter."""
MOST_KNOWN = 36


@dataclass(frozen=True)
class Sentence:
    text: str
    question: str | None
    expected: dict[str, Any]

    def misunderstood(self, meaning: Meaning) -> str | None:
        """What is wrong with `meaning`; None when it is as expected."""
        wrong = {
            field: getattr(meaning, field)
            for field, value in self.expected.items()
            if getattr(meaning, field) not in (value if isinstance(value, list) else [value])
        }
        return f"{self.question or ''} {self.text}: {wrong}, expected {self.expected}" if wrong else None

    @property
    def risky(self) -> bool:
        return bool({"red", "orange"} & set(_listed(self.expected.get("risk"))))

    @property
    def harmless(self) -> bool:
        return "risk" in self.expected and set(_listed(self.expected["risk"])) <= {None, "yellow"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _sentences(*files: Path) -> Iterator[Sentence]:
    for file in files:
        for group in yaml.safe_load(file.read_text(encoding="utf-8")):
            for text in group["say"]:
                yield Sentence(text, group.get("state"), group["expect"])


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return load_understanding("zh_CN")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_sentence_is_understood_as_expected(understanding: Understanding, file: Path) -> None:
    heard = ((sentence, understanding.understand(sentence.text, sentence.question)) for sentence in _sentences(file))
    faults = [(sentence.text, fault) for sentence, meaning in heard if (fault := sentence.misunderstood(meaning))]
    wrong = [fault for text, fault in faults if text not in KNOWN]
    assert not wrong, "\n".join(wrong)


def test_no_red_or_orange_risk_is_missed(understanding: Understanding) -> None:
    risky = [sentence for sentence in _sentences(*FILES) if sentence.risky]
    missed = [s.text for s in risky if understanding.understand(s.text, s.question).risk not in ("red", "orange")]
    assert len(risky) > 600
    assert set(missed) <= KNOWN


def test_ordinary_sentences_raise_no_alarm(understanding: Understanding) -> None:
    harmless = [sentence for sentence in _sentences(*FILES) if sentence.harmless]
    alarms = [s.text for s in harmless if understanding.understand(s.text, s.question).risk in ("red", "orange")]
    assert len(harmless) > 500
    assert set(alarms) <= KNOWN


def test_the_list_of_known_misses_does_not_grow() -> None:
    assert len(KNOWN) <= MOST_KNOWN


def test_nobody_in_danger_is_heard_to_be_fine(understanding: Understanding) -> None:
    for sentence in (sentence for sentence in _sentences(*FILES) if sentence.risky):
        for question in understanding.questions:
            meaning = understanding.understand(sentence.text, question)
            assert not (meaning.intent == "fine" and not meaning.confirm), (question, sentence.text)
