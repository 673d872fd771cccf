"""The words of a conversation: what can happen, what the line says next, and what it wants done.

Everything here is a frozen value that survives JSON, because state, turns and effects are stored with the call,
and, when the database is away, in the journal.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Urgency = Literal["red", "orange", "yellow", "normal"]
CheckInResult = Literal[
    "fine", "relative_fine", "concern", "silent", "unclear", "refused", "later", "hung_up", "machine"
]


class Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- What the call may know: a snapshot taken when it starts -------------------------------------------------------


class Caller(Value):
    """A person of the roster, as far as a conversation needs to know them."""

    person_id: int
    address_as: str
    slow: bool = False
    records: bool = True
    """False: this person did not consent to recording, so only messages they leave on purpose are kept."""


class Officer(Value):
    """Somebody who can be rung for a caller; the order in the context is the order of ringing."""

    staff_id: int | None
    name: str
    phone: str


class Item(Value):
    """A bulletin or an activity. `text` is read out as it stands."""

    id: int
    title: str
    text: str


class CheckInBrief(Value):
    """The question of the day for one person: how are you?"""

    check_in_id: int
    address_as: str
    weekly: bool = False
    """The two weekly questions, mood and medicine, are asked as well."""
    opening: str | None = None
    """The opening sentence of an extra round, spoken after the greeting."""
    greeting: Literal["birthday", "double_ninth"] | None = None


class CaseBrief(Value):
    """A case of an escalation, as the helper who is asked to take it hears it."""

    escalation_id: int
    person: str
    address_as: str
    matter: str
    urgency: Urgency
    minutes: int = Field(ge=0)
    """Whole minutes since it was opened."""
    phone: str | None = None
    """In E.164; read out digit by digit."""
    address: str = ""
    taken: bool = False
    """Whom we ring has it already: the question is whether it is resolved."""


class Context(Value):
    """What the conversation knows about the world. Snapshot at the start of the call; never changes during it."""

    started_at: datetime
    number: str | None = None
    """The caller's number in E.164; None when it is withheld or is not a number."""
    caller: Caller | None = None
    officers: tuple[Officer, ...] = ()
    bulletins: tuple[Item, ...] = ()
    activities: tuple[Item, ...] = ()
    person_first: bool = False
    """Ring a person before the menu (office hours, when so configured)."""
    speech: bool = False
    """A recogniser is listening: turns may be answered by voice, and the line says so."""
    check_in: CheckInBrief | None = None
    """We rang them, and this is why."""
    pending: CheckInBrief | None = None
    """They rang us, and their check-in of today is still open."""
    case: CaseBrief | None = None
    """We rang a helper, and this is why."""
    cases: tuple[CaseBrief, ...] = ()
    """A helper rings us: what they have taken and not resolved, the oldest first."""


# --- Events --------------------------------------------------------------------------------------------------------

KEYS = "0123456789*#"


class CallStarted(Value):
    type: Literal["call_started"] = "call_started"


class Key(Value):
    type: Literal["key"] = "key"
    key: str = Field(pattern=r"^[0-9*#]$")


class Heard(Value):
    """What an utterance means, as understanding reads it; intents are the keys of the phrases file."""

    intent: str | None = None
    risk: Literal["red", "orange", "yellow"] | None = None
    confirm: bool = False
    """In doubt: ask for a key before acting on it."""
    negated: bool = False


class Utterance(Value):
    """Somebody said something. `text` is None when it could not be, or has not yet been, understood."""

    type: Literal["utterance"] = "utterance"
    text: str | None = None
    confidence: float | None = None
    meaning: Heard | None = None
    recording_sid: str | None = None
    seconds: float | None = None
    key: str | None = Field(None, pattern=r"^[0-9*#]$")
    """The key that ended it, if one did."""


class Silence(Value):
    type: Literal["silence"] = "silence"


class TransferResult(Value):
    type: Literal["transfer_result"] = "transfer_result"
    outcome: Literal["answered", "busy", "no_answer", "failed"]
    seconds: int = 0


class MachineAnswered(Value):
    """The network tells us that a machine, a fax or a call assistant has picked up a call that we placed."""

    type: Literal["machine_answered"] = "machine_answered"


class Hangup(Value):
    """The caller has gone, or the network has ended the call."""

    type: Literal["hangup"] = "hangup"


