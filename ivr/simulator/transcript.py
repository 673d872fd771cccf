"""A call for reading, one line an event: who did it, and what."""

from ivr.simulator.events import (
    Answered,
    DialEnded,
    Ended,
    Event,
    KeyPressed,
    PickedUp,
    Playing,
    Problem,
    RecordingEnded,
    RecordingStarted,
    Ringing,
)

Who = str


def row(event: Event) -> tuple[Who, str] | None:
    """Who did what; None for what only machines care about."""
    match event:
        case Playing():
            return _said(event)
        case KeyPressed() | RecordingEnded():
            return "caller", _did(event)
        case RecordingStarted():
            return "line", "(records)"
        case Ringing() | PickedUp() | DialEnded():
            return "officer", _officer(event)
        case Answered() | Problem() | Ended():
            return "network", _network(event)
        case _:
            return None


def clock(seconds: float) -> str:
    """Minutes and seconds: 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _said(event: Playing) -> tuple[Who, str] | None:
    if event.said is None:
        return "line", f"(plays {event.url})"
    return ("line", event.said.text) if event.said.text.strip() else None


def _did(event: KeyPressed | RecordingEnded) -> str:
    match event:
        case KeyPressed():
            return f"presses {event.key}" + (" (lost: nothing was listening)" if event.lost else "")
        case RecordingEnded(sid=None):
            return "says nothing"
        case RecordingEnded(seconds=0):
            return "says nothing, and ends the recording with a key"
        case RecordingEnded():
            return f"says {event.words or 'something'} ({event.seconds:g} s)"


def _network(event: Answered | Problem | Ended) -> str:
    match event:
        case Answered():
            return "the line answers"
        case Problem():
            return f"fault {event.code}: {event.text}"
        case Ended():
            return f"the call is over: ended by the {event.by}, {event.status}"


def _officer(event: Ringing | PickedUp | DialEnded) -> str:
    match event:
        case Ringing():
            return f"{event.number} rings"
        case PickedUp():
            return "answers"
        case DialEnded():
            return f"{event.status}" + (f" after {event.seconds} s" if event.status == "completed" else "")
