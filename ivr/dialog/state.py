"""Where a conversation stands: everything a call remembers between two events, small and safe to store as JSON."""

from typing import Any, Literal

from ivr.dialog.model import CheckInResult, Prompt, Urgency, Value

QuestionName = Literal[
    "menu",
    "listen_menu",
    "bulletin",
    "activity",
    "help_message",
    "help_category",
    "help_readback",
    "more",
    "risk_confirm",
    "urgent_wait",
    "message",
    "standby",
    "checkin_identity",
    "checkin_relative",
    "checkin_health",
    "checkin_falls",
    "checkin_meals",
    "checkin_help",
    "checkin_mood",
    "checkin_medicine",
    "checkin_when",
    "case_offer",
    "case_still",
    "case_details",
    "case_report",
]
Place = QuestionName | Literal["dialing", "over"]

Outcome = Literal[
    "hung_up_in_menu",
    "said_goodbye",
    "listened",
    "hung_up_in_help",
    "hung_up_ringing",
    "hung_up_in_risk",
    "request_unconfirmed",
    "request_confirmed",
    "message_left",
    "callback_promised",
    "put_through",
    "silent",
    "urgent_unanswered",
    "urgent_put_through",
    CheckInResult,
    "case_taken",
    "case_resolved",
    "case_not_taken",
]
"""How a call can have ended, as the call log shows it; docs/conversations.md says what each one means."""

_NOTHING: tuple[Outcome, ...] = ("hung_up_in_menu", "said_goodbye")
_URGENT: tuple[Outcome, ...] = ("urgent_unanswered", "urgent_put_through")


class Matter(Value):
    """The matter in hand: its request is open, and it is being sorted or read back."""

    ref: str
    category: str
    activity: int | None = None
    """Index into the context's activities, for one the caller wants to take part in."""
    wrong: int = 0
    """How often the caller has said that the read-back is not right."""


class Danger(Value):
    """What was heard, or pressed, that may be a danger."""

    urgency: Literal["red", "orange", "yellow"]
    category: str
    certain: bool = True
    """False: in doubt, so a key is asked for before anybody is rung."""

    @property
    def alarming(self) -> bool:
        """Officers are rung at once."""
        return self.certain and self.urgency != "yellow"


class Alarm(Value):
    """The request for which officers are rung round and round until one of them answers."""

    ref: str
    category: str
    urgency: Urgency
    answered: bool = False


class Ringing(Value):
    """Who is being rung, what for, and what happens when nobody answers."""

    purpose: Literal["greeting", "alarm", "person", "standby"]
    ref: str | None = None
    officer: int = 0
    """Index into the context's officers."""


class Checking(Value):
    """How a check-in stands: who is on the line, what they have answered, and what has been raised."""

    identified: bool = False
    """The person themselves is on the line."""
    by: Literal["person", "relative"] = "person"
    answered: tuple[str, ...] = ()
    """Questions, without their `checkin_`."""
    fine: tuple[str, ...] = ()
    """Those of them that were answered well."""
    flag: Urgency | None = None
    """The gravest so far."""
    category: str = "check_in"
    """Of the request that is opened at the end for what was no alarm."""
    reason: str = "check_in"
    ref: str | None = None
    """The request of this call that the check-in joins."""
    result: CheckInResult | None = None
    """What the conversation has come to, where the answers alone do not say it."""
    asked: bool = False
    """The person rang the line, and was asked before the farewell."""
    reported: bool = False


class State(Value):
    """`place` is the question that has been asked, or what is being done instead of asking."""

    turn_number: int
    place: Place
    outcome: Outcome = "hung_up_in_menu"
    """What the call log would show if the call ended now."""
    slow: bool = False
    spoke: bool = False
    """The caller has pressed or said something in this call."""
    pressed: bool = False
    """They have pressed a key."""
    attended: bool = False
    """A person has been put through or is going to call back."""
    misses: int = 0
    """Silences and answers not understood, in a row, at this question."""
    starred: bool = False
    """The last event was a request to repeat; another one right after it means: slower."""
    lead: tuple[Prompt, ...] = ()
    """What was said before the question; repeated with it."""
    opened: int = 0
    """Requests opened in this call."""
    matter: Matter | None = None
    item: int = 0
    """Index of the bulletin or activity being read, or of the case being asked about."""
    alarm: Alarm | None = None
    ringing: Ringing | None = None
    danger: Danger | None = None
    resume: QuestionName = "menu"
    """Where to go on when the danger turns out to be none."""
    message_ref: str | None = None
    """The request that waits for a message."""
    rounds: int = 0
    """Silent rounds on standby since officers were last rung."""
    checking: Checking = Checking()

    @property
    def alarmed(self) -> bool:
        """There is an alarm that nobody has answered yet."""
        return self.alarm is not None and not self.alarm.answered

    def but(self, **changes: Any) -> "State":
        """A copy with these fields changed."""
        return self.model_copy(update=changes)

    def checked(self, **changes: Any) -> "State":
        """A copy whose check-in stands otherwise in these fields."""
        return self.but(checking=self.checking.model_copy(update=changes))

    def reached(self, outcome: Outcome) -> "State":
        """The later outcome counts, but an alarm is never hidden by what came after it."""
        return self if _weight(outcome) < _weight(self.outcome) else self.but(outcome=outcome)


def _weight(outcome: Outcome) -> int:
    if outcome in _NOTHING:
        return 0
    if outcome == "listened":
        return 1
    return 3 if outcome in _URGENT else 2
