"""The urgent path: what counts as a danger, when it is asked about, and officers rung until one of them answers."""

from dataclasses import replace

from ivr.dialog.answers import SURE, Answer
from ivr.dialog.model import (
    Context,
    Effect,
    FlagRisk,
    Heard,
    OpenRequest,
    Prompt,
    UpdateRequest,
    Urgency,
    Utterance,
)
from ivr.dialog.moves import Move, Question, asks, open_request, say
from ivr.dialog.state import Alarm, Danger, Place, Ringing, State
from ivr.dialog.transfer import ring, take_message

_ALWAYS_ASKED = ("emergency", "red_flag", "fell", "self_harm")
"""Intents that are asked about even when understanding sees no risk in the sentence."""
_BODILY = ("unwell", "fell", "self_harm")
_YELLOW = ("unwell", "medicine", "meals", "company")
_MENU_WORDS = ("急事", "难受")
"""The menu's own words for key 1: whoever says them back has chosen it."""
RANK: dict[Urgency, int] = {"normal": 0, "yellow": 1, "orange": 2, "red": 3}


def danger_in(utterance: Utterance, place: Place) -> Danger | None:
    """The danger in what was said, if any. A score that is low, a negation or a doubt makes it uncertain."""
    meaning = utterance.meaning or Heard()
    doubtful = meaning.confirm or meaning.negated or (utterance.confidence is not None and utterance.confidence < SURE)
    if place == "menu" and _chose_urgent(utterance, meaning):
        category = "unwell" if meaning.intent == "unwell" else "emergency"
        return Danger(urgency="red", category=category, certain=not doubtful)
    if meaning.risk is not None:
        return Danger(urgency=meaning.risk, category=_category(meaning), certain=not doubtful)
    if meaning.intent in _ALWAYS_ASKED:
        return Danger(urgency="red", category=_category(Heard(intent=meaning.intent, risk="red")), certain=False)
    return None


def flag(danger: Danger, utterance: Utterance) -> FlagRisk:
    return FlagRisk(risk=danger.urgency, text=utterance.text or "", certain=danger.certain)


def raise_alarm(
    state: State, context: Context, danger: Danger, reason: str, first: tuple[Prompt, ...] | None = None
) -> Move:
    """Open the request, then ring the officers in order. An alarm that nobody has answered yet is not opened twice."""
    state, request, alarm = _opened(state, danger, reason)
    if first is None:
        first = say("urgent.coming") if alarm.category == "self_harm" else say("urgent.coming", "urgent.ambulance")
    state = state.but(alarm=alarm, danger=None).reached("urgent_unanswered")
    move = ring(state, context, Ringing(purpose="alarm", ref=alarm.ref), first)
    return move.doing(request) if request else move


def alarmed_by(state: State, context: Context, danger: Danger, answer: Answer) -> Move:
    """Raise the alarm for what was said, and keep the words with it."""
    move = raise_alarm(state, context, danger, "heard")
    return replace(move, effects=(*move.effects, answer.kept_for(_alarm(move.state).ref)))


def ask_about(danger: Danger, move: Move) -> Move:
    """Put the question before whatever `move` would have asked; its effects stand."""
    assert move.state.place not in ("dialing", "over")
    state = move.state.but(place="risk_confirm", danger=danger, resume=move.state.place)
    return Move(state, effects=move.effects)


def graver(state: State, danger: Danger) -> State:
    """While one danger is being asked about another is heard: the worse of the two is what it is about."""
    known = state.danger or danger
    return state.but(danger=max(known, danger, key=lambda either: RANK[either.urgency]))


def left(state: State) -> tuple[State, tuple[Effect, ...]]:
    """The caller hung up when asked about a danger: somebody must look after it."""
    danger = _danger(state)
    state, request = open_request(state.but(danger=None), danger.category, danger.urgency, "hung_up_in_risk")
    return state.reached("hung_up_in_risk"), (request,)


