"""The telephone network: calls to the line, calls from it, and what the account owns."""

import hashlib
import re
import threading
from collections import Counter, OrderedDict
from pathlib import Path

import structlog

from ivr.simulator import audio
from ivr.simulator.clock import Clock, Speed, make_clock
from ivr.simulator.handset import Handset, MakeHandset, Silent
from ivr.simulator.leg import Leg
from ivr.simulator.line import WITHHELD, Line, Surroundings
from ivr.simulator.officers import Answers, Behaviour
from ivr.simulator.resources import API_VERSION, Call, Message, Recording
from ivr.simulator.session import Order, Session

log = structlog.get_logger()

RECORDING = re.compile(r"RE[0-9a-f]{32}")
KEPT_SOUNDS = 256
"""Of at most 8 s, 128 kB each; the page fetches them while they are played."""


class Network:
    """A telephone network in a box, as strict towards the line as the real one. Any thread may call it.

    `line_url` is the line's public address: requests go there, and their signatures are made of it. `folder` keeps the
    recordings. `speed` holds for every call that does not ask for another.
    """

    def __init__(  # noqa: PLR0913 - the account, the line, and what surrounds both
        self,
        line_url: str,
        account_sid: str,
        auth_token: str,
        folder: Path,
        speed: Speed = "real",
        *,
        line: Line | None = None,
        api_url: str | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.line = line or line_at(line_url, "+8651200000000")
        self.api_url = api_url or f"{line_url}/simulator"
        self.surroundings = surroundings or Surroundings()
        self.calls: dict[str, Call] = {}
        self.recordings: dict[str, Recording] = {}
        self.messages: dict[str, Message] = {}
        self.speed: Speed = speed
        self._placed: Counter[str] = Counter()
        self._folder = folder
        self._sounds: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    # --- Calls ---

    def call_line(
        self,
        make_handset: MakeHandset,
        from_number: str | None,
        *,
        to_number: str | None = None,
        speed: Speed | None = None,
        surroundings: Surroundings | None = None,
    ) -> Call:
        """Somebody calls the line; `from_number` None is withheld. Returns when the call is over, with its log.

        `to_number` is what they dialled, the line's own number unless it is given. `surroundings`, when given, hold
        for this call alone.
        """
        to_number = to_number or self.line.number
        call = Call(self.account_sid, from_number or WITHHELD, to_number, "inbound")
        call.status_url = self.line.status_url
        clock = make_clock(speed or self.speed)
        Session(self._leg(call, make_handset(clock), clock, surroundings or self.surroundings)).receive()
        return call

    def place(
        self, call: Call, order: Order, *, speed: Speed | None = None, surroundings: Surroundings | None = None
    ) -> None:
        """Start a call from the line, in a thread of its own. `surroundings` as in `call_line`."""
        around = surroundings or self.surroundings
        clock = make_clock(speed or self.speed)
        with self._lock:
            earlier = self._placed[call.to_number]
            self._placed[call.to_number] += 1
        behaviour = around.switchboard.behaviour(call.to_number, earlier)
        handset = _far_end(around, call.to_number, behaviour, clock)
        session = Session(self._leg(call, handset, clock, around))
        thread = threading.Thread(target=session.place, args=(order, behaviour), name=f"call-{call.sid}", daemon=True)
        with self._lock:
            self._threads = [other for other in self._threads if other.is_alive()] + [thread]
            thread.start()

    def settle(self) -> None:
        """Wait until every call that the line has placed is over."""
        for thread in self._threads:
            thread.join()

    def _leg(self, call: Call, handset: Handset, clock: Clock, around: Surroundings) -> Leg:
        call.created_at = clock.time()
        self.keep_call(call)
        log.info("simulated_call", call_sid=call.sid, direction=call.direction)
        return Leg(call, handset, clock, self, around)

    # --- What is kept ---

    def keep_call(self, call: Call) -> None:
        with self._lock:
            self.calls[call.sid] = call

    def keep_message(self, message: Message) -> None:
        with self._lock:
            self.messages[message.sid] = message

    def keep_recording(self, call: Call, pcm: bytes) -> Recording:
        """Write a recording to the folder; `pcm` is 16-bit at 8 kHz."""
        mishaps = self.surroundings.mishaps
        recording = Recording(
            account_sid=self.account_sid,
            call_sid=call.sid,
            seconds=round(len(pcm) / audio.BYTES_A_SECOND),
            refusals=None if mishaps.recordings_lost else mishaps.recording_not_ready,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path(recording).write_bytes(audio.write_wav(pcm))
        with self._lock:
            self.recordings[recording.sid] = recording
        return recording

    def recording(self, sid: str) -> Recording | None:
        """A recording by its SID, be it one that was made before a restart."""
        with self._lock:
            known = self.recordings.get(sid)
        path = self._folder / f"{sid}.wav"
        if known is not None or not RECORDING.fullmatch(sid) or not path.exists():
            return known
        seconds = round(audio.read_wav(path.read_bytes()).seconds)
        return Recording(account_sid=self.account_sid, call_sid="", seconds=seconds, sid=sid)

    def recording_url(self, recording: Recording) -> str:
        return f"{self.api_url}/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{recording.sid}"

    def recording_audio(self, recording: Recording) -> bytes | None:
        """The WAV file; None as long as it is "not there yet"."""
        with self._lock:
            if recording.refusals is None:
                return None
            if recording.refusals:
                recording.refusals -= 1
                return None
        return self._path(recording).read_bytes()

    def _path(self, recording: Recording) -> Path:
        return self._folder / f"{recording.sid}.wav"

    def keep_sound(self, pcm: bytes) -> str:
        """Keep a sound for the page; returns the name to fetch it by."""
        name = hashlib.sha256(pcm).hexdigest()[:24]
        with self._lock:
            self._sounds[name] = pcm
            self._sounds.move_to_end(name)
            if len(self._sounds) > KEPT_SOUNDS:
                self._sounds.popitem(last=False)
        return name

    def sound(self, name: str) -> bytes | None:
        """A kept sound as a WAV file of 16-bit PCM, which every browser decodes."""
        pcm = self._sounds.get(name)
        return None if pcm is None else audio.write_wav(pcm)


def _far_end(around: Surroundings, number: str, behaviour: Behaviour, clock: Clock) -> Handset:
    """Whoever, or whatever, picks up there."""
    make = around.phones.get(number)
    if make is not None and not (isinstance(behaviour, Answers) and behaviour.machine):
        return make(clock)
    return Silent(clock, behaviour.talk_s if isinstance(behaviour, Answers) else 0)


def line_at(url: str, number: str) -> Line:
    """The line as it is configured at a provider: all its addresses below its public one."""
    return Line(number, f"{url}/twilio/voice", f"{url}/twilio/fallback", f"{url}/twilio/status")
