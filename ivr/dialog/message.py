"""A message when nobody is there, and standing by for a caller who says nothing: the line never hangs up."""

from ivr.dialog.answers import Answer
from ivr.dialog.farewell import farewell
from ivr.dialog.model import Context, Prompt, UpdateRequest
from ivr.dialog.moves import Move, Question, asks, say
from ivr.dialog.state import Danger, Ringing, State
from ivr.dialog.transfer import ring
from ivr.dialog.urgent import raise_alarm

_ROUNDS = 3
"""Silent rounds on standby after which the officers are rung again."""


def _message(state: State, _context: Context, answer: Answer) -> Move | None:
    if answer.key in ("0", "*") or answer.command is not None:
        return None
    if answer.has_message:
        return _kept(state, answer)
    if answer.key in ("1", "#") or (answer.silent and state.misses > 0):
        return _go_on(state, say("message.nothing"))
    return None


def _kept(state: State, answer: Answer) -> Move:
    assert state.message_ref is not None, "opened before a message is taken"
    update: UpdateRequest = answer.kept_for(state.message_ref)
    if answer.meaning.risk == "yellow":
        update = update.model_copy(update={"urgency": "yellow"})
    state = state.but(message_ref=None, spoke=True).reached("message_left")
    return _go_on(state, say("message.kept")).doing(update)


def _go_on(state: State, said: tuple[Prompt, ...]) -> Move:
    """Back to the alarm if nobody has answered it; stay with a caller who has said nothing; otherwise, what else?"""
    if state.alarmed:
        return Move(state.but(place="urgent_wait"), said)
    return Move(state.but(place="more" if state.spoke else "standby"), said)


def _stand_by(state: State, context: Context, answer: Answer) -> Move | None:
    if answer.key == "0" or answer.command is not None:
        return None
    if answer.key == "1" or answer.intent in ("yes", "help"):
        return raise_alarm(state, context, Danger(urgency="red", category="emergency"), "standby_help")
    if answer.key == "2":
        return farewell(state, context)
    if answer.closing:
        return Move(state.but(place="more"))
    return _another_round(state, context)


def _another_round(state: State, context: Context) -> Move:
    """Silence, noise and keys that mean nothing are all the same here: somebody is on the line."""
    rounds = (state.rounds + 1) % _ROUNDS
    state = state.but(rounds=rounds)
    if rounds == 0:
        return ring(state, context, Ringing(purpose="standby", ref=state.message_ref), say("person.still"))
    return Move(state)


MESSAGE = Question("message", "message", "1", asks("person.nobody", "message.end"), say("message.keys"), _message)
STANDBY = Question("standby", "yes_no", "12", asks("standby.here", "standby.ask"), say("standby.keys"), _stand_by)
