"""Activities close to home, one after another; whoever wants to take part is put down for it."""

from ivr.dialog import help as help_flow
from ivr.dialog.answers import Answer
from ivr.dialog.model import Context, Prompt
from ivr.dialog.moves import Move, Question, say
from ivr.dialog.state import State

_SIGN_UP = ("报名", "参加")


def start(state: State, context: Context) -> Move:
    if not context.activities:
        return Move(state.but(place="menu"), say("activity.none"))
    return Move(state.but(place="activity", item=0).reached("listened"), say("activity.intro"))


def wants_to_join(answer: Answer) -> bool:
    """Says 报名 or 参加, rather than asking what there is."""
    return answer.intent == "activities" and any(word in answer.text for word in _SIGN_UP)


def _ask(state: State, context: Context) -> tuple[Prompt, ...]:
    activity = context.activities[state.item]
    return (
        Prompt(key="activity.title", slots={"title": activity.title}),
        Prompt(key="text", slots={"text": activity.text}),
        *say("activity.ask", "star.ask"),
    )


def _after(state: State, context: Context, answer: Answer) -> Move | None:
    if answer.key == "1" or answer.intent == "yes" or wants_to_join(answer):
        return help_flow.sign_up(state, state.item, context.activities[state.item].id)
    if answer.silent or answer.key == "2" or answer.intent == "no":
        return _next(state, context)
    if answer.key == "#" or answer.intent in ("bye", "refuse"):
        return Move(state.but(place="menu", item=0))
    return None


def _next(state: State, context: Context) -> Move:
    if state.item + 1 < len(context.activities):
        return Move(state.but(item=state.item + 1))
    return Move(state.but(place="menu", item=0), say("activity.end"))


ACTIVITY = Question("activity", "menu", "12", _ask, say("activity.keys"), _after)