def _chose_urgent(utterance: Utterance, meaning: Heard) -> bool:
    return meaning.intent in ("help", "unwell") and any(word in (utterance.text or "") for word in _MENU_WORDS)


def _category(meaning: Heard) -> str:
    if meaning.risk == "yellow":
        return meaning.intent if meaning.intent in _YELLOW else "unwell"
    if meaning.intent in _BODILY:
        return meaning.intent
    return "emergency" if meaning.risk == "red" else "fell"


def _opened(state: State, danger: Danger, reason: str) -> tuple[State, OpenRequest | UpdateRequest | None, Alarm]:
    """The alarm's request. What a check-in has become an alarm for already is the same case, only worse."""
    alarm, known = state.alarm, state.checking.ref
    if alarm is not None and state.alarmed and RANK[alarm.urgency] >= RANK[danger.urgency]:
        return state, None, alarm
    if alarm is None and known is not None and state.checking.flag in ("red", "orange"):
        urgency = max(state.checking.flag, danger.urgency, key=lambda either: RANK[either])
        update = UpdateRequest(ref=known, category=danger.category, urgency=urgency)
        return state, update, Alarm(ref=known, category=danger.category, urgency=urgency)
    state, request = open_request(state, danger.category, danger.urgency, reason)
    return state, request, Alarm(ref=request.ref, category=danger.category, urgency=danger.urgency)


def _danger(state: State) -> Danger:
    assert state.danger is not None, "only while it is being asked about"
    return state.danger


def _alarm(state: State) -> Alarm:
    assert state.alarm is not None, "only after an alarm"
    return state.alarm


def _confirm(state: State, context: Context, answer: Answer) -> Move | None:
    """Only a key says that it is nothing; a spoken yes is enough for help. Silence twice is a reason to ring."""
    if answer.key == "1" or answer.intent == "yes":
        return raise_alarm(state, context, _confirmed(_danger(state)), "risk_confirmed")
    if answer.key == "2":
        return Move(state.but(place=state.resume, danger=None), say("resume.on"))
    if answer.key == "0" or answer.command == "human" or state.misses > 0:
        return _unanswered(state, context, _danger(state))
    return None


def _confirmed(danger: Danger) -> Danger:
    """A live person now, for either; that somebody speaks of dying is orange, everything else is red."""
    if danger.category == "self_harm" and danger.urgency != "red":
        return Danger(urgency="orange", category="self_harm")
    return Danger(urgency="red", category=danger.category)


def _unanswered(state: State, context: Context, danger: Danger) -> Move:
    first = say("confused.person")
    if danger.urgency != "yellow":
        return raise_alarm(state, context, danger, "risk_unanswered", first=first)
    state, request = open_request(state.but(danger=None), danger.category, "yellow", "risk_unanswered")
    return ring(state, context, Ringing(purpose="person", ref=request.ref), first).doing(request)


def _waiting(state: State, context: Context, answer: Answer) -> Move | None:
    """Whatever the caller does, or does not do, the officers are rung again."""
    alarm = _alarm(state)
    if answer.key == "0" and not context.officers:
        return take_message(state, alarm.ref)
    kept = (answer.kept_for(alarm.ref),) if answer.has_message else ()
    return ring(state, context, Ringing(purpose="alarm", ref=alarm.ref), say("urgent.still")).doing(*kept)


def _ask_to_wait(state: State, _context: Context) -> tuple[Prompt, ...]:
    """Nobody who speaks of dying is asked to hang up."""
    if _alarm(state).category == "self_harm":
        return say("urgent.company", "urgent.staying")
    return say("urgent.nobody", "urgent.staying")


RISK_CONFIRM = Question(
    "risk_confirm", "yes_no", "12", asks("risk.ask", "risk.choose"), say("risk.keys"), _confirm, keys_only=True
)
URGENT_WAIT = Question("urgent_wait", "menu", "1", _ask_to_wait, say("urgent.nobody"), _waiting)
