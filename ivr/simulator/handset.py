"""The far end of a call: whoever holds the receiver, as the network meets them.

The network lets time pass by asking the handset to attend; the handset answers with the first thing that the person
does, or with Nothing when the time is up. A handset keeps the call's clock: when attend returns, that time has passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ivr.simulator.clock import Clock
from ivr.simulator.events import Event


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(frozen=True)
class Press:
    key: str


@dataclass(frozen=True)
class Voice:
    """Sound that has just been made, while the time that passed: 16-bit PCM at 8 kHz, some tens of milliseconds."""

    pcm: bytes
    words: str | None = None
    """What is being said, where the handset knows it."""


@dataclass(frozen=True)
class HangUp:
    pass


@dataclass(frozen=True)
class Heard:
    """The sound being played has been heard to its end, sooner or later than its length says."""


@dataclass(frozen=True)
class OfficerAnswers:
    pass


@dataclass(frozen=True)
class OfficerDeclines:
    """Declines while it rings, puts the receiver down while talking."""


Act: TypeAlias = Nothing | Press | Voice | HangUp | Heard | OfficerAnswers | OfficerDeclines


class Handset(Protocol):
    grace_s: float
    """How long a sound may go on after its length, in seconds; for a handset that reports Heard by itself."""

    def attend(self, seconds: float) -> Act:
        """Let at most `seconds` pass; what the person did first, at the moment they did it."""
        ...

    def notice(self, event: Event) -> None:
        """Something happened on the line; takes no time."""
        ...


MakeHandset: TypeAlias = Callable[[Clock], Handset]


class Silent:
    """Somebody who says nothing, presses nothing, and puts the receiver down after `patience_s`."""

    grace_s = 0.0

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self._clock = clock
        self._until = clock.now() + patience_s

    def attend(self, seconds: float) -> Act:
        left = self._until - self._clock.now()
        if left <= 0:
            return HangUp()
        self._clock.sleep(min(seconds, left))
        return Nothing()

    def notice(self, event: Event) -> None:
        pass
