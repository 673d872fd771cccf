"""What a check-in comes to: what was raised in it, the one request that it becomes, and how it ended."""

from dataclasses import replace
from typing import Literal

from ivr.dialog import urgent
from ivr.dialog.model import (
    CheckInAnswered,
    CheckInEnded,
    CheckInResult,
    Context,
    Effect,
    EndCall,
    OpenRequest,
    UpdateRequest,
    Urgency,
)
from ivr.dialog.moves import Move, open_request
from ivr.dialog.state import Checking, State

ALARMS = ("red", "orange")
ENOUGH = ("health", "falls")
"""Who has answered these well is fine, even if they leave before the end."""
_FOR_PEOPLE = ("relative_fine", "concern", "silent", "unclear", "refused")
"""Results that somebody has to look after, so that there is always a request for them."""


def answered(state: State, question: str, *, fine: bool, flag: Urgency | None = None) -> tuple[State, CheckInAnswered]:
    """The answer to a question, which also settles what was in doubt about it; `flag` is what it raises."""
    checking = state.checking
    state = state.but(danger=None).checked(
        answered=(*checking.answered, question), fine=(*checking.fine, *([question] if fine else []))
    )
    answer: Literal["fine", "not_fine"] = "fine" if fine else "not_fine"
    return state, CheckInAnswered(question=question, answer=answer, by=checking.by, flag=flag)


def noted(state: State, category: str, reason: str) -> State:
    """Something that is for the same day. The first is what the request will be about; it is opened at the end."""
    if state.checking.flag is not None:
        return state
    return state.checked(flag="yellow", category=category, reason=reason)


def enough(state: State) -> bool:
    """The person has confirmed that they are fine."""
    return all(question in state.checking.fine for question in ENOUGH)


def alarming(state: State) -> bool:
    return state.checking.flag in ALARMS


def conclude(move: Move, context: Context) -> Move:
    """Report what a check-in has come to, once: as soon as it is an alarm, otherwise when the conversation is over."""
    if context.check_in is None and context.pending is None:
        return move
    move = _doubt_kept(move)
    state = _raised(move.state, move.effects)
    result = None if state.checking.reported else _result(state, context)
    if result is None:
        return replace(move, state=state)
    state, request = _in_hand(state, result)
    if context.check_in is not None:
        state = state.reached(result)
    return replace(move, state=state, effects=_with_report(move.effects, request, result, state))


def _doubt_kept(move: Move) -> Move:
    """Who leaves when asked about something that may be a danger is looked after."""
    if move.state.place != "over" or move.state.danger is None:
        return move
    state, effects = urgent.left(move.state)
    return replace(move, state=state, effects=(*effects, *move.effects))


def _raised(state: State, effects: tuple[Effect, ...]) -> State:
    """The gravest request of the call is the one that the check-in joins."""
    for effect in effects:
        if not isinstance(effect, OpenRequest | UpdateRequest) or effect.urgency in (None, "normal"):
            continue
        assert effect.urgency is not None
        flag, ref = state.checking.flag, state.checking.ref
        rank, known = urgent.RANK[effect.urgency], urgent.RANK[flag or "normal"]
        if rank > known or (rank == known and ref is None):
            state = state.checked(flag=effect.urgency, ref=effect.ref)
    return state


def _result(state: State, context: Context) -> CheckInResult | None:
    """What there is to report now. Somebody who rang the line and was not asked has nothing to report at all."""
    checking = state.checking
    if alarming(state):
        return checking.result if checking.result in ("silent", "unclear") else "concern"
    if state.place != "over":
        return None
    if context.check_in is None:
        return _of_inbound(checking)
    if checking.result == "relative_fine":
        return "relative_fine"
    if checking.flag == "yellow":
        return "concern"
    return "fine" if enough(state) else checking.result or "hung_up"


def _of_inbound(checking: Checking) -> CheckInResult | None:
    return "fine" if "health" in checking.fine else checking.result


def _in_hand(state: State, result: CheckInResult) -> tuple[State, OpenRequest | None]:
    """The state in which this is reported, and the request that has to be opened for it, if there is none yet."""
    state = state.checked(reported=True)
    checking = state.checking
    if result not in _FOR_PEOPLE or checking.ref is not None:
        return state, None
    state, request = open_request(state, checking.category, "yellow", checking.reason)
    return state.checked(flag="yellow", ref=request.ref), request


def _with_report(
    effects: tuple[Effect, ...], request: OpenRequest | None, result: CheckInResult, state: State
) -> tuple[Effect, ...]:
    """Request, report, and then the end of the call, which has become this check-in's."""
    checking = state.checking
    report = CheckInEnded(result=result, flag=checking.flag, ref=checking.ref)
    ended = tuple(effect for effect in effects if isinstance(effect, EndCall))
    before = tuple(effect for effect in effects if not isinstance(effect, EndCall))
    opened = (request,) if request else ()
    return (*before, *opened, report, *(EndCall(outcome=state.outcome) for _ in ended))
