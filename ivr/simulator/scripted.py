"""A caller who follows a script: a handset for the network, and a witness of what came of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.simulator import audio
from ivr.simulator.clock import Clock
from ivr.simulator.events import Event, Played, RecordingEnded, RecordingStarted, Said
from ivr.simulator.handset import Act, HangUp, Nothing, Press, Voice
from ivr.simulator.recorder import pieces
from ivr.simulator.script import Hear, PressKeys, PutDown, Speak, Step, Wait

PATIENCE_S = 180.0
"""How long a caller waits to hear something, or to be recorded, before the script has failed."""
BETWEEN_KEYS_S = 0.3
CHARACTERS_A_SECOND = 4.0
"""How fast words are taken to be spoken when there is no voice to speak them."""

_NOT_WORDS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Words as they are compared: without spaces, punctuation and capitals."""
    return _NOT_WORDS.sub("", text).lower()


@dataclass
class _Remark:
    key: str | None
    words: str


class Memory:
    """What has been said and not yet been waited for."""

    def __init__(self) -> None:
        self._remarks: list[_Remark] = []

    def add(self, said: Said) -> None:
        self._remarks.append(_Remark(said.key, plain(said.text)))

    def recall(self, what: str) -> bool:
        """Whether it has been said; if so, everything up to it is forgotten."""
        for index, remark in enumerate(self._remarks):
            if remark.key == what:
                del self._remarks[: index + 1]
                return True
        return self._recall_words(plain(what))

    def _recall_words(self, words: str) -> bool:
        found = "".join(remark.words for remark in self._remarks).find(words) if words else -1
        if found < 0:
            return False
        forget = found + len(words)
        while self._remarks and forget >= len(self._remarks[0].words):
            forget -= len(self._remarks.pop(0).words)
        if self._remarks:
            self._remarks[0].words = self._remarks[0].words[forget:]
        return True


class ScriptedCaller:
    """Acts the steps in order, and hangs up after the last one. `failure` says what did not happen."""

    grace_s = 0.0

    def __init__(
        self,
        steps: tuple[Step, ...],
        clock: Clock,
        *,
        speak: Callable[[str], audio.Wave | None] = lambda _words: None,
        onlooker: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._steps = list(steps)
        self._clock = clock
        self._speak = speak
        self._onlooker = onlooker
        self._memory = Memory()
        self._recording = False
        self._since = 0.0
        self._speech: Iterator[bytes] | None = None
        self.failure: str | None = None

    # --- What the line does ---

    def notice(self, event: Event) -> None:
        self._onlooker(event)
        if isinstance(event, Played) and event.complete and event.said:
            self._memory.add(event.said)
        if isinstance(event, RecordingStarted | RecordingEnded):
            self._recording = isinstance(event, RecordingStarted)

    def unfinished(self) -> str | None:
        """The step at which the call ended too early, if it did; hanging up is left to whoever is first."""
        while self._steps and isinstance(step := self._steps[0], Hear) and self._memory.recall(step.what):
            self._steps.pop(0)
        left = [step for step in self._steps if not isinstance(step, PutDown)]
        return f"the call ended before {_name(left[0])}" if left else None

    # --- What the caller does ---

    def attend(self, seconds: float) -> Act:
        while self._steps:
            act = self._act(self._steps[0], seconds)
            if act is not None:
                return act
            self._steps.pop(0)
            self._since = self._clock.now()
        return HangUp()

    def _act(self, step: Step, seconds: float) -> Act | None:
        """What the caller does at this step; None when it is done with."""
        match step:
            case Hear():
                return None if self._memory.recall(step.what) else self._endure(step, seconds)
            case PressKeys():
                return self._press(step)
            case Speak():
                return self._talk(step, seconds)
            case Wait():
                left = step.seconds - (self._clock.now() - self._since)
                return None if left <= 0 else self._idle(min(left, seconds))
            case PutDown():
                self._steps.clear()
                return HangUp()

    def _press(self, step: PressKeys) -> Act:
        rest = step.keys[1:]
        self._steps[0:1] = [Wait(step.line, BETWEEN_KEYS_S), PressKeys(step.line, rest)] if rest else []
        self._since = self._clock.now()
        return Press(step.keys[0])

    def _talk(self, step: Speak, seconds: float) -> Act | None:
        """Once begun, it is said to its end, whether or not the line is still recording."""
        if self._speech is None and not self._recording:
            return self._endure(step, seconds)
        if self._speech is None:
            self._speech = iter(pieces(self._sound(step)))
        piece = next(self._speech, None)
        if piece is None:
            self._speech = None
            return None
        self._clock.sleep(len(piece) / audio.BYTES_A_SECOND)
        return Voice(piece, step.words)

    def _sound(self, step: Speak) -> bytes:
        if step.path is not None:
            return audio.read_any_wav(step.path.read_bytes()).pcm
        spoken = self._speak(step.words)
        return spoken.pcm if spoken else audio.hum(len(step.words) / CHARACTERS_A_SECOND)

    def _endure(self, step: Step, seconds: float) -> Act:
        """Wait for the line, but not for ever."""
        left = PATIENCE_S - (self._clock.now() - self._since)
        if left <= 0:
            self.failure = f"{_name(step)}: waited {PATIENCE_S:.0f} s in vain"
            self._steps.clear()
            return HangUp()
        return self._idle(min(seconds, left))

    def _idle(self, seconds: float) -> Nothing:
        self._clock.sleep(seconds)
        return Nothing()


def _name(step: Step) -> str:
    return f"line {step.line} of the script, {_describe(step)}"


def _describe(step: Step) -> str:
    match step:
        case Hear():
            return f"hear {step.what!r}"
        case PressKeys():
            return f"press {step.keys!r}"
        case Speak():
            return f"say {step.words!r}"
        case Wait():
            return f"wait {step.seconds:g}"
        case PutDown():
            return "hang_up"
