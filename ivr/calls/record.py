"""What is written down about a call, as values: each is exactly what one transaction applies to the records.

The same value goes to the database or, when the database refuses, to the journal as a line of JSON. It carries all that
is needed to apply it to a database that has never heard of the call.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ivr.dialog.model import Context, Effect, Event, Key, Turn, Utterance, Value
from ivr.dialog.state import State

Direction = Literal["inbound", "outbound"]

BEFORE = "before"
"""Key, beside those of the state, under which a call that is over keeps where it stood when it was ended."""


class Leg(Value):
    """Who rings whom, in the provider's words, unchecked."""

    direction: Direction = "inbound"
    from_number: str | None = None
    to_number: str | None = None
    outbound_id: int | None = None
    """The row of a call that the line has placed."""

    @property
    def far_number(self) -> str | None:
        """The number at the far end: the person's, whoever rang whom."""
        return self.from_number if self.direction == "inbound" else self.to_number


class Said(Value):
    """A prompt as the caller heard it."""

    key: str
    text: str


class Answered(Value):
    """A turn that has got its answer: what the line said, what it asked, and since when it waited."""

    number: int
    said: tuple[Said, ...]
    asked: str | None
    sent_at: datetime


class StepRecord(Value):
    """One step of a conversation. Applied once, however often it arrives: (sid, turn.number) names it."""

    kind: Literal["step"] = "step"
    sid: str
    leg: Leg
    context: Context
    answered: Answered | None
    """None for a step that answers no turn: the start of a conversation."""
    event: Event
    effects: tuple[Effect, ...]
    matters: dict[str, str]
    """事项 in words, for each category that the effects mention."""
    state: State
    turn: Turn
    before: State | None = None
    """Where the conversation stood when this step ended it, not by what was said: a hang-up, or a machine."""
    late: bool = False
    """The event arrived after the hang-up and answers the turn before it: what it asks for is done all the same."""
    recording_url: str | None = None
    """Where the provider keeps the recording that the event names."""
    at: datetime

    @property
    def key(self) -> str | None:
        """The key that was pressed, alone or at the end of what was said."""
        return self.event.key if isinstance(self.event, Key | Utterance) else None

    @property
    def stored_state(self) -> dict[str, Any]:
        """The state as the call keeps it."""
        before = {BEFORE: self.before.model_dump(mode="json")} if self.before else {}
        return self.state.model_dump(mode="json") | before


class StatusRecord(Value):
    """What the provider said about the call as such: any order, any number of times."""

    kind: Literal["status"] = "status"
    sid: str
    status: str
    duration_s: int | None
    outbound_id: int | None = None
    """The row of a call that the line has placed."""
    at: datetime


class RecordingRecord(Value):
    """A recording to be fetched that no step brings along, such as one whose caller has already gone."""

    kind: Literal["recording"] = "recording"
    sid: str
    recording_sid: str
    url: str
    turn_number: int | None = None
    """The turn that it answers, where that is known."""
    at: datetime


Record = Annotated[StepRecord | StatusRecord | RecordingRecord, Field(discriminator="kind")]

parse: Callable[[bytes], Record] = TypeAdapter[Record](Record).validate_json
"""A line of the journal. Raises pydantic.ValidationError."""
