"""How whoever picks up a telephone behaves: what they press at which question, and when they leave."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from random import Random
from typing import Literal

from ivr.dialog.model import Dial, Event, HangUp, Key, Listen, Silence, TransferResult, Turn, Utterance

HANG_UP: Literal["hang_up"] = "hang_up"
Reaction = Event | Literal["hang_up"]

_MESSAGES = ("help_message", "message", "standby")
ONE = Key(key="1")
_MOST_TURNS = 25
"""Nobody stays on the line for ever."""


@dataclass(frozen=True)
class Manner:
    """One way of answering. Every question that is not named gets `otherwise`: a key, or what is no answer."""

    says: Mapping[str, Reaction] = field(default_factory=dict)
    otherwise: Reaction = ONE
    officers_answer: bool = True
    """Whether an officer who is put through to them picks up."""

    def reactions(self) -> Callable[[Turn], Reaction]:
        """What they do at each turn of one call."""
        left: Iterator[None] = repeat(None, _MOST_TURNS)

        def react(turn: Turn) -> Reaction:
            if isinstance(turn.then, HangUp) or next(left, HANG_UP) == HANG_UP:
                return HANG_UP
            if isinstance(turn.then, Dial):
                return TransferResult(outcome="answered" if self.officers_answer else "no_answer", seconds=60)
            return self._answer(turn.then)

        return react

    def _answer(self, listen: Listen) -> Reaction:
        if listen.question in self.says:
            return self.says[listen.question]
        if listen.question in _MESSAGES and self.otherwise == ONE:
            return Utterance(recording_sid=None, seconds=4.0, key="1")
        return self.otherwise


def _pressing(**keys: str) -> Manner:
    """Keys by question, without their `checkin_`; 1 to all the others."""
    return Manner({f"checkin_{question}": Key(key=key) for question, key in keys.items()})


def _leaving_at(question: str) -> Manner:
    return Manner({question: HANG_UP})


def _saying(question: str, text: str) -> Manner:
    return Manner({question: Utterance(text=text, confidence=0.95, seconds=3.0)})


# What can happen when a check-in call is picked up; the weights say how often, out of 1000.
ANSWERS: Mapping[str, tuple[int, Manner]] = {
    "fine": (842, Manner()),
    "fine, leaves early": (30, _leaving_at("checkin_meals")),
    "fine, in words": (20, _saying("checkin_health", "都好")),
    "leaves at once": (22, _leaving_at("checkin_identity")),
    "relative: fine": (20, _pressing(identity="2", relative="1")),
    "relative: not fine": (2, _pressing(identity="2", relative="2")),
    "unwell": (5, _pressing(health="2")),
    "fell": (5, _pressing(falls="2")),
    "fell, in words": (3, _saying("checkin_health", "我摔了一跤，爬不起来")),
    "eats badly": (8, _pressing(meals="2")),
    "in low spirits": (4, _pressing(mood="2")),
    "out of medicine": (4, _pressing(medicine="2")),
    "wants help": (6, _pressing(help="2")),
    "silent": (5, Manner(otherwise=Silence())),
    "presses anything": (4, Manner(otherwise=Key(key="7"))),
    "not today": (6, _pressing(identity="#", when="2")),
    "later": (14, _pressing(identity="#", when="1")),
}
MACHINE = Manner(otherwise=Silence())

# What a helper does who has picked up; out of 100.
HELPERS: Mapping[str, tuple[int, Manner]] = {
    "takes it": (55, Manner({"case_details": HANG_UP, "case_still": Key(key="1")})),
    "takes it, and has it done": (20, Manner({"case_details": Key(key="2"), "case_still": Key(key="2")})),
    "presses nothing": (12, Manner(otherwise=Silence())),
    "leaves": (13, Manner(otherwise=HANG_UP)),
}
REPORTS_DONE = Manner({"case_report": Key(key="2"), "menu": HANG_UP})
RINGS_BACK = Manner({"menu": Key(key="3"), "listen_menu": Key(key="1"), "bulletin": Key(key="#"), "more": Key(key="1")})
"""Somebody who has missed the call rings the line, hears a bulletin, and is asked how they are before the farewell."""
RINGS_FOR_HELP = Manner({"menu": Key(key="1"), "urgent_wait": HANG_UP}, officers_answer=False)


def choose(random: Random, table: Mapping[str, tuple[int, Manner]]) -> tuple[str, Manner]:
    names = list(table)
    name = random.choices(names, [table[name][0] for name in names])[0]
    return name, table[name][1]
