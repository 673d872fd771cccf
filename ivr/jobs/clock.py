"""Something that is done every so often, in a thread of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

import structlog

log = structlog.get_logger()


class Clock:
    """Does `work` at once and then every `every_s` seconds, whether or not it fails, until it is stopped.

    After a failure it waits for `after_failure_s`.
    """

    def __init__(
        self, name: str, work: Callable[[datetime], object], every_s: float, after_failure_s: float | None = None
    ) -> None:
        self._name = name
        self._work = work
        self._every_s = every_s
        self._after_failure_s = every_s if after_failure_s is None else after_failure_s
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        assert self._thread is None, "a clock is started once"
        self._thread = Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the work that may be under way has ended; a clock that never ran has none."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = self._every_s if self._tick() else self._after_failure_s

    def _tick(self) -> bool:
        try:
            self._work(datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next tick tries again
            log.error("clock_failed", clock=self._name, error=type(error).__name__)
            return False
        return True
