"""What an utterance means to the line."""

from dataclasses import dataclass
from typing import Literal, get_args

Risk = Literal["red", "orange", "yellow"]
Intent = Literal[
    "emergency", "red_flag", "fell", "unwell", "help", "yes", "no", "fine", "repeat", "wait", "human", "news",
    "activities", "contribute", "repair", "cleaning", "meals", "medicine", "transport", "company", "self_harm",
    "proxy", "refuse", "bye",
]  # fmt: skip
INTENTS: tuple[Intent, ...] = get_args(Intent)
RISK_OF: dict[Intent, Risk] = {
    "emergency": "red",
    "red_flag": "red",
    "fell": "orange",
    "self_harm": "orange",
    "unwell": "yellow",
}
"""What an intent amounts to wherever a question or a pattern does not say otherwise."""
GRAVITY: dict[Risk | None, int] = {None: 0, "yellow": 1, "orange": 2, "red": 3}


@dataclass(frozen=True, slots=True)
class Meaning:
    """How an utterance is understood; all-default when nothing matched.

    `matched` holds the stretches of the utterance that were understood, as they stand in it, in order of position.
    """

    intent: Intent | None = None
    risk: Risk | None = None
    confirm: bool = False
    """In doubt: ask for a key before acting, and tell staff if there is a risk."""
    negated: bool = False
    """A risk or a wish was heard under a negation."""
    matched: tuple[str, ...] = ()
