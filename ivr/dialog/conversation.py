"""One step of a conversation: what happened is read, the flow in charge decides, and the next turn is written out."""

from dataclasses import dataclass
from typing import get_args

from ivr.dialog import (
    activities,
    bulletins,
    cases,
    check_in,
    common,
    farewell,
    menu,
    message,
    transfer,
    urgent,
    verdict,
)
from ivr.dialog import help as help_flow
from ivr.dialog.answers import Answer, hear
from ivr.dialog.model import (
    CallStarted,
    Context,
    Dial,
    Effect,
    EndCall,
    Event,
    HangUp,
    Hangup,
    Key,
    Listen,
    MachineAnswered,
    Prompt,
    Silence,
    TransferResult,
    Turn,
    Utterance,
)
from ivr.dialog.moves import Move, Question, goodbye
from ivr.dialog.state import Danger, QuestionName, State

_ASKED: dict[str, Question] = {
    question.name: question
    for question in (
        menu.MENU,
        bulletins.LISTEN_MENU,
        bulletins.BULLETIN,
        activities.ACTIVITY,
        help_flow.HELP_MESSAGE,
        help_flow.HELP_CATEGORY,
        help_flow.HELP_READBACK,
        farewell.MORE,
        urgent.RISK_CONFIRM,
        urgent.URGENT_WAIT,
        message.MESSAGE,
        message.STANDBY,
        *check_in.ALL,
        *cases.ALL,
    )
}

QUESTIONS: tuple[str, ...] = (*get_args(QuestionName), "menu_keys")
"""Every Listen.question. `menu_keys` is the menu after two misses, when keys are asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an event led to. The effects are carried out, in order, before the turn is spoken."""

    state: State
    effects: tuple[Effect, ...]
    turn: Turn


def step(state: State | None, event: Event, context: Context) -> Step:
    """Go on from `state`, or start when it is None, which takes a CallStarted. Raises ValueError otherwise.

    An event that cannot happen where the conversation stands changes nothing: the turn is put again. After the end
    nothing changes any more, not even the turn's number. Neither does it for a machine that is not believed in.
    """
    if state is None:
        if not isinstance(event, CallStarted):
            raise ValueError(f"a conversation starts with call_started, not {event.type}")
        return _written(_greet(context), context, event)
    if state.place == "over" or (isinstance(event, MachineAnswered) and not _by_machine(state, context)):
        return Step(state, (), Turn(number=state.turn_number, say=(), then=_then(state, context), slow=state.slow))
    move = _decide(state, event, context)
    if context.check_in is not None:
        move = check_in.carried_on(move, context)
    return _written(verdict.conclude(move, context), context, event)


def _greet(context: Context) -> Move:
    """What the call is for decides how it begins."""
    if context.case is not None:
        return cases.greet(context)
    return menu.greet(context) if context.check_in is None else check_in.greet(context)


def _by_machine(state: State, context: Context) -> bool:
    """Only what we have rung can be a machine, and none presses keys or answers what it is asked. An officer who is
    being put through will hear for themselves."""
    rung = (context.check_in is not None or context.case is not None) and state.place != "dialing"
    checking = state.checking
    answered = checking.identified or checking.by == "relative" or checking.flag is not None
    return rung and not (state.pressed or answered)


def _decide(state: State, event: Event, context: Context) -> Move:
    if isinstance(event, Hangup):
        return _gone(state, context)
    if isinstance(event, MachineAnswered):
        return goodbye(state.but(outcome="machine").checked(result="machine"), ())
    if isinstance(event, Key | Utterance):
        pressed = state.pressed or event.key is not None
        state = state.but(spoke=state.spoke or _spoken(event), pressed=pressed)
    if state.place == "dialing":
        return _while_dialing(state, event, context)
    if isinstance(event, CallStarted | TransferResult):
        return Move(state, settles=False)
    danger = urgent.danger_in(event, state.place) if isinstance(event, Utterance) else None
    if danger is None or not isinstance(event, Utterance) or context.case is not None:
        return _answered(state, event, context)
    return _endangered(state, event, danger, context).doing(urgent.flag(danger, event))


def _spoken(event: Key | Utterance) -> bool:
    """A sound without a word is not proof that the caller can speak."""
    return isinstance(event, Key) or bool(event.text or event.key)


