"""What the pages need of the telephone line, handed in by whoever installs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """How one part of the line is. `name` is one of line, speech, provider, broker, journal, database."""

    name: str
    well: bool
    detail: str = ""
    """What is wrong, in a few words; said as it stands."""


def _nothing() -> Sequence[Tile]:
    return ()


@dataclass(frozen=True)
class Line:
    """Each may be asked at any time, from any thread."""

    health: Callable[[], Sequence[Tile]] = _nothing
    speak: Callable[[str], bytes] | None = None
    """How a text will sound on the telephone, as a WAV file; None: there is no voice."""
    call_back: Callable[[int, int], bool] | None = None
    """Rings the telephone of a member of staff, then connects them with whom a request is of: (request id, staff id).
    False: it could not be placed. None: the line does not do that, and the page shows the number to dial."""
    call_now: Callable[[int], bool] | None = None
    """Makes a check-in's next try due at once: (check-in id). False: it is no time to ring them. None: the line does
    not do that, and the page has no such button."""
