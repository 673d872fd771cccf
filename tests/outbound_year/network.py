"""The telephone network, as the line's provider shows it: a fake at the Provider protocol, in virtual time.

What it does to a call is drawn from the seed and the call's own row, so that the order in which calls are made changes
nothing. What it is asked to do is kept, for the checks.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from ivr.dialog.model import Turn
from ivr.telephony.provider import (
    CallStatus,
    PlacedCall,
    ProviderFinal,
    ProviderRetryable,
    ProviderUncertain,
)
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.manners import HANG_UP, Manner, Reaction
from tests.outbound_year.timeline import Timeline

BAD_NUMBER: Final = 21211
TOO_MANY: Final = 20429


def seconds(value: float) -> timedelta:
    return timedelta(seconds=round(value, 3))


@dataclass(frozen=True)
class Pickup:
    """What becomes of a ringing telephone. `ends` is its final status unless somebody picks up."""

    name: str
    after_s: float
    manner: Manner | None = None
    ends: str = "no-answer"
    machine: bool = False


@dataclass(frozen=True)
class Chances:
    """How often the network fails, of one."""

    too_many: float = 0.0
    refused: float = 0.0
    """A server error or a timeout, and the call is not made."""
    unanswered: float = 0.0
    """A timeout, and the call is made."""
    webhook_lost: float = 0.0
    webhook_doubled: float = 0.0
    webhook_late: float = 0.0
    asked_in_vain: float = 0.0
    """Questions about calls that get no answer."""


@dataclass(frozen=True)
class Placement:
    """A call that the line asked for."""

    row_id: int
    to: str
    at: datetime
    sid: str | None
    """None where none was made."""
    put_off: bool
    """The line was told to ask again."""


@dataclass
class NetworkCall:
    sid: str
    to: str
    row_id: int | None
    made_at: datetime
    status: str = "queued"
    duration_s: int | None = None
    """None until it has ended."""
    deaf: bool = False
    """It has been ended from here; whatever is under way comes to nothing."""


class NoAnswerError(Exception):
    """The line died over a webhook."""


class Webhooks(Protocol):
    """The line, as the network reaches it. Each may raise NoAnswerError."""

    def voice(self, call: NetworkCall) -> Turn: ...
    def turn(self, call: NetworkCall, number: int, event: Reaction) -> Turn: ...
    def status(self, call: NetworkCall, status: str) -> None: ...
    def answered_by_machine(self, call: NetworkCall) -> None: ...


@dataclass
class Network:
    """Implements ivr.telephony.provider.Provider."""

    timeline: Timeline
    seed: int
    chances: Chances
    picks_up: Callable[[NetworkCall, Random], Pickup]
    fuse: Fuse
    is_bad: Callable[[str], bool] = lambda _: False
    is_away: Callable[[datetime], bool] = lambda _: False
    """Whether the provider takes no calls at that moment."""
    placements: list[Placement] = field(default_factory=list)
    calls: dict[str, NetworkCall] = field(default_factory=dict)
    by_number: dict[str, list[NetworkCall]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    texts: int = 0

    def connect(self, webhooks: Webhooks) -> None:
        self.webhooks = webhooks

    # --- What the line asks for

    def place_call(
        self, to: str, *, url: str, status_url: str, ring_s: int, machine_detection_url: str | None = None
    ) -> str:
        self.fuse.burn()
        row_id = int(parse_qs(urlsplit(url).query)["outbound"][0])
        random = self._random("place", row_id, len(self.placements))
        call, put_off = None, False
        try:
            call = self._place(to, row_id, ring_s, random)
        except ProviderRetryable:
            put_off = True
            raise
        finally:
            self.placements.append(Placement(row_id, to, self.timeline.now, call.sid if call else None, put_off))
        if random.random() < self.chances.unanswered:
            self.counts["placed, and no answer"] += 1
            raise ProviderUncertain("no answer within 10 s")
        self.fuse.burn()
        return call.sid

    def _place(self, to: str, row_id: int, ring_s: int, random: Random) -> NetworkCall:
        if self.is_away(self.timeline.now) or random.random() < self.chances.too_many:
            self.counts["too many requests"] += 1
            raise ProviderRetryable("too many requests", TOO_MANY)
        if self.is_bad(to):
            self.counts["bad number"] += 1
            raise ProviderFinal("no such number", BAD_NUMBER)
        if random.random() < self.chances.refused:
            self.counts["server error"] += 1
            raise ProviderUncertain("internal server error", 500)
        call = self._new(to, row_id)
        self._ring(call, self.picks_up(call, self._random("pick up", row_id)), ring_s)
        return call

    def call_status(self, sid: str) -> CallStatus | None:
        self._ask(sid)
        call = self.calls.get(sid)
        return CallStatus(call.status, call.duration_s) if call else None

    def list_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        self._ask(to)
        found = [call for call in self.by_number.get(to, ()) if call.made_at >= since - timedelta(minutes=1)]
        return [PlacedCall(call.sid, call.status, call.made_at.replace(microsecond=0)) for call in reversed(found)]

    def end_call(self, sid: str) -> None:
        call = self.calls.get(sid)
        if call is not None and call.duration_s is None:
            self.hang_up(call)

    def send_sms(self, to: str, body: str) -> str:
        self.texts += 1
        return f"SM{self.texts}"

    def fetch_recording(self, url: str) -> bytes:
        raise ProviderRetryable("there is no recording")

    def _ask(self, what: str) -> None:
        if self._random("ask", what, self.timeline.now).random() < self.chances.asked_in_vain:
            raise ProviderRetryable("no answer within 10 s")

    # --- What happens to a call

    def _new(self, to: str, row_id: int | None) -> NetworkCall:
        call = NetworkCall(f"CA{len(self.calls):032d}", to, row_id, self.timeline.now)
        self.calls[call.sid] = call
        self.by_number.setdefault(to, []).append(call)
        return call

    def _ring(self, call: NetworkCall, pickup: Pickup, ring_s: int) -> None:
        self.counts[pickup.name] += 1
        call.status = "ringing"
        if pickup.manner is None:
            self.after(min(pickup.after_s, ring_s), lambda: self._end(call, pickup.ends))
            return
        talk = Talk(self, call, pickup.manner)
        self.after(pickup.after_s, talk.begin)
        if pickup.machine:
            self.after(pickup.after_s + 4, lambda: self._hook(call, "machine", self._machine(call)))

    def ring_in(self, from_number: str, manner: Manner) -> None:
        """Somebody rings the line."""
        call = self._new(from_number, None)
        self.counts["rings the line"] += 1
        Talk(self, call, manner).begin()

    def hang_up(self, call: NetworkCall) -> None:
        call.deaf = True
        self._end(call, "completed")

    def _end(self, call: NetworkCall, status: str) -> None:
        if call.duration_s is not None:
            return
        call.status, call.duration_s = status, int((self.timeline.now - call.made_at).total_seconds())
        self._hook(call, "status", lambda: self.webhooks.status(call, status))

    def _machine(self, call: NetworkCall) -> Callable[[], None]:
        def tell() -> None:
            if call.duration_s is None:
                self.webhooks.answered_by_machine(call)

        return tell

    def _hook(self, call: NetworkCall, kind: str, deliver: Callable[[], None]) -> None:
        """A webhook of which nobody waits for the answer: it can be lost, come late, or come twice."""
        random = self._random(kind, call.sid)
        if random.random() < self.chances.webhook_lost:
            self.counts["callbacks lost"] += 1
            return

        def attempt() -> None:
            with suppress(NoAnswerError):
                deliver()

        late = random.random() < self.chances.webhook_late
        self.counts["callbacks late"] += late
        self.after(random.uniform(5, 900) if late else random.uniform(0.1, 0.9), attempt)
        if random.random() < self.chances.webhook_doubled:
            self.counts["callbacks doubled"] += 1
            self.after(random.uniform(0.1, 60), attempt)

    def after(self, after_s: float, what: Callable[[], None]) -> None:
        self.timeline.at(self.timeline.now + seconds(after_s), what)

    def _random(self, *name: object) -> Random:
        return Random(f"{self.seed}/{'/'.join(map(str, name))}")


class Talk:
    """A conversation: the network fetches what to do, and whoever has picked up does something."""

    def __init__(self, network: Network, call: NetworkCall, manner: Manner) -> None:
        self._network = network
        self._call = call
        self._react = manner.reactions()
        self._random = Random(f"{network.seed}/talk/{call.sid}")
        self._tries = 0

    def begin(self) -> None:
        if self._call.duration_s is not None:
            return
        self._call.status = "in-progress"
        self._fetch(lambda: self._network.webhooks.voice(self._call))

    def _fetch(self, request: Callable[[], Turn]) -> None:
        """A webhook whose answer the call waits for."""
        if self._call.deaf:
            return
        try:
            turn = request()
            if self._random.random() < self._network.chances.webhook_doubled:
                turn = request()
        except NoAnswerError:
            self._unanswered(request)
        else:
            self._answer(turn)

    def _unanswered(self, request: Callable[[], Turn]) -> None:
        """Half of the providers try once more; the other half tell the caller that there was an error."""
        self._tries += 1
        if self._tries > 1 or self._random.random() < 0.5:
            self._network.hang_up(self._call)
        else:
            self._network.after(1, lambda: self._fetch(request))

    def _answer(self, turn: Turn) -> None:
        reaction = self._react(turn)
        wait_s = self._random.uniform(3, 8)
        if reaction == HANG_UP:
            self._network.after(wait_s, lambda: self._network.hang_up(self._call))
            return
        again = lambda: self._fetch(lambda: self._network.webhooks.turn(self._call, turn.number, reaction))  # noqa: E731
        self._network.after(wait_s + (60 if reaction.type == "transfer_result" else 0), again)
