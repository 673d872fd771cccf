"""A model's figures are those of the turns: what was meant, and what the line took it for."""

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from speech.engine import Prepared, Recognition
from speech.evaluation.doctor import Report, examine, what_to_say
from speech.evaluation.evaluate import Outcome, evaluate, summaries, summary
from speech.evaluation.manifest import Labelled
from speech.grammars import prepare_all
from speech.understanding import INTENTS, Meaning

PHRASES = dict.fromkeys(INTENTS, ()) | {"fine": ("没事", "都好"), "fell": ("摔了",), "news": ("听新闻",)}
MEANING = {phrase: intent for intent, listed in PHRASES.items() for phrase in listed}


class Ears:
    """Hears what a recording's bytes say; `|` parts what is said from what is heard."""

    def __init__(self, grammars: bool = True) -> None:
        self.facts = SimpleNamespace(grammars=grammars)
        self.prepared: dict[str, list[str]] = {}
        self.asked: list[str | None] = []

    def prepare(self, name: str, phrases: Iterable[str]) -> Prepared:
        self.prepared[name] = list(phrases)
        return Prepared(name, "[…]", {}, ("覅",))

    def recognise(self, audio: bytes, name: str | None) -> Recognition:
        self.asked.append(name)
        heard = audio.decode(errors="ignore").partition("|")[2].rstrip("\0") or None
        return Recognition(heard, cost_ms=50.0, audio_s=2.0, failure="timeout" if heard == "!" else None)


class Brain:
    def understand(self, text: str, question: str | None = None) -> Meaning:
        return Meaning(MEANING.get(text), "orange" if text == "摔了" else None)


def recording(folder: Path, text: str, heard: str, **labels: Any) -> Labelled:
    path = folder / f"{text}-{heard}.wav"
    path.write_text(f"RAW|{heard}")
    return Labelled(path, text, **labels)


def outcomes(folder: Path, ears: Ears, *recordings: Labelled) -> list[Outcome]:
    return list(evaluate(ears, Brain(), PHRASES, recordings))  # type: ignore[arg-type]


def test_a_turn_is_right_when_its_intent_is(tmp_path: Path) -> None:
    ears = Ears()
    found = outcomes(
        tmp_path, ears,
        recording(tmp_path, "没事", "都好", question="menu"),
        recording(tmp_path, "没事", "摔了", question="menu"),
        recording(tmp_path, "摔了", "", question="checkin_falls"),
        recording(tmp_path, "天气不错", "没事", question="menu"),
        recording(tmp_path, "天气真好", ""),
    )  # fmt: skip
    assert [(o.intent, o.heard_intent, o.right) for o in found] == [
        ("fine", "fine", True), ("fine", "fell", False), ("fell", None, False),
        (None, "fine", False), (None, None, True),
    ]  # fmt: skip
    assert ears.asked == ["menu", "menu", "checkin_falls", "menu", "any question"]
    assert "听新闻" in ears.prepared["menu"]
    assert "听新闻" not in ears.prepared["checkin_falls"]
    assert "听新闻" in ears.prepared["any question"]


def test_what_the_manifest_says_was_meant_counts_for_more_than_the_words(tmp_path: Path) -> None:
    found = outcomes(tmp_path, Ears(), recording(tmp_path, "没事", "没事", intent=None, judged=True))
    assert (found[0].intent, found[0].right) == (None, False)


def test_a_model_without_grammars_takes_dictation(tmp_path: Path) -> None:
    ears = Ears(grammars=False)
    outcomes(tmp_path, ears, recording(tmp_path, "没事", "没事", question="menu"))
    assert ears.asked == [None]
    assert ears.prepared == {}


