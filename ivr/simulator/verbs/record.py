"""<Record>: one sentence, ended by silence, a key, its length, or the receiver."""

from ivr.simulator import twiml
from ivr.simulator.events import Beeped, KeyPressed, RecordingEnded, RecordingStarted
from ivr.simulator.handset import Press, Voice
from ivr.simulator.leg import CallerGone, Goto, Leg
from ivr.simulator.recorder import Take
from ivr.simulator.resources import Recording

BEEP_S = 0.4


def record(leg: Leg, verb: twiml.Record) -> Goto | None:
    """An empty recording falls through to the next verb; a hang-up is still reported to the action."""
    if verb.beep:
        leg.emit(Beeped(leg.now))
        leg.wait(BEEP_S)
    take = Take(leg.clock.now(), verb.timeout, verb.max_length)
    leg.emit(RecordingStarted(leg.now, verb.max_length))
    try:
        key = _listen(leg, verb, take)
    except CallerGone:
        _report_hang_up(leg, verb, take)
        raise
    if key is None and take.is_empty:
        leg.emit(RecordingEnded(leg.now, None, 0, None))
        return None
    fields = _fields(leg, _keep(leg, verb, take, key)) | ({"Digits": key} if key else {})
    return Goto(_action(leg, verb), verb.method, fields)


def _action(leg: Leg, verb: twiml.Record) -> str:
    return leg.resolve(verb.action or leg.document_url)


def _listen(leg: Leg, verb: twiml.Record, take: Take) -> str | None:
    """Fill the take. Returns the key that ended it; other keys are lost."""
    while (left := take.left(leg.clock.now())) > 0:
        act = leg.attend(left)
        if isinstance(act, Voice):
            take.add(act.pcm, leg.clock.now())
            if act.words is not None:
                take.note(act.words)
        if isinstance(act, Press) and act.key in verb.finish_on:
            leg.emit(KeyPressed(leg.now, act.key, lost=False))
            return act.key
        leg.lose(act)
    return None


def _report_hang_up(leg: Leg, verb: twiml.Record, take: Take) -> None:
    if take.is_empty:
        leg.emit(RecordingEnded(leg.now, None, 0, None))
        return
    fields = _fields(leg, _keep(leg, verb, take, None))
    leg.call.status = "completed"
    leg.tell(_action(leg, verb), verb.method, fields | {"Digits": "hangup"})


def _keep(leg: Leg, verb: twiml.Record, take: Take, key: str | None) -> Recording:
    pcm = take.finish(leg.clock.now(), verb.trim)
    recording = leg.exchange.keep_recording(leg.call, pcm)
    words = " ".join(take.words) or None
    leg.emit(RecordingEnded(leg.now, recording.sid, recording.seconds, key, words))
    if verb.status_callback:
        leg.reports.send(leg.resolve(verb.status_callback), _status_fields(leg, recording))
    return recording


def _fields(leg: Leg, recording: Recording) -> dict[str, str]:
    return {
        "RecordingUrl": leg.exchange.recording_url(recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
    }


def _status_fields(leg: Leg, recording: Recording) -> dict[str, str]:
    return {
        **_fields(leg, recording),
        "AccountSid": leg.call.account_sid,
        "CallSid": leg.call.sid,
        "RecordingStatus": "completed",
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
    }
