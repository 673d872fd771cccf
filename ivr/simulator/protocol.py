"""What the browser phone and the network say to each other. Pure: messages in, values out, and back.

Texts are JSON objects with a `type`. Binary messages are the microphone: 16-bit little-endian PCM at 8 kHz, a tenth of
a second or so, sent only between `record` and `record_end`.

    page to network   call {caller}   key {key}   hang_up   heard {id}   officer_answers   officer_declines
    network to page   connected   play {id, sound, text, seconds}   stop   listening {seconds}   key {key, lost}
                      beep   record {seconds}   record_end {seconds, key, kept}   ring {number, seconds}   picked_up
                      ring_end {status, seconds}   problem {code, text}   ended {by, seconds}   refused {text}
"""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from ivr.simulator.events import (
    Answered,
    Beeped,
    DialEnded,
    Ended,
    Event,
    Gathering,
    KeyPressed,
    PickedUp,
    Played,
    Playing,
    Problem,
    RecordingEnded,
    RecordingStarted,
    Ringing,
)
from ivr.simulator.handset import Act, HangUp, OfficerAnswers, OfficerDeclines, Press, Voice

LONGEST_MESSAGE = 64 * 1024
"""Bytes; a second of microphone is 16 kB."""
_KEY = re.compile(r"[0-9*#]")

Message: TypeAlias = dict[str, Any]


class ProtocolError(ValueError):
    """A message that is none of the protocol's."""


@dataclass(frozen=True)
class Call:
    """Dial the line; `caller` counts the list of callers that the page was given."""

    caller: int


@dataclass(frozen=True)
class HeardSound:
    """The page has played the sound with this number to its end."""

    number: int


FromPage: TypeAlias = Act | Call | HeardSound

_PLAIN: dict[str, Act] = {
    "hang_up": HangUp(),
    "officer_answers": OfficerAnswers(),
    "officer_declines": OfficerDeclines(),
}


def from_page(message: str | bytes) -> FromPage:
    """Raises ProtocolError for anything that the page does not send."""
    if len(message) > LONGEST_MESSAGE:
        raise ProtocolError("too long")
    if isinstance(message, bytes):
        if len(message) % 2:
            raise ProtocolError("half a sample")
        return Voice(message)
    try:
        content = json.loads(message)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(content, dict):
        raise ProtocolError("not an object")
    return _read(content)


def _read(content: Message) -> FromPage:
    kind = content.get("type")
    if kind == "call":
        return Call(_count(content, "caller"))
    if kind == "heard":
        return HeardSound(_count(content, "id"))
    if kind == "key":
        key = content.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ProtocolError("no key of a telephone")
        return Press(key)
    act = _PLAIN.get(kind) if isinstance(kind, str) else None
    if act is None:
        raise ProtocolError("no message of this type")
    return act


def _count(content: Message, name: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**6:
        raise ProtocolError(f"{name} is no number")
    return value


def to_page(event: Event, number: int) -> Message | None:
    """What the page is told of an event; `number` is the one of the sound that plays. None: nothing of it."""
    match event:
        case Playing():
            return {
                "type": "play",
                "id": number,
                "sound": event.sound,
                "text": event.said.text if event.said else "",
                "seconds": event.seconds,
            }
        case Played(complete=False):
            return {"type": "stop"}
        case Answered() | Beeped() | PickedUp():
            return {"type": {Answered: "connected", Beeped: "beep", PickedUp: "picked_up"}[type(event)]}
        case Gathering() | RecordingStarted() | RecordingEnded():
            return _listening(event)
        case Ringing() | DialEnded() | KeyPressed() | Problem() | Ended():
            return _told(event)
        case _:
            return None


def _listening(event: Gathering | RecordingStarted | RecordingEnded) -> Message:
    match event:
        case Gathering():
            return {"type": "listening", "seconds": event.seconds}
        case RecordingStarted():
            return {"type": "record", "seconds": event.max_seconds}
        case RecordingEnded():
            return {"type": "record_end", "seconds": event.seconds, "key": event.key, "kept": event.sid is not None}


def _told(event: Ringing | DialEnded | KeyPressed | Problem | Ended) -> Message:
    match event:
        case Ringing():
            return {"type": "ring", "number": event.number, "seconds": event.seconds}
        case DialEnded():
            return {"type": "ring_end", "status": event.status, "seconds": event.seconds}
        case KeyPressed():
            return {"type": "key", "key": event.key, "lost": event.lost}
        case Problem():
            return {"type": "problem", "code": event.code, "text": event.text}
        case Ended():
            return {"type": "ended", "by": event.by, "seconds": round(event.at)}
