"""The greeting, the menu, and what a caller may ask for by voice there and wherever else nothing is pending."""

from ivr.dialog import activities, bulletins
from ivr.dialog import help as help_flow
from ivr.dialog.answers import CLOSING, Answer
from ivr.dialog.common import announced
from ivr.dialog.farewell import closing
from ivr.dialog.model import Context, Prompt
from ivr.dialog.moves import Move, Question, say
from ivr.dialog.state import Danger, Ringing, State
from ivr.dialog.transfer import ring
from ivr.dialog.urgent import raise_alarm

_OPEN_TO_WISHES = ("menu", "listen_menu", "bulletin", "activity", "more", "standby")


def greet(context: Context) -> Move:
    """The first turn: greeting and menu; before it the cases that a helper has taken, or a person if so set."""
    state = State(turn_number=0, place="menu", slow=context.caller is not None and context.caller.slow)
    hello = say("greeting.hello")
    if context.caller is not None:
        hello += (Prompt(key="greeting.name", slots={"address_as": context.caller.address_as}),)
    hello += announced(context)
    if context.cases:
        return Move(state.but(place="case_report"), hello)
    if context.person_first and context.officers:
        return ring(state, context, Ringing(purpose="greeting"), (*hello, *say("greeting.person")))
    return Move(state, hello)


def wish(state: State, context: Context, answer: Answer) -> Move | None:
    """Something asked for in words, at a question that leaves room for it."""
    if state.place not in _OPEN_TO_WISHES:
        return None
    match answer.intent:
        case "news":
            return bulletins.start(state, context)
        case "activities":
            return _about_activities(state, context, answer)
        case "help" | "proxy":
            return help_flow.enter(state)
        case intent if intent in help_flow.SPOKEN_CATEGORIES and not answer.meaning.negated:
            return help_flow.note(state, intent, answer)
        case _:
            return None


def _about_activities(state: State, context: Context, answer: Answer) -> Move:
    if activities.wants_to_join(answer):
        return help_flow.note(state, "activities", answer)
    return activities.start(state, context)


def _ask(_state: State, context: Context) -> tuple[Prompt, ...]:
    choices = say("menu.urgent", "menu.help", "menu.listen", "menu.person")
    return (*choices, *say("menu.speak")) if context.speech else choices


def _choice(state: State, context: Context, answer: Answer) -> Move | None:
    match answer.key:
        case "1":
            return raise_alarm(state, context, Danger(urgency="red", category="emergency"), "menu_urgent")
        case "2":
            return help_flow.enter(state)
        case "3":
            return bulletins.choose(state)
    return closing(state, context, answer) if answer.intent in CLOSING else None


MENU = Question("menu", "menu", "123", _ask, say("menu.keys", "menu.keys.more"), _choice)
