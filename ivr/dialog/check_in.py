"""The wellbeing call: who is on the line, the questions of the day, and what each answer leads to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ivr.dialog import common, urgent
from ivr.dialog import help as help_flow
from ivr.dialog.answers import Answer
from ivr.dialog.model import Context, Prompt, Urgency
from ivr.dialog.moves import Move, Question, asks, goodbye, open_request, say
from ivr.dialog.parting import WHEN, brief_of, farewell, mistaken, parting, put_off, strange, wishes
from ivr.dialog.state import Danger, QuestionName, Ringing, State
from ivr.dialog.transfer import ring
from ivr.dialog.verdict import alarming, answered, noted

Reading = Literal["fine", "not_fine", "unsure"]


@dataclass(frozen=True, slots=True)
class Check:
    """What the answers to one question mean. Of intents, only those that were clearly heard count."""

    place: QuestionName
    fine: tuple[str, ...]
    not_fine: tuple[str, ...]
    flag: Urgency = "normal"
    category: str = "check_in"
    """Of the request for who is not fine."""

    def about(self, danger: Danger) -> bool:
        """The danger is what is being asked about, so that it is an answer and no interruption."""
        if urgent.RANK[danger.urgency] > urgent.RANK[self.flag]:
            return False
        return danger.category == self.category or (self.flag == "yellow" and danger.urgency == "yellow")


_CHECKS: dict[str, Check] = {
    "relative": Check("checkin_relative", ("fine", "yes"), ("no", "unwell"), "red", "unwell"),
    "health": Check("checkin_health", ("fine",), ("unwell",), "red", "unwell"),
    "falls": Check("checkin_falls", ("no", "fine"), (), "orange", "fell"),
    "meals": Check("checkin_meals", ("fine", "yes"), ("unwell", "meals"), "yellow", "wellbeing"),
    "mood": Check("checkin_mood", ("fine", "yes"), ("unwell", "company"), "yellow", "company"),
    "medicine": Check("checkin_medicine", ("fine", "yes"), ("medicine",), "yellow", "medicine"),
    "help": Check("checkin_help", ("no", "fine", "bye"), ("yes", "help")),
}
_DAILY = ("health", "falls", "meals", "help")
_WEEKLY = ("mood", "medicine")
_WHO = ("谁", "哪位", "哪里", "骗", "啥人")
"""Somebody would like to know who is calling before they say who they are."""


def greet(context: Context) -> Move:
    """The first turn: who is calling, and whom for."""
    slow = context.caller is not None and context.caller.slow
    state = State(turn_number=0, place="checkin_identity", outcome="hung_up", slow=slow)
    return Move(state, (*say("checkin.hello"), *common.announced(context)))


def owed(state: State, context: Context) -> bool:
    """Somebody who rang the line is about to go, and nobody has asked them today how they are."""
    return context.pending is not None and not state.checking.asked and not alarming(state)


def ask_before_farewell(state: State, context: Context) -> Move:
    hello = Prompt(key="checkin.pending", slots={"address_as": brief_of(context).address_as})
    return Move(state.but(place="checkin_health").checked(asked=True), (hello, *_opening(context)))


def carried_on(move: Move, context: Context) -> Move:
    """Where a caller of the line would be asked what else there is, the check-in goes on where it was, or ends."""
    state = move.state
    if state.place not in ("more", "standby"):
        return move
    if alarming(state) or state.alarm is not None:
        return goodbye(state, (*move.say, *say("bye.plain"))).doing(*move.effects)
    onward = _onward(state, context)
    resumed = say("resume.on") if onward.state.place != "over" else ()
    return replace(onward, say=(*move.say, *resumed, *onward.say)).doing(*move.effects)


def _opening(context: Context) -> tuple[Prompt, ...]:
    """The sentence that an extra round begins with."""
    opening = brief_of(context).opening
    return (Prompt(key="text", slots={"text": opening}),) if opening else ()


# --- From one question to the next ---------------------------------------------------------------------------------


def _onward(state: State, context: Context) -> Move:
    """The next question that has no answer yet, or the farewell."""
    if state.checking.by == "relative":
        return Move(state.but(place="checkin_relative"))
    if context.check_in is not None and not state.checking.identified:
        return Move(state.but(place="checkin_identity"))
    for name in _questions(context):
        if name not in state.checking.answered:
            return Move(state.but(place=_CHECKS[name].place))
    return farewell(state, context)


def _questions(context: Context) -> tuple[str, ...]:
    """Who rang the line for something else is asked one question only."""
    if context.check_in is None:
        return ("health",)
    return (*_DAILY, *_WEEKLY) if context.check_in.weekly else _DAILY


def _identify(state: State, context: Context, answer: Answer) -> Move | None:
    if answer.intent == "proxy" and any(word in answer.text for word in _WHO):
        return Move(state.but(misses=0), state.lead, settles=False)
    match _read(answer, ("yes",), ("no", "proxy")):
        case "fine":
            state = state.checked(identified=True, by="person")
            return replace(_onward(state, context), say=(*wishes(context), *_opening(context)))
        case "not_fine":
            return mistaken(state) if strange(answer) else _to_relative(state, context)
        case "unsure":
            return _by_key(state)
    return _otherwise(state, context, answer)


def _to_relative(state: State, context: Context) -> Move:
    return Move(state.but(place="checkin_relative").checked(by="relative"), _opening(context))


def _answer_to(name: str) -> Callable[[State, Context, Answer], Move | None]:
    check = _CHECKS[name]

    def answer_to(state: State, context: Context, answer: Answer) -> Move | None:
        match _read(answer, check.fine, check.not_fine):
            case "fine":
                return _fine(state, context, name)
            case "not_fine":
                return _not_fine(state, context, name)
            case "unsure":
                return _by_key(state)
        return _instead(state, context, name, answer) or _otherwise(state, context, answer)

    return answer_to


def _instead(state: State, context: Context, name: str, answer: Answer) -> Move | None:
    """More than was asked for: what help they want, or that it is not the person who is on the line."""
    if name == "help" and answer.intent in help_flow.SPOKEN_CATEGORIES and not answer.meaning.negated:
        state, effect = answered(state, name, fine=False, flag="normal")
        return help_flow.note(state, answer.intent, answer).doing(effect)
    if name == "health" and answer.intent == "proxy" and answer.sure and not state.checking.identified:
        return _to_relative(state, context)
    return None


def _read(answer: Answer, fine: tuple[str, ...], not_fine: tuple[str, ...]) -> Reading | None:
    if answer.key in ("1", "2"):
        return "fine" if answer.key == "1" else "not_fine"
    if answer.intent is None or answer.intent not in (*fine, *not_fine):
        return None
    if not answer.sure or answer.meaning.confirm or answer.meaning.negated or answer.meaning.risk:
        return "unsure"
    return "fine" if answer.intent in fine else "not_fine"


def _fine(state: State, context: Context, name: str) -> Move:
    state, effect = answered(state, name, fine=True)
    if name != "relative":
        return _onward(state, context).doing(effect)
    state = state.checked(result="relative_fine", reason="relative_answered")
    return goodbye(state, say("checkin.relative.bye")).doing(effect)


def _not_fine(state: State, context: Context, name: str) -> Move:
    """Help is asked about; what is for the same day is noted, and on; anything worse ends the call or is an alarm."""
    check = _CHECKS[name]
    state, effect = answered(state, name, fine=False, flag=check.flag)
    if check.flag == "normal":
        return help_flow.enter(state).doing(effect)
    if check.flag == "yellow":
        return _onward(noted(state, check.category, check.place), context).doing(effect)
    if context.check_in is None:
        danger = Danger(urgency=check.flag, category=check.category)
        return urgent.raise_alarm(state, context, danger, check.place).doing(effect)
    # The telephone has to be free for whoever takes the case.
    state, request = open_request(state, check.category, check.flag, check.place)
    words = say("checkin.concern", "checkin.ambulance") if check.flag == "red" else say("checkin.concern")
    return goodbye(state, words).doing(effect, request)


# --- What is no answer ---------------------------------------------------------------------------------------------


def _by_key(state: State) -> Move:
    """What was barely heard, or may mean something else, is asked again, for a key."""
    state = state.but(misses=common.KEYS_ONLY_AFTER, starred=False)
    return Move(state, say("confused.keys"), asking="keys", settles=False)


def _otherwise(state: State, context: Context, answer: Answer) -> Move | None:
    """They have no time, do not want to, say goodbye, or fetch somebody."""
    fetched = answer.command == "wait" and state.place in ("checkin_identity", "checkin_relative")
    if fetched and not put_off(answer):
        state = state.but(place="checkin_identity", misses=0, starred=False).checked(by="person")
        return Move(state, say("wait.patient"), asking="nothing", settles=False)
    return parting(state, context, answer)


def _worried(state: State, context: Context, danger: Danger, answer: Answer) -> Move | None:
    """A danger that is asked about is an answer; what is for the same day is noted; anything worse is an alarm."""
    name = state.place.removeprefix("checkin_")
    check = _CHECKS.get(name)
    if answer.key is not None:
        return None
    if check is not None and check.about(danger):
        return _not_fine(state, context, name) if danger.certain else _by_key(urgent.graver(state, danger))
    if danger.certain and danger.urgency == "yellow":
        return _instead(state, context, name, answer) or Move(noted(state, danger.category, "heard"), say("resume.on"))
    return None


def exhausted(state: State, context: Context, answer: Answer) -> Move:
    """Answered but silent is an alarm. Who was not understood is, too, but a lesser one."""
    if context.check_in is None:
        return farewell(state, context)
    if alarming(state):
        return common.exhausted(state, context)
    first = say("confused.person")
    if state.danger is not None and state.danger.urgency != "yellow":
        return urgent.raise_alarm(state, context, state.danger, "risk_unanswered", first=first)
    silent = answer.silent or not state.spoke
    if silent:
        state, request = open_request(state.checked(result="silent"), "silent", "red", "answered_but_silent")
    else:
        state, request = open_request(state.checked(result="unclear"), "unclear", "orange", "not_understood")
    state = state.but(danger=None)
    return ring(state, context, Ringing(purpose="person", ref=request.ref), first).doing(request)


# --- The questions -------------------------------------------------------------------------------------------------


def _ask_who(_state: State, context: Context) -> tuple[Prompt, ...]:
    who = Prompt(key="checkin.identity", slots={"address_as": brief_of(context).address_as})
    return (who, *say("checkin.busy"))


def _ask_relative(_state: State, context: Context) -> tuple[Prompt, ...]:
    return (Prompt(key="checkin.relative", slots={"address_as": brief_of(context).address_as}),)


def _question(
    name: QuestionName,
    ask: Callable[[State, Context], tuple[Prompt, ...]],
    remind: str,
    answer: Callable[[State, Context, Answer], Move | None],
) -> Question:
    return Question(name, "yes_no", "12", ask, say(remind), answer, worry=_worried, exhausted=exhausted)


ALL = (
    _question("checkin_identity", _ask_who, "checkin.identity.keys", _identify),
    _question("checkin_relative", _ask_relative, "checkin.relative.keys", _answer_to("relative")),
    _question("checkin_health", asks("checkin.health"), "checkin.health.keys", _answer_to("health")),
    _question("checkin_falls", asks("checkin.falls"), "checkin.falls.keys", _answer_to("falls")),
    _question("checkin_meals", asks("checkin.meals"), "checkin.meals.keys", _answer_to("meals")),
    _question("checkin_help", asks("checkin.help"), "checkin.help.keys", _answer_to("help")),
    _question("checkin_mood", asks("checkin.mood"), "checkin.mood.keys", _answer_to("mood")),
    _question("checkin_medicine", asks("checkin.medicine"), "checkin.medicine.keys", _answer_to("medicine")),
    WHEN,
)
"""Every question of a check-in."""
