"""The helper's calls: rung about a case until they take it with a key, and ringing in to say that it is resolved.

Keys only: what a helper says on the telephone is not listened to.
"""

from ivr.dialog.answers import Answer
from ivr.dialog.model import CaseBrief, CaseResolved, CaseTaken, Context, Prompt
from ivr.dialog.moves import Move, Question, goodbye, say
from ivr.dialog.state import QuestionName, State

TROUBLES = ("emergency", "unwell", "fell", "self_harm", "silent", "unclear")
"""Categories of alarms that helpers are told of in words of their own: `trouble.<category>` in the texts."""
_ASKED = 3
"""How often a helper is asked for a key before somebody else is looked for."""
_HOME = "+86"


def trouble(category: str, matter: str) -> str:
    """What a case is, as the value of `CaseBrief.matter`; `matter` is how the request says it, maybe to the caller."""
    if category in TROUBLES:
        return f"@trouble.{category}"
    return "@trouble.other" if not matter or "您" in matter else matter


def greet(context: Context) -> Move:
    """The first turn of a call to a helper."""
    place: QuestionName = "case_still" if _case(context).taken else "case_offer"
    return Move(State(turn_number=0, place=place, outcome="case_not_taken"), say("case.hello"))


def _case(context: Context) -> CaseBrief:
    assert context.case is not None, "only when a helper was rung"
    return context.case


def _about(key: str, case: CaseBrief) -> tuple[Prompt, ...]:
    about = Prompt(key=key, slots={"person": case.person, "matter": case.matter})
    since = Prompt(key="case.since", slots={"minutes": str(case.minutes)})
    return (about, since) if case.minutes else (about,)


def _ask_to_take(_state: State, context: Context) -> tuple[Prompt, ...]:
    return (*_about("case.about", _case(context)), *say("case.take"))


def _ask_whether_resolved(_state: State, context: Context) -> tuple[Prompt, ...]:
    return (*_about("case.yours", _case(context)), *say("case.still"))


def _read_out(_state: State, context: Context) -> tuple[Prompt, ...]:
    """Who it is, where, and their telephone; what is not known is left out."""
    case = _case(context)
    known = [Prompt(key="case.person", slots={"person": case.person})]
    if case.address:
        known.append(Prompt(key="case.address", slots={"address": case.address}))
    if case.phone:
        known.append(Prompt(key="case.phone", slots={"phone": _national(case.phone)}))
    return (*known, *say("case.handed", "case.done"))


def _national(phone: str) -> str:
    """A number as one dials it at home: a mobile without the country code, anything else with its area code."""
    if not phone.startswith(_HOME):
        return phone
    number = phone.removeprefix(_HOME)
    return number if number.startswith("1") and len(number) == 11 else f"0{number}"


def _offered(state: State, context: Context, answer: Answer) -> Move:
    return _taken(state, context) if answer.key == "1" else _again(state, "case.nobody")


def _still(state: State, context: Context, answer: Answer) -> Move:
    match answer.key:
        case "1":
            return _taken(state, context)
        case "2":
            return _resolved(state, context)
    return _again(state, "case.nobody")


def _taken(state: State, context: Context) -> Move:
    """Theirs, before a word more is said. What they write down is read out slowly."""
    state = state.but(place="case_details", slow=True).reached("case_taken")
    return Move(state, effects=(CaseTaken(escalation_id=_case(context).escalation_id),))


def _details(state: State, context: Context, answer: Answer) -> Move:
    return _resolved(state, context) if answer.key == "2" else _again(state, "case.bye")


def _resolved(state: State, context: Context) -> Move:
    resolved = CaseResolved(escalation_id=_case(context).escalation_id)
    return goodbye(state.reached("case_resolved"), say("case.resolved", "case.bye")).doing(resolved)


def _again(state: State, last: str) -> Move:
    """Nobody argues with a helper: the same again, then goodbye."""
    state = state.but(misses=state.misses + 1, starred=False)
    return goodbye(state, say(last)) if state.misses >= _ASKED else Move(state, state.lead, settles=False)


def _ask_for_report(state: State, context: Context) -> tuple[Prompt, ...]:
    return (*_about("case.yours", context.cases[state.item]), *say("case.still"))


def _reported(state: State, context: Context, answer: Answer) -> Move | None:
    """A helper rings the line: each of their cases in turn, then the menu."""
    case = context.cases[state.item]
    match answer.key:
        case "1":
            return _next(state.reached("case_taken"), context).doing(CaseTaken(escalation_id=case.escalation_id))
        case "2":
            move = _next(state.reached("case_resolved"), context, say("case.resolved"))
            return move.doing(CaseResolved(escalation_id=case.escalation_id))
        case "#":
            return _to_menu(state)
    return None


def _next(state: State, context: Context, said: tuple[Prompt, ...] = ()) -> Move:
    if state.item + 1 < len(context.cases):
        return Move(state.but(item=state.item + 1), said)
    return _to_menu(state, said)


def _to_menu(state: State, said: tuple[Prompt, ...] = ()) -> Move:
    return Move(state.but(place="menu", item=0), said)


def _unreported(state: State, _context: Context, _answer: Answer) -> Move:
    return _to_menu(state)


ALL = (
    Question("case_offer", "menu", "1", _ask_to_take, say("case.take"), _offered, keys_only=True),
    Question("case_still", "yes_no", "12", _ask_whether_resolved, say("case.still"), _still, keys_only=True),
    Question("case_details", "menu", "2", _read_out, say("case.done"), _details, keys_only=True),
    Question(
        "case_report",
        "yes_no",
        "12",
        _ask_for_report,
        say("case.still"),
        _reported,
        keys_only=True,
        exhausted=_unreported,
    ),
)
"""Every question that a helper is asked."""
