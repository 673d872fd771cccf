"""A person on the line: officers are rung one after another, and what happens when none of them answers."""

from ivr.dialog.model import Context, Effect, OpenRequest, Prompt, TransferEnded, TransferResult
from ivr.dialog.moves import Move, open_request, say
from ivr.dialog.state import Ringing, State


def call_person(state: State, context: Context, first: tuple[Prompt, ...] | None = None) -> Move:
    """Ring the officers for somebody who wants a person, or needs one; then take a message. An alarm goes on."""
    first = say("person.calling") if first is None else first
    if state.alarm is not None and state.alarmed:
        return ring(state, context, Ringing(purpose="alarm", ref=state.alarm.ref), first)
    return ring(state, context, Ringing(purpose="person"), first)


def ring(state: State, context: Context, ringing: Ringing, first: tuple[Prompt, ...]) -> Move:
    """Dial the officer of `ringing`, saying `first`; when there is no such officer, nobody answers."""
    if ringing.officer >= len(context.officers):
        return _nobody(state.but(ringing=None), ringing)
    return Move(state.but(place="dialing", ringing=ringing), first)


def keep_ringing(state: State, *effects: Effect) -> Move:
    """Whatever came in while an officer was being rung, that officer is rung again."""
    return Move(state, _still(_ringing(state)), effects)


def ended(state: State, context: Context, result: TransferResult) -> Move:
    """An officer has answered and gone again, or has not answered: the next one, then nobody."""
    ringing = _ringing(state)
    report = TransferEnded(
        officer=context.officers[ringing.officer], outcome=result.outcome, seconds=result.seconds, ref=ringing.ref
    )
    if result.outcome == "answered":
        return _answered(state.but(ringing=None, attended=True), ringing).doing(report)
    if ringing.purpose == "greeting":
        return _nobody(state.but(ringing=None), ringing).doing(report)
    following = ringing.model_copy(update={"officer": ringing.officer + 1})
    return ring(state, context, following, _still(following)).doing(report)


def left(state: State, context: Context) -> tuple[State, tuple[Effect, ...]]:
    """The caller has hung up before anybody answered. Without a request so far, they are to be called back."""
    ringing = _ringing(state)
    officer = context.officers[ringing.officer]
    report = TransferEnded(officer=officer, outcome="caller_left", ref=ringing.ref)
    state = state.but(ringing=None)
    if ringing.ref is not None or state.message_ref is not None:
        return state, (report,)
    state, request = open_request(state, "callback", "normal", "hung_up_ringing")
    return state.reached("hung_up_ringing"), (request, report)


def take_message(state: State, ref: str | None = None) -> Move:
    """Nobody is there: the request is open before a word is recorded. `ref`: one that is open already."""
    ref = ref or state.message_ref
    request: OpenRequest | None = None
    if ref is None:
        state, request = open_request(state, "person", "normal", "nobody_answered")
        ref = request.ref
    state = state.but(place="message", message_ref=ref, attended=True)
    if state.outcome != "silent":
        state = state.reached("callback_promised")
    return Move(state, effects=(request,) if request else ())


def _answered(state: State, ringing: Ringing) -> Move:
    state = state.but(place="more")
    if ringing.purpose == "alarm" and state.alarm is not None:
        alarm = state.alarm.model_copy(update={"answered": True})
        return Move(state.but(alarm=alarm).reached("urgent_put_through"))
    return Move(state.reached("put_through"))


def _nobody(state: State, ringing: Ringing) -> Move:
    match ringing.purpose:
        case "greeting":
            return Move(state.but(place="menu"), say("greeting.nobody"))
        case "alarm":
            return Move(state.but(place="urgent_wait"))
        case "standby":
            return Move(state.but(place="standby"))
        case "person":
            return take_message(state, ringing.ref)


def _still(ringing: Ringing) -> tuple[Prompt, ...]:
    return say("urgent.still" if ringing.purpose == "alarm" else "person.still")


def _ringing(state: State) -> Ringing:
    assert state.ringing is not None, "only while dialling"
    return state.ringing
