"""<Play>, <Say> and <Pause>: sounds that a key may or may not cut off."""

from dataclasses import dataclass

from ivr.simulator import audio, twiml
from ivr.simulator.events import KeyPressed, Played, Playing, Said
from ivr.simulator.handset import Heard, Press
from ivr.simulator.leg import Leg

CHARACTERS_A_SECOND = 4.0
"""How fast the provider's voice is taken to speak when it cannot be heard."""


@dataclass(frozen=True)
class _Prepared:
    url: str | None
    said: Said | None
    seconds: float
    sound: str | None


def sound(leg: Leg, verb: twiml.Sound, *, interruptible: bool = False) -> str | None:
    """Let the caller hear it. Returns the key that cut it off; without `interruptible` keys are lost."""
    if isinstance(verb, twiml.Pause):
        return _pause(leg, verb.seconds, interruptible)
    prepared = _fetch(leg, verb)
    for _ in range(verb.loop):
        key = _play(leg, prepared, interruptible)
        if key is not None:
            return key
    return None


def _pause(leg: Leg, seconds: int, interruptible: bool) -> str | None:
    if interruptible:
        return leg.key(seconds)
    leg.wait(seconds)
    return None


def _fetch(leg: Leg, verb: twiml.Play | twiml.Say) -> _Prepared:
    if isinstance(verb, twiml.Play):
        url = leg.resolve(verb.url)
        wave = leg.courier.sound(url)
        return _Prepared(url, leg.surroundings.describe(url), wave.seconds, leg.exchange.keep_sound(wave.pcm))
    spoken: audio.Wave | None = leg.surroundings.speak(verb.text)
    if spoken is None:
        return _Prepared(None, Said(verb.text), len(verb.text) / CHARACTERS_A_SECOND, None)
    return _Prepared(None, Said(verb.text), spoken.seconds, leg.exchange.keep_sound(spoken.pcm))


def _play(leg: Leg, prepared: _Prepared, interruptible: bool) -> str | None:
    leg.emit(Playing(leg.now, prepared.url, round(prepared.seconds, 3), prepared.said, prepared.sound))
    key = _listen(leg, prepared.seconds + leg.handset.grace_s, interruptible)
    leg.emit(Played(leg.now, prepared.url, prepared.said, complete=key is None))
    return key


def _listen(leg: Leg, seconds: float, interruptible: bool) -> str | None:
    end = leg.clock.now() + seconds
    while (left := end - leg.clock.now()) > 0:
        act = leg.attend(left)
        if isinstance(act, Heard):
            return None
        if isinstance(act, Press) and interruptible:
            leg.emit(KeyPressed(leg.now, act.key, lost=False))
            return act.key
        leg.lose(act)
    return None
