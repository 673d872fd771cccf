"""The verbs of TwiML, executed on a leg. Each says where the call goes next; None: on to the next verb."""

from typing import assert_never

from ivr.simulator import twiml
from ivr.simulator.leg import Goto, Leg, Next, Stop
from ivr.simulator.verbs.dial import dial
from ivr.simulator.verbs.gather import gather
from ivr.simulator.verbs.record import record
from ivr.simulator.verbs.sound import sound


def execute(leg: Leg, verb: twiml.Verb) -> Next | None:
    """Raises WebhookError for a sound that cannot be played, CallerGone and EndedByAccount."""
    match verb:
        case twiml.Play() | twiml.Say() | twiml.Pause():
            sound(leg, verb)
            return None
        case twiml.Gather():
            return gather(leg, verb)
        case twiml.Record():
            return record(leg, verb)
        case twiml.Dial():
            return dial(leg, verb)
        case twiml.Redirect():
            return Goto(leg.resolve(verb.url), verb.method)
        case twiml.Hangup() | twiml.Reject():
            return _stop(verb)
        case _:
            assert_never(verb)


def _stop(verb: twiml.Hangup | twiml.Reject) -> Stop:
    if isinstance(verb, twiml.Hangup):
        return Stop()
    return Stop("busy" if verb.reason == "busy" else "failed")


__all__ = ["execute"]
