"""The texts and the conversations fit: nothing is said that is not written, nothing is written that is not said."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from ivr.dialog import QUESTIONS
from ivr.dialog.cases import TROUBLES
from ivr.dialog.help import CATEGORIES
from ivr.dialog.state import Outcome
from tests.dialog.texts import ROOT, SLOT, TEXTS

DIALOG = ROOT / "ivr" / "dialog"
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
OF_OTHER_ROOMS = {"silence.half"}
"""Telephony's own: the pause after a key."""
SPOKEN_CHARACTERS = 20
"""8 s at 150 characters a minute."""


def keys_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {string for string in strings if KEY.fullmatch(string)} | ({"text"} & strings)


SAID = {
    *set().union(*map(keys_in, DIALOG.glob("*.py"))),
    *(f"matter.{category}" for category in CATEGORIES),
    *(f"trouble.{category}" for category in (*TROUBLES, "other")),
}


def test_everything_the_conversations_say_is_written() -> None:
    assert SAID - TEXTS.keys() == set()


def test_everything_written_is_said_somewhere() -> None:
    assert TEXTS.keys() - SAID - OF_OTHER_ROOMS == set()


@pytest.mark.parametrize("key", [key for key in TEXTS if key != "silence.half"])
def test_a_prompt_is_short_polite_and_ends_with_a_pause(key: str) -> None:
    text = TEXTS[key]
    assert len(re.sub(r"\W", "", SLOT.sub("", text))) <= SPOKEN_CHARACTERS
    assert "你" not in text
    assert "亲" not in text
    assert key.startswith(("matter.", "trouble.")) or key == "text" or text[-1] in "。？："


def test_the_scripts_of_the_service_are_said_word_for_word() -> None:
    said = "".join(TEXTS[key] for key in ("greeting.hello", "greeting.recorded", "menu.urgent", "menu.help"))
    assert (
        said
        == "您好，常熟老干部局彩虹桥热线。我是自动电话，通话会录音。身体难受、有急事，请按1。要办事、要人上门，请按2。"
    )
    assert TEXTS["urgent.nobody"] == "值班同志暂时没接到。请您挂机，马上拨120。"
    assert TEXTS["readback.noted"] + TEXTS["readback.ask"] == "我记下了：{matter}。对的，请按1；不对，请按2。"
    assert TEXTS["more.ask"] == "还有别的事，请按2；没有了，请按1。"
    assert TEXTS["bye.noted"] == "都记好了。谢谢您，保重身体，再见。"


@pytest.mark.parametrize("name", [*QUESTIONS, *get_args(Outcome), *CATEGORIES])
def test_every_question_outcome_and_category_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "conversations.md").read_text(encoding="utf-8")