def test_a_summary_counts_what_was_missed_mistaken_and_made_up(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path, Ears(),
        recording(tmp_path, "没事", "没事"), recording(tmp_path, "听新闻", "听新闻"),
        recording(tmp_path, "没事", "摔了"), recording(tmp_path, "摔了", ""),
        recording(tmp_path, "天气", "没事"), recording(tmp_path, "天", ""), recording(tmp_path, "气", "!"),
    )  # fmt: skip
    figures = summary("all", found)
    assert (figures.right.count, figures.right.of) == (4, 7)
    assert (figures.wrong.count, figures.wrong.of) == (1, 4)
    assert (figures.false_rejects.count, figures.false_rejects.of) == (1, 4)
    assert (figures.false_accepts.count, figures.false_accepts.of) == (1, 3)
    assert figures.character_errors == pytest.approx((2 + 2) / 9)
    assert figures.real_time_factor == pytest.approx(0.025)
    assert figures.failures == 1


def test_a_danger_that_is_made_light_of_is_told_from_one_that_is_missed(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path, Ears(),
        recording(tmp_path, "摔了", "没事"), recording(tmp_path, "摔了", "听新闻"),
        recording(tmp_path, "摔了", ""), recording(tmp_path, "摔了", "摔了"), recording(tmp_path, "没事", "没事"),
    )  # fmt: skip
    figures = summary("all", found)
    assert (figures.dangers.count, figures.dangers.of) == (1, 4)
    assert (figures.belittled.count, figures.belittled.of) == (1, 4)
    assert [outcome.heard for outcome in found if outcome.belittled] == ["没事"]


def test_a_few_phrases_can_be_listened_for_alone(tmp_path: Path) -> None:
    ears = Ears()
    list(evaluate(ears, Brain(), PHRASES, [recording(tmp_path, "没事", "", question="menu")], ["没事"]))  # type: ignore[arg-type]
    assert ears.prepared == {"menu": ["没事"]}


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("speaker", ["all", "?", "张"]),
        ("length", ["all", "2", "3-4"]),
        ("noise", ["all", "15 dB", "?"]),
        ("question", ["all", "any question", "menu"]),
        ("intent", ["all", "fine", "none"]),
        (None, ["all"]),
    ],
)
def test_figures_are_grouped(tmp_path: Path, by: Any, groups: list[str]) -> None:
    found = outcomes(
        tmp_path, Ears(),
        recording(tmp_path, "没事", "没事", speaker="张", question="menu"),
        recording(tmp_path, "天气好", "", noise="15 dB"),
    )  # fmt: skip
    rows = summaries(found, by)
    assert [row.group for row in rows] == groups
    assert sum(row.right.of for row in rows[1:]) in (0, 2)


# --- the doctor ----------------------------------------------------------------------------------------------------


def test_every_phrase_is_spoken_after_a_question_that_listens_for_it() -> None:
    spoken = what_to_say(PHRASES)
    assert [(item.phrase, item.question) for item in spoken] == [
        ("摔了", "menu"), ("没事", "menu"), ("都好", "menu"), ("听新闻", "menu"),
    ]  # fmt: skip
    assert what_to_say({"yes": ("是的", "对")}, most=1)[0].question == "bulletin"
    assert len(what_to_say(PHRASES, most=1)) == 3


def test_the_doctor_tells_heard_missed_and_mistaken_apart() -> None:
    class Scripted(Ears):
        heard = iter(["摔了", None, "没事", "没事"])

        def recognise(self, audio: bytes, name: str | None) -> Recognition:
            assert len(audio) > 16000
            return Recognition(next(self.heard), cost_ms=50.0, audio_s=2.0)

    engine: Any = Scripted()
    uncut = prepare_all(engine, PHRASES)
    assert "摔了" in engine.prepared["menu"]
    heard = tuple(examine(engine, PHRASES, what_to_say(PHRASES), lambda _: b"\x10\x00" * 8000))
    report = Report(heard, uncut, memory=1)
    assert [h.intent for h in report.heard] == ["fell", None, "fine", "fine"]
    assert [h.spoken.phrase for h in report.missed] == ["没事"]
    assert [h.spoken.phrase for h in report.mistaken] == ["听新闻"]
    assert report.uncut == ("覅",)
    assert report.real_time_factor == pytest.approx(0.025)
    assert 0 < report.lag_ms(50) <= report.lag_ms(95)
