"""Anything else? And goodbye, which only ever comes because the caller said so."""

from ivr.dialog import check_in
from ivr.dialog.answers import Answer
from ivr.dialog.model import Context
from ivr.dialog.moves import Move, Question, asks, goodbye, say
from ivr.dialog.state import State

_GOODBYES = ("再见", "再会")
"""Words after which nobody wants to be asked whether there is anything else."""


def farewell(state: State, context: Context) -> Move:
    """Say goodbye and hang up, but first ask how they are if nobody has done so today."""
    if state.outcome == "hung_up_in_menu":
        state = state.but(outcome="said_goodbye")
    if check_in.owed(state, context):
        return check_in.ask_before_farewell(state, context)
    return goodbye(state, say("bye.noted") if state.opened else say("bye.plain"))


def closing(state: State, context: Context, answer: Answer) -> Move | None:
    """Somebody who is done in the middle of something: a plain goodbye is one, anything less is asked about."""
    if answer.sure and answer.intent == "bye" and any(word in answer.text for word in _GOODBYES):
        return farewell(state, context)
    return Move(state.but(place="more"))


def _more(state: State, context: Context, answer: Answer) -> Move | None:
    if answer.key == "1" or answer.closing:
        return farewell(state, context)
    if answer.key == "2" or (answer.intent == "yes" and "有" in answer.text):
        return Move(state.but(place="menu", matter=None))
    return None


MORE = Question("more", "yes_no", "12", asks("more.ask"), say("more.keys"), _more)
