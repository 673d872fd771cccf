"""How a check-in is taken leave of: thanked, put off, not wanted, or somebody else's number."""

from ivr.dialog.answers import Answer
from ivr.dialog.model import CheckInBrief, Context, Prompt
from ivr.dialog.moves import Move, Question, asks, goodbye, say
from ivr.dialog.state import State
from ivr.dialog.verdict import enough

_GREETINGS = {"birthday": "checkin.birthday", "double_ninth": "checkin.double_ninth"}
_LATER = ("再打", "点打", "会打", "会儿打", "没空", "没时间", "忙", "在吃饭", "下次", "有事")
_NEVER = ("别", "不", "勿", "覅", "弗")
_GOODBYES = ("再见", "再会", "拜拜", "挂")
_STRANGERS = ("打错", "不认识", "去世", "过世", "走了")
"""The number is not the person's, or there is nobody left to ask after."""


def brief_of(context: Context) -> CheckInBrief:
    brief = context.check_in or context.pending
    assert brief is not None, "only in a check-in"
    return brief


def wishes(context: Context) -> tuple[Prompt, ...]:
    """What there is to celebrate today."""
    greeting = brief_of(context).greeting
    return say(_GREETINGS[greeting]) if greeting else ()


def farewell(state: State, context: Context) -> Move:
    """All questions have been asked."""
    if context.check_in is None:
        return goodbye(state, (*wishes(context), *say("bye.noted" if state.opened else "bye.plain")))
    today = say("checkin.today") if state.checking.flag == "yellow" else ()
    thanks = Prompt(key="checkin.bye", slots={"address_as": context.check_in.address_as})
    return goodbye(state, (*today, thanks))


def parting(state: State, context: Context, answer: Answer) -> Move | None:
    """What there is to say to somebody who does not want to go on; None for who has not said so.

    Who has confirmed that they are fine, or is going to be rung by staff, is not rung again.
    """
    goes = answer.sure and any(word in answer.text for word in _GOODBYES) and answer.intent in ("bye", "refuse")
    unwilling = put_off(answer) or answer.intent == "refuse"
    if context.check_in is None or enough(state) or state.checking.flag is not None:
        return farewell(state, context) if goes or unwilling or answer.key == "#" else None
    if strange(answer) and answer.sure:
        return mistaken(state)
    if answer.key == "#" or (unwilling and not answer.sure):
        return Move(state.but(place="checkin_when").checked(result="later"))
    if put_off(answer):
        return _later(state)
    if goes:
        return goodbye(state, say("bye.plain"))
    return _refused(state) if unwilling else None


def put_off(answer: Answer) -> bool:
    """They have no time just now, in their own words."""
    if answer.intent not in (None, "wait", "refuse") or any(word in answer.text for word in _NEVER):
        return False
    return any(word in answer.text for word in _LATER)


def strange(answer: Answer) -> bool:
    return answer.intent == "proxy" and any(word in answer.text for word in _STRANGERS)


def mistaken(state: State) -> Move:
    """Nobody is asked about somebody whom they do not know, or have lost. Staff look into it."""
    return goodbye(state.checked(result="refused", reason="wrong_number"), say("checkin.mistaken"))


def _later(state: State) -> Move:
    return goodbye(state.checked(result="later"), say("checkin.later"))


def _refused(state: State) -> Move:
    return goodbye(state.checked(result="refused", reason="refused"), say("checkin.refused"))


def _when(state: State, _context: Context, answer: Answer) -> Move | None:
    match answer.key:
        case "1":
            return _later(state)
        case "2":
            return _refused(state)
    return None


def _whenever(state: State, _context: Context, _answer: Answer) -> Move:
    return _later(state)


WHEN = Question(
    "checkin_when",
    "yes_no",
    "12",
    asks("checkin.when"),
    say("checkin.when.keys"),
    _when,
    keys_only=True,
    exhausted=_whenever,
)
