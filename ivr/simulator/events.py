"""What happens in a call, as values: the log of a call is a list of these, and every onlooker reads the same log.

`at` is in seconds since the call began.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

EndedBy = Literal["caller", "line", "network", "provider"]


@dataclass(frozen=True)
class Said:
    """What a sound says: its words and, when the line's catalogue knows it, the key of its prompt."""

    text: str
    key: str | None = None


@dataclass(frozen=True)
class Requested:
    """The network asked the line for a document."""

    at: float
    url: str
    status: int | None
    took_ms: int


@dataclass(frozen=True)
class Answered:
    at: float


@dataclass(frozen=True)
class Playing:
    """A sound begins. `sound` names it in the network's store; None: its length is estimated, nothing can be heard."""

    at: float
    url: str | None
    seconds: float
    said: Said | None
    sound: str | None


@dataclass(frozen=True)
class Played:
    """A sound has ended; `complete` is False when a key cut it off or the caller hung up."""

    at: float
    url: str | None
    said: Said | None
    complete: bool


@dataclass(frozen=True)
class KeyPressed:
    """`lost`: nothing was listening for keys, as during a <Play> outside a <Gather>."""

    at: float
    key: str
    lost: bool


@dataclass(frozen=True)
class Gathering:
    at: float
    seconds: float


@dataclass(frozen=True)
class Gathered:
    at: float
    digits: str


@dataclass(frozen=True)
class Beeped:
    at: float


@dataclass(frozen=True)
class RecordingStarted:
    at: float
    max_seconds: int


@dataclass(frozen=True)
class RecordingEnded:
    """`sid` None: nobody spoke and no key was pressed, so there is no recording. `words`: what was said, if known."""

    at: float
    sid: str | None
    seconds: float
    key: str | None
    words: str | None = None


@dataclass(frozen=True)
class Ringing:
    at: float
    number: str
    seconds: int


@dataclass(frozen=True)
class PickedUp:
    at: float
    number: str


@dataclass(frozen=True)
class DialEnded:
    at: float
    number: str
    status: str
    seconds: int


@dataclass(frozen=True)
class Problem:
    """What the provider's console would show in red. Code 0: the network's own limits."""

    at: float
    code: int
    text: str


@dataclass(frozen=True)
class Ended:
    at: float
    by: EndedBy
    status: str


Event: TypeAlias = (
    Requested
    | Answered
    | Playing
    | Played
    | KeyPressed
    | Gathering
    | Gathered
    | Beeped
    | RecordingStarted
    | RecordingEnded
    | Ringing
    | PickedUp
    | DialEnded
    | Problem
    | Ended
)
