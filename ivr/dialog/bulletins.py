"""Listening: the choice between the 彩虹桥 bulletins and the activities, and the bulletins one after another."""

from ivr.dialog import activities
from ivr.dialog.answers import Answer
from ivr.dialog.model import BulletinHeard, Context, Effect, Prompt
from ivr.dialog.moves import Move, Question, asks, say
from ivr.dialog.state import State


def choose(state: State) -> Move:
    return Move(state.but(place="listen_menu"))


def start(state: State, context: Context) -> Move:
    if not context.bulletins:
        return Move(state.but(place="menu"), say("bulletin.none"))
    return Move(state.but(place="bulletin", item=0).reached("listened"), say("bulletin.intro"))


def left(state: State, context: Context) -> tuple[State, tuple[Effect, ...]]:
    """The caller hung up during a bulletin, or after it: nobody can tell, so it does not count as heard."""
    return state, (_heard(state, context, completed=False),)


def _choice(state: State, context: Context, answer: Answer) -> Move | None:
    if answer.key == "1" or answer.intent == "news":
        return start(state, context)
    if answer.key == "2" or answer.intent == "activities":
        return activities.start(state, context)
    if answer.key == "#":
        return Move(state.but(place="menu"))
    return None


def _ask(state: State, context: Context) -> tuple[Prompt, ...]:
    bulletin = context.bulletins[state.item]
    return (
        Prompt(key="bulletin.title", slots={"title": bulletin.title}),
        Prompt(key="text", slots={"text": bulletin.text}),
        *say("bulletin.ask", "star.ask"),
    )


def _after(state: State, context: Context, answer: Answer) -> Move | None:
    """Silence goes on to the next one: they are listening. When a key came is not known, so only going on counts."""
    if answer.silent or answer.key == "1" or answer.intent in ("yes", "news", "fine"):
        return _next(state, context).doing(_heard(state, context, completed=True))
    if answer.key in ("2", "#") or answer.intent in ("no", "bye", "refuse"):
        return Move(state.but(place="menu"), effects=(_heard(state, context, completed=False),))
    return None


def _next(state: State, context: Context) -> Move:
    if state.item + 1 < len(context.bulletins):
        return Move(state.but(item=state.item + 1))
    return Move(state.but(place="menu", item=0), say("bulletin.end"))


def _heard(state: State, context: Context, *, completed: bool) -> BulletinHeard:
    return BulletinHeard(bulletin_id=context.bulletins[state.item].id, completed=completed)


LISTEN_MENU = Question("listen_menu", "menu", "12", asks("listen.ask"), say("listen.keys"), _choice)
BULLETIN = Question("bulletin", "menu", "12", _ask, say("bulletin.keys"), _after)
