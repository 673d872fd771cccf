"""The calls in progress, in memory: what a conversation goes on from, whether or not the database is there."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from care_records.models import Call
from ivr.calls.record import Leg, StepRecord
from ivr.dialog.model import Context, Turn
from ivr.dialog.state import State


@dataclass(frozen=True)
class Conversation:
    """A call between two steps. `turn` has been sent at `sent_at` and waits for its answer."""

    sid: str
    leg: Leg
    context: Context
    state: State
    turn: Turn
    sent_at: datetime

    @classmethod
    def after(cls, record: StepRecord) -> "Conversation":
        return cls(record.sid, record.leg, record.context, record.state, record.turn, record.at)

    @classmethod
    def stored(cls, call: Call) -> "Conversation":
        leg = Leg(direction=call.direction.value, from_number=call.from_number, to_number=call.to_number)
        context, state = Context.model_validate(call.context), State.model_validate(call.state)
        return cls(call.sid, leg, context, state, Turn.model_validate(call.turn), call.updated_at)


class LiveCalls:
    """The most recently used conversations, bounded."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._calls: OrderedDict[str, Conversation] = OrderedDict()
        self._lock = Lock()

    def get(self, sid: str) -> Conversation | None:
        with self._lock:
            if sid in self._calls:
                self._calls.move_to_end(sid)
            return self._calls.get(sid)

    def put(self, conversation: Conversation) -> None:
        with self._lock:
            self._calls[conversation.sid] = conversation
            self._calls.move_to_end(conversation.sid)
            if len(self._calls) > self._size:
                self._calls.popitem(last=False)
