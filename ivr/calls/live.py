"""The calls in progress, in memory: what a conversation goes on from, whether or not the database is there."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from care_records.models import Call
from ivr.calls.record import BEFORE, Leg, StepRecord
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
    before: State | None = None
    """Where it stood when it was ended by a hang-up, or because of a machine."""

    @classmethod
    def after(cls, record: StepRecord) -> "Conversation":
        return cls(record.sid, record.leg, record.context, record.state, record.turn, record.at, record.before)

    @classmethod
    def stored(cls, call: Call, outbound_id: int | None) -> "Conversation":
        """As the records have it; `outbound_id` is the row of a call that the line has placed."""
        leg = Leg(
            direction=call.direction.value,
            from_number=call.from_number,
            to_number=call.to_number,
            outbound_id=outbound_id,
        )
        stored = dict(call.state)
        before = stored.pop(BEFORE, None)
        return cls(
            call.sid,
            leg,
            Context.model_validate(call.context),
            State.model_validate(stored),
            Turn.model_validate(call.turn),
            call.updated_at,
            State.model_validate(before) if before else None,
        )


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
