"""Which phrases the line listens for after each of its questions.

The fewer there are, the better each is told from the others; but what may be said anywhere, a danger above all, is
listened for everywhere.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from speech.engine import Engine, NoEngine
from speech.understanding import INTENTS, Intent
from speech.understanding.files import read, words

EVERYWHERE: tuple[Intent, ...] = (
    "emergency", "red_flag", "fell", "self_harm", "unwell", "help", "human", "repeat", "wait",
)  # fmt: skip
_WISHES: tuple[Intent, ...] = (
    "news", "activities", "contribute", "repair", "cleaning", "meals", "medicine", "transport", "company", "proxy",
)  # fmt: skip
_LEAVE: tuple[Intent, ...] = ("bye", "refuse")
_ANSWER: tuple[Intent, ...] = ("yes", "no", "fine")
_CHECK_IN: tuple[Intent, ...] = (*_ANSWER, "proxy", *_LEAVE)

QUESTION_INTENTS: dict[str, tuple[Intent, ...]] = {
    "menu": (*_WISHES, *_LEAVE, "no", "fine"),
    "menu_keys": (),
    "listen_menu": (*_WISHES, *_LEAVE, "no", "fine"),
    "bulletin": (*_WISHES, *_LEAVE, *_ANSWER),
    "activity": (*_WISHES, *_LEAVE, *_ANSWER),
    "help_message": (*_WISHES, *_LEAVE, *_ANSWER),
    "help_category": _WISHES,
    "help_readback": (*_WISHES, "yes", "no"),
    "more": (*_WISHES, *_LEAVE, *_ANSWER),
    "risk_confirm": _ANSWER,
    "urgent_wait": (*_LEAVE, *_ANSWER),
    "message": (*_LEAVE, *_ANSWER),
    "standby": (*_WISHES, *_LEAVE, *_ANSWER),
    "checkin_identity": _CHECK_IN,
    "checkin_relative": _CHECK_IN,
    "checkin_when": (),
    "checkin_health": _CHECK_IN,
    "checkin_falls": _CHECK_IN,
    "checkin_meals": (*_CHECK_IN, "meals"),
    "checkin_help": (*_CHECK_IN, *_WISHES),
    "checkin_mood": (*_CHECK_IN, "company"),
    "checkin_medicine": (*_CHECK_IN, "medicine"),
    "case_offer": (),
    "case_still": (),
    "case_details": (),
    "case_report": (),
}
"""What answers each question, beside what may be said everywhere."""


def phrases_for(question: str, phrases: Mapping[Intent, Sequence[str]]) -> list[str]:
    """The phrases to listen for after `question`, each once; every phrase there is for an unknown question.

    `phrases` are the line's, by intent; what is understood after that question only is added to them.
    """
    wanted = {*EVERYWHERE, *QUESTION_INTENTS.get(question, INTENTS)}
    chosen = [phrase for intent in INTENTS if intent in wanted for phrase in phrases.get(intent, ())]
    return list(dict.fromkeys([*chosen, *_own_phrases().get(question, ())]))


def prepare_all(engine: Engine | NoEngine, phrases: Mapping[Intent, Sequence[str]]) -> tuple[str, ...]:
    """Prepare a grammar for every question, under its name; the phrases that the model has no words for.

    Raises WorkerError when no worker is up.
    """
    uncut: dict[str, None] = {}
    for question in QUESTION_INTENTS:
        uncut |= dict.fromkeys(engine.prepare(question, phrases_for(question, phrases)).uncut)
    return tuple(uncut)


@cache
def _own_phrases() -> dict[str, list[str]]:
    """What is understood after one question only, by question, as it is said."""
    questions: dict[str, dict[str, Any]] = read("questions.yaml")["questions"]
    return {
        question: [word for listed in entry.get("phrases", {}).values() for word in words(listed)]
        for question, entry in questions.items()
    }