Event = Annotated[
    CallStarted | Key | Utterance | Silence | TransferResult | MachineAnswered | Hangup, Field(discriminator="type")
]

# --- Turns ---------------------------------------------------------------------------------------------------------


class Prompt(Value):
    """An entry of prompts/<language>/texts.yaml. A slot whose value starts with "@" names another entry."""

    key: str
    slots: dict[str, str] = {}


class Listen(Value):
    """Wait for a key, or for speech if `speech`; `kind` decides how long silence must be to end an utterance."""

    type: Literal["listen"] = "listen"
    question: str
    """What is being asked; understanding and grammars are chosen by it."""
    kind: Literal["yes_no", "menu", "message"]
    keys: str
    speech: bool = False


class Dial(Value):
    """Ring an officer and put the two through to each other."""

    type: Literal["dial"] = "dial"
    officer: Officer


class HangUp(Value):
    """End the call; only ever because the caller said so."""

    type: Literal["hang_up"] = "hang_up"


class Turn(Value):
    """One thing the line does: say, then listen, dial or hang up. Numbers count from 1 within a call."""

    number: int
    say: tuple[Prompt, ...]
    then: Annotated[Listen | Dial | HangUp, Field(discriminator="type")]
    slow: bool = False
    after_key: bool = False
    """The caller has just pressed a key: leave half a second for the handset to come back to the ear."""


# --- Effects -------------------------------------------------------------------------------------------------------


class OpenRequest(Value):
    """Somebody needs something. `ref` names the request within its call, so that opening it twice is harmless."""

    type: Literal["open_request"] = "open_request"
    ref: str
    category: str
    urgency: Urgency
    reason: str
    """Why it was opened, as a code such as `menu_urgent`, `red_flag`, `message`, `hung_up_in_help`."""


class UpdateRequest(Value):
    """What has become known about a request of this call since it was opened; None leaves a value as it is."""

    type: Literal["update_request"] = "update_request"
    ref: str
    category: str | None = None
    urgency: Urgency | None = None
    confirmed: bool | None = None
    recording_sid: str | None = None
    transcript: str | None = None
    activity_id: int | None = None


class FlagRisk(Value):
    """Something that may be a danger was heard; staff see it even when the caller then says all is well."""

    type: Literal["flag_risk"] = "flag_risk"
    risk: Literal["red", "orange", "yellow"]
    text: str
    certain: bool


class SetSpeechRate(Value):
    type: Literal["set_speech_rate"] = "set_speech_rate"
    slow: bool


class BulletinHeard(Value):
    type: Literal["bulletin_heard"] = "bulletin_heard"
    bulletin_id: int
    completed: bool


class TransferEnded(Value):
    type: Literal["transfer_ended"] = "transfer_ended"
    officer: Officer
    outcome: Literal["answered", "busy", "no_answer", "failed", "caller_left"]
    seconds: int = 0
    ref: str | None = None
    """The request that the transfer was for."""


class CheckInAnswered(Value):
    """One question of a check-in was answered; `question` is without its `checkin_`, such as `health`."""

    type: Literal["check_in_answered"] = "check_in_answered"
    question: str
    answer: Literal["fine", "not_fine"]
    by: Literal["person", "relative"] = "person"
    flag: Urgency | None = None


class CheckInEnded(Value):
    """The conversation about a check-in is over: exactly one in every conversation that we rang somebody up for."""

    type: Literal["check_in_ended"] = "check_in_ended"
    result: CheckInResult
    flag: Urgency | None = None
    ref: str | None = None
    """The request of this call that the check-in joins."""


class CaseTaken(Value):
    """The helper on the line has taken the case."""

    type: Literal["case_taken"] = "case_taken"
    escalation_id: int


class CaseResolved(Value):
    """The helper on the line says that the case is done with."""

    type: Literal["case_resolved"] = "case_resolved"
    escalation_id: int


class EndCall(Value):
    """The conversation is over; `outcome` is what the call log shows, such as `request_taken` or `hung_up_in_menu`."""

    type: Literal["end_call"] = "end_call"
    outcome: str


Effect = Annotated[
    OpenRequest
    | UpdateRequest
    | FlagRisk
    | SetSpeechRate
    | BulletinHeard
    | TransferEnded
    | CheckInAnswered
    | CheckInEnded
    | CaseTaken
    | CaseResolved
    | EndCall,
    Field(discriminator="type"),
]
