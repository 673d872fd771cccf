"""Conversations that are written down in two pieces, and not after every turn: what makes a simulated year quick.

The conversation itself is the real one, and so is each piece: a record as the journal keeps it for a database that is
away. Production writes every turn. So does every tenth conversation here, and so do the tests of calls and those of
the moments at which the line can die.
"""

from typing import Any, Final
from zlib import crc32

from ivr.calls import CallService
from ivr.calls.live import Conversation
from ivr.calls.record import Record, StepRecord
from ivr.dialog.model import CheckInAnswered, Effect, Listen

IN_FULL: Final = 10
"""Of so many conversations, one is written turn by turn."""


class WholeConversations(CallService):
    """Keeps turns back in which nothing but an answer was given; they are written with the next one that matters."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._held: dict[str, tuple[Effect, ...]] = {}

    def _keep(self, *records: Record) -> None:
        first = records[0]
        if len(records) == 1 and isinstance(first, StepRecord) and _can_wait(first):
            self._held[first.sid] = (*self._held.get(first.sid, ()), *first.effects)
            self._live.put(Conversation.after(first))
            return
        if isinstance(first, StepRecord) and first.sid in self._held:
            first = first.model_copy(update={"effects": (*self._held.pop(first.sid), *first.effects)})
        super()._keep(first, *records[1:])


def _can_wait(record: StepRecord) -> bool:
    """Nobody has to know of it before the conversation goes on."""
    if crc32(record.sid.encode()) % IN_FULL == 0:
        return False
    answers = all(isinstance(effect, CheckInAnswered) and effect.flag is None for effect in record.effects)
    return answers and record.answered is not None and isinstance(record.turn.then, Listen)
