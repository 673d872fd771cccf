"""A call in progress, as the verbs see it: its clock, its log, the person at the far end, and the way to the line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Protocol, TypeAlias
from urllib.parse import urljoin

from ivr.simulator.clock import Clock
from ivr.simulator.events import Event, KeyPressed, Problem, Requested
from ivr.simulator.handset import Act, Handset, HangUp, Press
from ivr.simulator.line import Line, Surroundings
from ivr.simulator.reports import Reports
from ivr.simulator.resources import API_VERSION, Call, Recording
from ivr.simulator.webhooks import Courier, Reply, WebhookError

MAX_CALL_S = 4 * 60 * 60
"""The provider's limit for one call."""
DETECTION_S = 3.5
"""How long the provider listens before it says whether a machine has answered."""


class CallerGone(Exception):  # noqa: N818 - nothing went wrong
    """The caller has hung up."""


class EndedByAccount(Exception):  # noqa: N818 - nothing went wrong
    """The account has ended the call over REST, or it has lasted four hours."""


@dataclass(frozen=True)
class Goto:
    """Ask the line for the next document, at an absolute address."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Detection:
    """What has answered, to be told at a moment of the call."""

    at: float
    url: str
    answered_by: str


@dataclass(frozen=True)
class Stop:
    """The line ends the call, which comes to rest in this status."""

    status: str = "completed"


Next: TypeAlias = Goto | Stop


class Exchange(Protocol):
    """The network behind a call: what it knows, and where it keeps what outlives a verb."""

    line: Line
    auth_token: str

    def keep_sound(self, pcm: bytes) -> str:
        """Store a sound for the page; returns its name."""
        ...

    def keep_recording(self, call: Call, pcm: bytes) -> Recording: ...

    def recording_url(self, recording: Recording) -> str: ...

    def keep_call(self, call: Call) -> None: ...


class Leg:
    def __init__(self, call: Call, handset: Handset, clock: Clock, exchange: Exchange, around: Surroundings) -> None:
        self.call = call
        self.handset = handset
        self.clock = clock
        self.exchange = exchange
        self.line = exchange.line
        self.surroundings = around
        self.courier = Courier(exchange.auth_token)
        self.reports = Reports(Courier(exchange.auth_token), around.mishaps, self._not_accepted)
        self.document_url = self.line.voice_url
        self._detection: Detection | None = None

    # --- Log ---

    @property
    def now(self) -> float:
        return round(self.clock.now(), 3)

    def emit(self, event: Event) -> None:
        self.call.events.append(event)
        self.handset.notice(event)

    def _not_accepted(self, error: WebhookError) -> None:
        self.emit(Problem(self.now, error.code, str(error)))

    # --- Time and the caller ---

    def attend(self, seconds: float) -> Act:
        """Let time pass until the caller acts. Raises CallerGone, or EndedByAccount."""
        seconds = self._tell_detection(seconds)
        if self.call.end_requested or self.clock.now() > MAX_CALL_S:
            raise EndedByAccount
        act = self.handset.attend(min(seconds, self.clock.slice_s))
        if isinstance(act, HangUp):
            raise CallerGone
        return act

    def key(self, timeout: float) -> str | None:
        """The next key within `timeout` seconds."""
        end = self.clock.now() + timeout
        while (left := end - self.clock.now()) > 0:
            act = self.attend(left)
            if isinstance(act, Press):
                self.emit(KeyPressed(self.now, act.key, lost=False))
                return act.key
        return None

    def wait(self, seconds: float) -> None:
        """Time during which keys are lost."""
        end = self.clock.now() + seconds
        while (left := end - self.clock.now()) > 0:
            self.lose(self.attend(left))

    def lose(self, act: Act) -> None:
        """Nothing listens for keys at this moment."""
        if isinstance(act, Press):
            self.emit(KeyPressed(self.now, act.key, lost=True))

    # --- What has answered ---

    def detect(self, url: str, answered_by: str) -> None:
        """From now on the provider listens to what has answered, and tells the line in a while."""
        self._detection = Detection(self.clock.now() + DETECTION_S, url, answered_by)

    def _tell_detection(self, seconds: float) -> float:
        """Tells it once it is time. Returns how many of `seconds` may pass before there is something to tell."""
        detection = self._detection
        if detection is None:
            return seconds
        left = detection.at - self.clock.now()
        if left > 0:
            return min(seconds, left)
        self._detection = None
        took_ms = {"MachineDetectionDuration": str(round(DETECTION_S * 1000))}
        self.tell(detection.url, "POST", {"AnsweredBy": detection.answered_by, **took_ms})
        return seconds

    # --- The line ---

    def fields(self) -> dict[str, str]:
        """What every request about this call carries."""
        call = self.call
        fields = {
            "AccountSid": call.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": call.sid,
            "CallStatus": call.status,
            "Called": call.to_number,
            "Caller": call.from_number,
            "Direction": call.direction,
            "From": call.from_number,
            "To": call.to_number,
        }
        return fields | ({"ParentCallSid": call.parent_sid} if call.parent_sid else {})

    def resolve(self, url: str) -> str:
        """An address in a document is relative to the document's own."""
        return urljoin(self.document_url, url)

    def ask(self, url: str, method: str, extra: Mapping[str, str]) -> Reply:
        """Ask the line what to do next. Raises WebhookError."""
        for _ in range(1 if self.surroundings.mishaps.duplicate_webhooks else 0):
            self.courier.ask(url, method, {**self.fields(), **extra})
        try:
            reply = self.courier.ask(url, method, {**self.fields(), **extra})
        except WebhookError as error:
            self.emit(Requested(self.now, url, error.status, 0))
            raise
        self.emit(Requested(self.now, url, reply.status, reply.took_ms))
        return reply

    def tell(self, url: str, method: str, extra: Mapping[str, str]) -> None:
        """A last request of a call that is over: what the line answers is not executed."""
        try:
            self.ask(url, method, extra)
        except WebhookError as error:
            self._not_accepted(error)

    def report(self, event: str) -> None:
        """A status event of this call, to its status callback if it is wanted there."""
        url = self.call.status_url
        if url is None or event not in self.call.status_events:
            return
        fields = {**self.fields(), "Timestamp": format_datetime(self.clock.time())}
        if self.call.duration_s is not None:
            minutes = -(-self.call.duration_s // 60)
            fields |= {"CallDuration": str(self.call.duration_s), "Duration": str(minutes)}
        self.reports.status(url, event, fields)
