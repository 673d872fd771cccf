"""What holds at every question: repeat, slower, a moment, a person, and what silence and confusion lead to."""

from ivr.dialog.answers import Answer
from ivr.dialog.model import Context, Prompt, SetSpeechRate
from ivr.dialog.moves import Move, open_request, say
from ivr.dialog.state import Ringing, State
from ivr.dialog.transfer import call_person, ring

KEYS_ONLY_AFTER = 2
"""Misses in a row at one question after which only keys are asked for; one more, and a person is called."""


def universal(state: State, context: Context, answer: Answer) -> Move | None:
    """What a caller may want of any question that has no answer of its own to it."""
    if answer.key == "0" or answer.command == "human":
        return call_person(state, context)
    if answer.command == "wait":
        return Move(state.but(misses=0, starred=False), say("wait.patient"), asking="nothing", settles=False)
    return None


def repeat(state: State, answer: Answer) -> Move | None:
    """The turn again. Asked for twice in a row, or asked for in words, it becomes slower, for good."""
    again = answer.key == "*" or answer.command == "repeat"
    slower = answer.command == "slower" or (again and state.starred)
    if not (again or slower):
        return None
    state = state.but(misses=0, starred=again)
    if not slower or state.slow:
        return Move(state, state.lead, settles=False)
    effects = (SetSpeechRate(slow=True),)
    return Move(state.but(slow=True), (*say("repeat.slower"), *state.lead), effects, settles=False)


def announced(context: Context) -> tuple[Prompt, ...]:
    """Whoever is on the line hears that it is automatic, and that it is recorded where it is."""
    records = context.caller is None or context.caller.records
    return say("greeting.recorded" if records else "greeting.automatic")


def missed(state: State, answer: Answer) -> Move | None:
    """Nothing came back, or nothing that answers the question: rephrase once, then keys only. None: patience ends."""
    state = state.but(misses=state.misses + 1, starred=False)
    if state.misses > KEYS_ONLY_AFTER:
        return None
    if state.misses == KEYS_ONLY_AFTER:
        return Move(state, say("confused.keys"), asking="keys", settles=False)
    return Move(state, say(_hint(answer)), settles=False)


def _hint(answer: Answer) -> str:
    if answer.silent:
        return "silence.again"
    return "confused.again" if answer.key is None else "confused.key"


def exhausted(state: State, context: Context) -> Move:
    """A person; standby for who had one or was promised a call. Who has said nothing at all may be in danger."""
    if state.alarmed:
        return Move(state.but(place="urgent_wait"))
    if state.attended:
        return Move(state.but(place="standby", rounds=0))
    if state.spoke:
        return call_person(state, context, say("confused.person"))
    state, request = open_request(state, "silent", "orange", "silent")
    ringing = Ringing(purpose="person", ref=request.ref)
    return ring(state.reached("silent"), context, ringing, say("confused.person")).doing(request)
