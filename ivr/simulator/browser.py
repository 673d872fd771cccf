"""A person at the browser phone, as a handset: what the page sends becomes acts, what happens becomes messages."""

import queue
from collections.abc import Callable

from ivr.simulator.events import Ended, Event, Playing
from ivr.simulator.handset import Act, Heard, Nothing, Voice
from ivr.simulator.protocol import HeardSound, Message, to_page

WAITING_ACTS = 600
"""A minute of microphone. When more is waiting, nobody listens, and further sound is dropped."""


class BrowserHandset:
    """Acts come from the thread that reads the socket, time passes in the thread of the call."""

    grace_s = 2.0

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._acts: queue.SimpleQueue[Act] = queue.SimpleQueue()
        self._sounds = 0
        self.call_is_over = False

    def put(self, act: Act | HeardSound) -> None:
        """What the person has just done."""
        if isinstance(act, HeardSound):
            if act.number != self._sounds:
                return  # the end of a sound that has been cut off since
            act = Heard()
        if not (isinstance(act, Voice) and self._acts.qsize() >= WAITING_ACTS):
            self._acts.put(act)

    def attend(self, seconds: float) -> Act:
        try:
            return self._acts.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return Nothing()

    def notice(self, event: Event) -> None:
        if isinstance(event, Playing):
            self._sounds += 1
        self.call_is_over = isinstance(event, Ended)
        message = to_page(event, self._sounds)
        if message is not None:
            self._send(message)
