"""What a flow decides: the next state, what is said on the way there, and what is to be done about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ivr.dialog.answers import Answer
from ivr.dialog.model import Context, Effect, EndCall, OpenRequest, Prompt, Urgency
from ivr.dialog.state import Danger, QuestionName, State


@dataclass(frozen=True, slots=True)
class Move:
    """Go where `state.place` says, saying `say` first. `asking` is how much of the question there is read out."""

    state: State
    say: tuple[Prompt, ...] = ()
    effects: tuple[Effect, ...] = ()
    asking: Literal["all", "keys", "nothing"] = "all"
    settles: bool = True
    """False: still the same question, so its misses and what led to it are kept."""

    def doing(self, *effects: Effect) -> "Move":
        """The same move, with these effects before its own."""
        return replace(self, effects=(*effects, *self.effects))


@dataclass(frozen=True, slots=True)
class Question:
    """Something the line asks. `answer` returns None when the answer is none to this question."""

    name: QuestionName
    kind: Literal["yes_no", "menu", "message"]
    keys: str
    """The keys it offers; 0, * and # work everywhere besides."""
    ask: Callable[[State, Context], tuple[Prompt, ...]]
    remind: tuple[Prompt, ...]
    """The same in few words and keys only, after two misses."""
    answer: Callable[[State, Context, Answer], Move | None]
    keys_only: bool = False
    worry: Callable[[State, Context, Danger, Answer], Move | None] | None = None
    """What a danger amounts to as an answer to this question; None when to nothing else than anywhere."""
    exhausted: Callable[[State, Context, Answer], Move] | None = None
    """What the third miss leads to, if not to what it leads to in every such call."""

    @property
    def takes_message(self) -> bool:
        return self.kind == "message"


def say(*keys: str) -> tuple[Prompt, ...]:
    return tuple(Prompt(key=key) for key in keys)


def asks(*keys: str) -> Callable[[State, Context], tuple[Prompt, ...]]:
    """A question that is put the same way whatever has happened."""
    prompts = say(*keys)
    return lambda _state, _context: prompts


def goodbye(state: State, words: tuple[Prompt, ...]) -> Move:
    """The last words, then the line hangs up."""
    return Move(state.but(place="over"), words, (EndCall(outcome=state.outcome),))


def open_request(state: State, category: str, urgency: Urgency, reason: str) -> tuple[State, OpenRequest]:
    """The next request of this call: r1, r2, …"""
    ref = f"r{state.opened + 1}"
    request = OpenRequest(ref=ref, category=category, urgency=urgency, reason=reason)
    return state.but(opened=state.opened + 1), request
