"""Time, as one call sees it: as long as it takes, or all at once."""

import time
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

Speed = Literal["real", "fast"]


class Clock(Protocol):
    slice_s: float
    """Nobody may sleep longer than this at a stretch, so that a call ended from outside ends soon."""

    def now(self) -> float:
        """Seconds since the call began."""
        ...

    def time(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None: ...


class RealClock:
    slice_s = 0.25

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._began

    def time(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class VirtualClock:
    """Nothing waits: ten seconds of silence pass at once. What the line itself takes is not counted."""

    slice_s = float("inf")

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._passed = 0.0

    def now(self) -> float:
        return self._passed

    def time(self) -> datetime:
        return self._began + timedelta(seconds=self._passed)

    def sleep(self, seconds: float) -> None:
        self._passed += max(0.0, seconds)


def make_clock(speed: Speed) -> Clock:
    return RealClock() if speed == "real" else VirtualClock()
