"""A request for help: told in the caller's own words, sorted by what was understood or by keys, and read back."""

from ivr.dialog.answers import Answer
from ivr.dialog.model import Context, Effect, Prompt, UpdateRequest, Urgency
from ivr.dialog.moves import Move, Question, asks, open_request, say
from ivr.dialog.state import Matter, State
from ivr.dialog.transfer import call_person

SPOKEN_CATEGORIES = (
    "medicine",
    "transport",
    "repair",
    "cleaning",
    "meals",
    "company",
    "contribute",
    "unwell",
)
"""Intents that are a request in themselves."""

CATEGORIES = (
    *SPOKEN_CATEGORIES,
    *("emergency", "fell", "self_harm", "activities", "proxy", "callback", "silent", "person"),
    *("medical", "home", "other"),
    *("check_in", "wellbeing", "unclear", "bad_number"),
)
"""Every category a request can have; `matter.<category>` in the texts says it in words."""

_BY_KEY = {"1": "medical", "2": "home", "3": "other"}
"""Three kinds are as many as a menu may have; staff hear from the message which matter of its kind it is."""
_PATIENCE = 2
"""Read-backs that may be wrong before a person takes over."""


def enter(state: State) -> Move:
    return Move(state.but(place="help_message", matter=None))


def note(state: State, category: str, answer: Answer) -> Move:
    """A request that was made in passing, in a word or two: open it, then read it back."""
    state, request = open_request(state, category, _urgency(answer, category), "spoken")
    matter = Matter(ref=request.ref, category=category)
    return _read_back(state, matter).doing(request, answer.kept_for(request.ref))


def sign_up(state: State, activity: int, activity_id: int) -> Move:
    """The caller wants to take part in an activity that was read out."""
    state, request = open_request(state, "activities", "normal", "sign_up")
    matter = Matter(ref=request.ref, category="activities", activity=activity)
    return _read_back(state, matter).doing(request, UpdateRequest(ref=request.ref, activity_id=activity_id))


def left(state: State) -> tuple[State, tuple[Effect, ...]]:
    """The caller hung up before saying what it was about: they are to be called back."""
    if state.matter is not None:
        return state, ()
    state, request = open_request(state, "callback", "normal", "hung_up_in_help")
    return state.reached("hung_up_in_help"), (request,)


def _ask_message(state: State, _context: Context) -> tuple[Prompt, ...]:
    return say("help.ask") if state.matter is None else say("help.again")


def _message(state: State, _context: Context, answer: Answer) -> Move | None:
    if answer.key in ("0", "*") or answer.command is not None:
        return None
    if answer.closing:
        return Move(state.but(place="more"))
    if answer.has_message or answer.key in ("1", "#"):
        return _keep(state, answer)
    return None


def _keep(state: State, answer: Answer) -> Move:
    """Open the request, or go on with the one that was read back wrong, then put with it what was said."""
    category = _category(answer)
    urgency = _urgency(answer, category)
    effects: list[Effect] = []
    matter = state.matter
    if matter is None:
        state, request = open_request(state, category or "other", urgency, "message")
        effects.append(request)
        matter = Matter(ref=request.ref, category=request.category)
    elif urgency != "normal":
        effects.append(UpdateRequest(ref=matter.ref, urgency=urgency))
    update = answer.kept_for(matter.ref)
    if category is not None:
        update = update.model_copy(update={"category": category})
        matter = matter.model_copy(update={"category": category})
        return _read_back(state, matter).doing(*effects, update)
    state = state.but(place="help_category", matter=matter).reached("request_unconfirmed")
    return Move(state, effects=(*effects, update))


def _category(answer: Answer) -> str | None:
    """What an un-negated message is about; for a long one too, of which `intent` is not a command."""
    meaning = answer.meaning
    if meaning.negated or meaning.intent not in (*SPOKEN_CATEGORIES, "activities", "proxy"):
        return None
    return meaning.intent


def _urgency(answer: Answer, category: str | None) -> Urgency:
    """Not being well, and the lesser dangers, are for today."""
    return "yellow" if category == "unwell" or answer.meaning.risk == "yellow" else "normal"


def _sort(state: State, _context: Context, answer: Answer) -> Move | None:
    matter = _matter(state)
    category = _category(answer)
    if answer.key in _BY_KEY:
        category = _BY_KEY[answer.key]
    elif category is None or answer.intent is None:
        return None
    matter = matter.model_copy(update={"category": category})
    urgency = "yellow" if category == "unwell" else None
    return _read_back(state, matter).doing(UpdateRequest(ref=matter.ref, category=category, urgency=urgency))


def _read_back(state: State, matter: Matter) -> Move:
    return Move(state.but(place="help_readback", matter=matter).reached("request_unconfirmed"))


def _ask_right(state: State, context: Context) -> tuple[Prompt, ...]:
    matter = _matter(state)
    if matter.activity is None:
        noted = Prompt(key="readback.noted", slots={"matter": f"@matter.{matter.category}"})
    else:
        noted = Prompt(key="readback.activity", slots={"title": context.activities[matter.activity].title})
    return (noted, *say("readback.ask"))


def _right(state: State, context: Context, answer: Answer) -> Move | None:
    matter = _matter(state)
    if answer.key == "1" or (answer.sure and answer.intent == "yes"):
        confirmed = UpdateRequest(ref=matter.ref, confirmed=True)
        state = state.but(place="more", matter=None).reached("request_confirmed")
        return Move(state, say("help.done"), (confirmed,))
    if answer.key == "2" or answer.intent == "no":
        return _wrong(state, context, matter).doing(UpdateRequest(ref=matter.ref, confirmed=False))
    category = _category(answer) if answer.intent else None
    if category is None or category == matter.category:
        return None
    return _sort(state, context, answer)


def _wrong(state: State, context: Context, matter: Matter) -> Move:
    if matter.activity is not None:
        return Move(state.but(place="activity", item=matter.activity, matter=None), say("resume.on"))
    matter = matter.model_copy(update={"wrong": matter.wrong + 1})
    state = state.but(matter=matter)
    if matter.wrong >= _PATIENCE:
        return call_person(state, context, say("confused.person"))
    return Move(state.but(place="help_message"))


def _matter(state: State) -> Matter:
    assert state.matter is not None, "only with a matter in hand"
    return state.matter


HELP_MESSAGE = Question("help_message", "message", "1", _ask_message, say("help.keys"), _message)
HELP_CATEGORY = Question(
    "help_category",
    "menu",
    "123",
    asks("help.category", "help.medical", "help.home", "help.other"),
    say("help.category.keys"),
    _sort,
)
HELP_READBACK = Question("help_readback", "yes_no", "12", _ask_right, say("readback.keys"), _right)