def _while_dialing(state: State, event: Event, context: Context) -> Move:
    if isinstance(event, TransferResult):
        return transfer.ended(state, context, event)
    danger = urgent.danger_in(event, state.place) if isinstance(event, Utterance) else None
    if danger is None or not isinstance(event, Utterance):
        return transfer.keep_ringing(state)
    if danger.alarming:
        alarm = urgent.alarmed_by(state, context, danger, hear(event, message=False))
        return alarm.doing(urgent.flag(danger, event))
    return transfer.keep_ringing(state, urgent.flag(danger, event))


def _answered(state: State, event: Key | Utterance | Silence, context: Context) -> Move:
    """Without danger: repeat first, then the question's own answers, then wishes, then what holds everywhere."""
    question = _ASKED[state.place]
    answer = hear(event, message=question.takes_message)
    return (
        common.repeat(state, answer)
        or question.answer(state, context, answer)
        or menu.wish(state, context, answer)
        or common.universal(state, context, answer)
        or common.missed(state, answer)
        or _exhausted(question, state, context, answer)
    )


def _exhausted(question: Question, state: State, context: Context, answer: Answer) -> Move:
    if question.exhausted is not None:
        return question.exhausted(state, context, answer)
    if context.check_in is None:
        return common.exhausted(state, context)
    return check_in.exhausted(state, context, answer)


def _endangered(state: State, event: Utterance, danger: Danger, context: Context) -> Move:
    """A certain danger goes before everything. A doubt is asked about, unless a key has settled it already."""
    question = _ASKED[state.place]
    answer = hear(event, message=question.takes_message)
    worry = question.worry and question.worry(state, context, danger, answer)
    if worry:
        return worry
    if danger.alarming:
        return urgent.alarmed_by(state, context, danger, answer)
    if state.place == "risk_confirm":
        state = urgent.graver(state, danger)
    if question.takes_message or event.key or state.place in ("risk_confirm", "urgent_wait"):
        kept = _answered(state, event, context)
        doubt = question.takes_message and not danger.certain and kept.state.place not in ("dialing", "over")
        return urgent.ask_about(danger, kept) if doubt else kept
    if danger.certain:
        return help_flow.note(state, danger.category, answer)
    return urgent.ask_about(danger, Move(state))


def _gone(state: State, context: Context) -> Move:
    """The caller has hung up. What they left behind is looked after, then the call ends."""
    effects: tuple[Effect, ...] = ()
    match state.place:
        case "dialing":
            state, effects = transfer.left(state, context)
        case "help_message":
            state, effects = help_flow.left(state)
        case "bulletin":
            state, effects = bulletins.left(state, context)
        case "risk_confirm":
            state, effects = urgent.left(state)
    return Move(state.but(place="over"), effects=(*effects, EndCall(outcome=state.outcome)))


def _written(move: Move, context: Context, event: Event) -> Step:
    state = move.state.but(turn_number=move.state.turn_number + 1)
    if move.settles:
        state = state.but(misses=0, starred=False, lead=move.say)
    turn = Turn(
        number=state.turn_number,
        say=(*move.say, *_asking(move, context)),
        then=_then(state, context),
        slow=state.slow,
        after_key=isinstance(event, Key) or (isinstance(event, Utterance) and event.key is not None),
    )
    return Step(state, move.effects, turn)


def _asking(move: Move, context: Context) -> tuple[Prompt, ...]:
    question = _ASKED.get(move.state.place)
    if question is None or move.asking == "nothing":
        return ()
    return question.remind if move.asking == "keys" else question.ask(move.state, context)


def _then(state: State, context: Context) -> Listen | Dial | HangUp:
    if state.place == "over":
        return HangUp()
    if state.place == "dialing":
        assert state.ringing is not None
        return Dial(officer=context.officers[state.ringing.officer])
    question = _ASKED[state.place]
    by_keys = state.misses == common.KEYS_ONLY_AFTER
    return Listen(
        question="menu_keys" if by_keys and state.place == "menu" else state.place,
        kind=question.kind,
        keys=f"{question.keys}0*#",
        speech=question.takes_message or (context.speech and not (question.keys_only or by_keys)),
    )
