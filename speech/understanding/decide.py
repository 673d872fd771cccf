"""Weighs what was recognised: which risk, which intent, and whether to ask for a key first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from speech.understanding.meaning import GRAVITY, Intent, Meaning
from speech.understanding.questions import Manners, Question
from speech.understanding.scan import BLANK, Hit
from speech.understanding.spelling import PAUSE, Spoken

ANSWERS: frozenset[Intent] = frozenset(("yes", "no", "fine", "bye", "repeat", "wait"))
"""Intents that say something about a question, not about what somebody wants."""
REASSURING: frozenset[Intent] = frozenset(("fine", "no", "bye"))
"""Intents on which a call may be closed, so that nothing uneasy may stand unexplained beside them."""
LIGHT = frozenset(
    "我你他们的了也都就是很还今天现在吧得在有这两一直到说着人谢么里和跟又去来讲吗打问看听电话" + PAUSE + BLANK
)
UNEASY = frozenset("不没病坏差难弱苦伤医怕急")
TALE = 5
"""So many unexplained characters around nothing but a trace of an ailment are a story to be asked about."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised in an utterance, after its context has been looked at."""

    spoken: Spoken
    risks: tuple[Hit, ...]
    wishes: tuple[Hit, ...]
    """Everything that is no risk: requests, answers, manners."""
    declined: tuple[Hit, ...]
    unsure: bool
    """The answer is neither good nor bad."""
    collides: bool
    """It sounds like something else altogether."""
    left: str
    """The utterance without what is harmless, character for character."""
    but: int | None
    """Where a "but" ends that takes back some of what was said before it."""


def decide(heard: Heard, asked: Question, manners: Manners) -> Meaning:
    """The meaning of an utterance as an answer to `asked`."""
    wish = min(heard.wishes, key=lambda hit: _by_rank(hit, manners.order), default=None)
    requested = wish is not None and wish.intent not in ANSWERS
    ailing = requested and not manners.malaise.search(heard.spoken.text)
    risks = [_amounting(hit, asked, requested, ailing) for hit in heard.risks]
    worst = min(risks, key=_by_gravity, default=None)
    if worst is not None and wish is None and not heard.declined and _mysterious(worst, heard):
        worst = replace(worst, intent="red_flag", risk="red")
    intent = _intent(worst, wish, manners.order) or ("no" if heard.declined else None)
    amount = asked.risks.get(intent) if intent and worst is None else None
    uneasy = intent in REASSURING and _uneasy(heard, intent)
    risk = worst.risk if worst else amount.risk if amount else None
    doubt = worst.doubt if worst else amount is not None and not amount.sure
    return Meaning(
        intent,
        risk or ("yellow" if uneasy or heard.unsure else None),
        confirm=doubt or uneasy or heard.unsure or heard.collides,
        negated=bool(heard.declined) or any(hit.negated for hit in risks),
        matched=_matched(heard),
    )


def _amounting(hit: Hit, asked: Question, requested: bool, ailing: bool) -> Hit:
    """What a risk amounts to after a question; never less than it is anyway."""
    amount = asked.risks.get(hit.intent)
    if amount is None or (amount.eases and ailing) or GRAVITY[amount.risk] <= GRAVITY[hit.risk]:
        return hit
    return replace(hit, risk=amount.risk, doubt=hit.doubt or not amount.sure or (amount.eases and requested))


def _by_rank(hit: Hit, order: Mapping[Intent, tuple[int, int]]) -> tuple[int, int, int, int]:
    row, place = order[hit.intent]
    return (row, hit.start - hit.end, place, hit.start)


def _by_gravity(hit: Hit) -> tuple[int, bool, int]:
    return (-GRAVITY[hit.risk], hit.doubt, hit.start)


def _intent(worst: Hit | None, wish: Hit | None, order: Mapping[Intent, tuple[int, int]]) -> Intent | None:
    if worst is None or wish is None:
        return worst.intent if worst else wish.intent if wish else None
    if worst.vague:
        return worst.intent if wish.intent in ANSWERS else wish.intent
    if GRAVITY[worst.risk] >= GRAVITY["orange"]:
        return worst.intent
    return wish.intent if order[wish.intent][0] < order[worst.intent][0] else worst.intent


def _mysterious(worst: Hit, heard: Heard) -> bool:
    """Whether the worst that was heard is a trace of an ailment in a longer story that was not understood."""
    return worst.risk == "yellow" and worst.doubt and not worst.negated and len(_unexplained(heard)) >= TALE


def _uneasy(heard: Heard, intent: Intent) -> bool:
    """Whether something that nobody has explained stands beside an answer that would close the matter."""
    left = _unexplained(heard)
    if heard.but is not None and any(index >= heard.but for index in left):
        return True
    return intent == "fine" and any(heard.left[index] in UNEASY for index in left)


def _unexplained(heard: Heard) -> list[int]:
    """The places of the characters that are neither harmless, nor light, nor part of anything recognised."""
    covered = {index for hit in (*heard.risks, *heard.wishes, *heard.declined) for index in range(hit.start, hit.end)}
    return [index for index, character in enumerate(heard.left) if index not in covered and character not in LIGHT]


def _matched(heard: Heard) -> tuple[str, ...]:
    hits = sorted((*heard.risks, *heard.wishes, *heard.declined), key=lambda hit: (hit.start, -hit.end))
    spans: list[tuple[int, int]] = []
    for hit in hits:
        if not spans or hit.end > spans[-1][1]:
            spans.append((hit.start, hit.end))
    return tuple(heard.spoken.quote(start, end) for start, end in spans)
