"""<Gather input="dtmf">."""

from ivr.simulator import twiml
from ivr.simulator.events import Gathered, Gathering
from ivr.simulator.leg import Goto, Leg
from ivr.simulator.verbs.sound import sound


def gather(leg: Leg, verb: twiml.Gather) -> Goto | None:
    """Without any digit the call goes on to the next verb, unless the document asks for an empty result."""
    first = None
    for nested in verb.sounds:
        first = sound(leg, nested, interruptible=True)
        if first is not None:
            break
    digits, finished_on = _collect(leg, verb, first)
    leg.emit(Gathered(leg.now, digits))
    if not digits and not verb.action_on_empty:
        return None
    fields = {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
    return Goto(leg.resolve(verb.action or leg.document_url), verb.method, fields)


def _collect(leg: Leg, verb: twiml.Gather, key: str | None) -> tuple[str, str]:
    """The digits, and the key that finished them (not one of them); `key` was pressed during the sounds."""
    digits = ""
    leg.emit(Gathering(leg.now, verb.timeout))
    while True:
        key = key or leg.key(verb.timeout)
        if key is None:
            return digits, ""
        if key in verb.finish_on:
            return digits, key
        digits += key
        if len(digits) == verb.digits:
            return digits, ""
        key = None
