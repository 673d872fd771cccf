"""What the network knows about the line it serves, and how badly it may behave towards it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.simulator.audio import Wave
from ivr.simulator.events import Said
from ivr.simulator.handset import MakeHandset
from ivr.simulator.officers import Switchboard

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WITHHELD = "+266696687"
"""What the provider sends as From when the number is withheld: ANONYMOUS, spelled on a keypad."""


@dataclass(frozen=True)
class Line:
    """The line's number and the addresses that are configured for it at the provider. Absolute URLs."""

    number: str
    voice_url: str
    fallback_url: str | None = None
    status_url: str | None = None


PlacingFault = Literal["too_many", "broken", "broken_after", "answer_lost"]
"""What the provider does with an order to ring somebody: refuses it for now (429), fails without having rung (500),
fails after it has (500), or rings and its answer never arrives."""


@dataclass(frozen=True)
class Mishaps:
    """What a real network does to a line sooner or later. All off by default."""

    drop_status: frozenset[str] = frozenset()
    """Events (of STATUS_EVENTS) whose status callbacks never arrive."""
    duplicate_status: bool = False
    late_status: bool = False
    """Status callbacks arrive in order, but only when the call is over."""
    reorder_status: bool = False
    """Status callbacks arrive when the call is over, the last one first."""
    duplicate_webhooks: bool = False
    """Every request of a call is sent twice, as after a lost answer; the second answer counts."""
    recording_not_ready: int = 0
    """How many times a recording's audio answers 404 before it is there."""
    recordings_lost: bool = False
    """The audio of a recording is never there, whatever the provider says of it."""
    placing: PlacingFault | None = None
    """What becomes of every order to ring somebody."""


@dataclass(frozen=True)
class Surroundings:
    """Everything outside the line that a call may meet. Immutable; tests and scripts replace it whole."""

    switchboard: Switchboard = field(default_factory=Switchboard)
    mishaps: Mishaps = field(default_factory=Mishaps)
    phones: Mapping[str, MakeHandset] = field(default_factory=dict)
    """Who is at the telephone (by number, E.164) when a call from the line is answered there; others stay silent."""
    describe: Callable[[str], Said | None] = lambda _url: None
    """What the sound at an address says; None when nobody knows."""
    speak: Callable[[str], Wave | None] = lambda _text: None
    """The provider's own voice, for <Say>; None: its length is estimated and nothing is heard."""
