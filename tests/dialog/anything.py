"""Anything that may happen in any call, as strategies, and a call that checks what must hold whatever happens."""

from dataclasses import dataclass, field
from typing import get_args

from hypothesis import strategies as st
from pydantic import TypeAdapter

from ivr.dialog import QUESTIONS, State, Step, step
from ivr.dialog.model import (
    KEYS,
    Caller,
    CaseResolved,
    CaseTaken,
    CheckInEnded,
    Context,
    Dial,
    Effect,
    EndCall,
    Event,
    HangUp,
    Hangup,
    Heard,
    Key,
    Listen,
    MachineAnswered,
    OpenRequest,
    Silence,
    TransferEnded,
    TransferResult,
    UpdateRequest,
    Utterance,
)
from ivr.dialog.state import Outcome
from tests.dialog.line import make_case, make_check_in, make_context
from tests.dialog.texts import SLOT, TEXTS

INTENTS = (
    *("emergency", "red_flag", "fell", "unwell", "help", "yes", "no", "fine", "repeat", "wait", "human", "news"),
    *("activities", "contribute", "repair", "cleaning", "meals", "medicine", "transport", "company", "self_harm"),
    *("proxy", "refuse", "bye", "no_such_intent", None),
)
WORDS = (
    *("", "再见", "说慢一点", "我要报名", "有急事", "还有", "有人在吗我家里的电灯坏了三天了", "人难受"),
    *("等会儿再打", "别再打了", "打错了", "你是谁"),
)
STATE_BYTES = 2500
CLOSING = {"bye", "no", "fine", "refuse"}
SURE = 0.6
FOR_PEOPLE = {"relative_fine", "concern", "silent", "unclear", "refused"}

keys = st.builds(Key, key=st.sampled_from(KEYS))
meanings = st.builds(
    Heard,
    intent=st.sampled_from(INTENTS),
    risk=st.sampled_from([None, None, None, "red", "orange", "yellow"]),
    confirm=st.booleans(),
    negated=st.booleans(),
)
utterances = st.builds(
    Utterance,
    text=st.sampled_from([None, *WORDS]),
    confidence=st.sampled_from([None, 0.0, 0.59, SURE, 1.0]),
    meaning=st.none() | meanings,
    recording_sid=st.sampled_from([None, "RE1", "RE2"]),
    seconds=st.sampled_from([None, 0.0, 0.9, 60.0]),
    key=st.sampled_from([None, None, None, *KEYS]),
)
results = st.builds(TransferResult, outcome=st.sampled_from(["answered", "busy", "no_answer", "failed"]))
answers = st.sampled_from([Key(key="1"), Key(key="1"), Key(key="2")])
events = st.one_of(keys, answers, utterances, utterances, st.builds(Silence), st.builds(Silence), results)
callers = st.none() | st.builds(
    Caller,
    person_id=st.just(1),
    address_as=st.sampled_from(["张老", "老领导"]),
    slow=st.booleans(),
    records=st.booleans(),
)
briefs = st.builds(
    make_check_in,
    weekly=st.booleans(),
    opening=st.sampled_from([None, "今天很热。"]),
    greeting=st.sampled_from([None, "birthday", "double_ninth"]),
)
cases = st.builds(
    make_case,
    taken=st.booleans(),
    minutes=st.integers(0, 90),
    phone=st.sampled_from([None, "+8613812345678", "+8651252880001", "+33123456789"]),
    address=st.sampled_from(["", "虹桥路1号"]),
)
WORLD = {
    "officers": st.integers(0, 3),
    "bulletins": st.integers(0, 3),
    "activities": st.integers(0, 3),
    "caller": callers,
    "person_first": st.booleans(),
    "speech": st.booleans(),
}
of_callers = st.builds(make_context, **WORLD)
of_check_ins = st.builds(make_context, **WORLD, check_in=briefs)
of_pending = st.builds(make_context, **WORLD, pending=briefs)
of_helpers = st.builds(make_context, **WORLD, case=cases)
of_reports = st.builds(make_context, **WORLD, cases=st.lists(cases, min_size=1, max_size=3).map(tuple))
inbound = st.one_of(of_callers, of_pending, of_reports)
contexts = st.one_of(of_callers, of_check_ins, of_pending, of_helpers, of_reports)
OUTCOMES = get_args(Outcome)
EFFECTS = TypeAdapter(tuple[Effect, ...])


@dataclass
class Call:
    """A call that checks, at every step, what must hold of every call."""

    context: Context
    state: State | None = None
    taken: Step | None = None
    effects: list[Effect] = field(default_factory=list)
    well: bool = False
    """The person has confirmed that they are well: by key 1, or in words that were clearly heard."""
    alarming: bool = False
    """Something red or orange has been heard for certain, or in doubt and not settled by a key since."""
    settled: bool = True

    def take(self, event: Event) -> Step:
        before, self.taken = self.state, step(self.state, event, self.context)
        self.effects.extend(self.taken.effects)
        self.state = State.model_validate_json(self.taken.state.model_dump_json())
        assert self.state == self.taken.state, "a state survives JSON"
        if before is not None and before.place != "over":
            self._listen(before, event)
        self._check(before, event, self.taken)
        return self.taken

    def has(self, *kinds: type) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kinds)]

    def _listen(self, before: State, event: Event) -> None:
        """Judged from outside, by what was asked and what came back."""
        key = getattr(event, "key", None)
        self.settled = self.settled or key in ("1", "2")
        if before.place == "checkin_health" and (key == "1" or (key is None and is_sure(event, "fine"))):
            self.well = True
        if isinstance(event, Utterance) and event.meaning and event.meaning.risk in ("red", "orange"):
            if is_certain(event):
                self.alarming = True
            elif key is None:
                self.settled = False

    def _check(self, before: State | None, event: Event, taken: Step) -> None:
        if before is not None and before.place == "over":
            assert (taken.state, taken.effects) == (before, ())
            return
        self._check_turn(before, event, taken)
        self._check_requests(taken)
        self._check_report(taken)
        self._check_cases(before, event, taken)
        if before is not None:
            self._check_danger(before, event, taken)
            if isinstance(taken.turn.then, HangUp):
                assert may_end(self.context, before, event)
        ends = self.has(EndCall)
        assert len(ends) == (taken.state.place == "over")
        assert not ends or self.effects[-1] == ends[0]
        assert all(end.outcome in OUTCOMES for end in ends if isinstance(end, EndCall))

    def _check_turn(self, before: State | None, event: Event, taken: Step) -> None:
        turn, then = taken.turn, taken.turn.then
        ignored = isinstance(event, MachineAnswered) and taken.state == before
        assert turn.number == taken.state.turn_number == (before.turn_number if before else 0) + (not ignored)
        assert turn.slow == taken.state.slow
        assert turn.slow or before is None or not before.slow, "slow is for good"
        assert turn.say or isinstance(then, Dial) or isinstance(event, Hangup | MachineAnswered), "never falls silent"
        assert len(taken.state.model_dump_json()) < STATE_BYTES
        for prompt in turn.say:
            assert set(SLOT.findall(TEXTS[prompt.key])) == set(prompt.slots)
            assert all(value[1:] in TEXTS for value in prompt.slots.values() if value.startswith("@"))
        if isinstance(then, Dial):
            assert then.officer in self.context.officers
        if isinstance(then, Listen):
            assert then.question in QUESTIONS
            assert len(set(then.keys) - set("0*#")) <= 3
            assert set("0*#") <= set(then.keys)
            assert self.context.speech or not then.speech or then.kind == "message"
            assert self.context.case is None or not then.speech, "a helper is not listened to"

    def _check_requests(self, taken: Step) -> None:
        refs = [effect.ref for effect in self.effects if isinstance(effect, OpenRequest)]
        assert len(refs) == len(set(refs)) == taken.state.opened
        opened: set[str] = set()
        for effect in self.effects:
            if isinstance(effect, OpenRequest):
                opened.add(effect.ref)
                assert f"matter.{effect.category}" in TEXTS
            elif isinstance(effect, UpdateRequest) or (isinstance(effect, TransferEnded) and effect.ref):
                assert effect.ref in opened, "a request is open before anything is done about it"
            elif isinstance(effect, CheckInEnded) and effect.result in FOR_PEOPLE:
                assert effect.ref in opened, "what people have to look after is a request"
        assert EFFECTS.validate_json(EFFECTS.dump_json(taken.effects)) == taken.effects

    def _check_report(self, taken: Step) -> None:
        """What became of a check-in is told once, at the latest when the conversation ends."""
        ended = [effect for effect in self.effects if isinstance(effect, CheckInEnded)]
        over = taken.state.place == "over"
        assert len(ended) <= (self.context.check_in is not None or self.context.pending is not None)
        assert ended or not over or self.context.check_in is None
        if ended and ended[0].result == "fine":
            assert over
            assert self.well
            assert self.settled
            assert not self.alarming
        urgent = any(isinstance(e, OpenRequest) and e.urgency in ("red", "orange") for e in self.effects)
        if urgent and (self.context.check_in or self.context.pending):
            assert ended[0].result in ("concern", "silent", "unclear")
            assert ended[0].flag in ("red", "orange")

    def _check_cases(self, before: State | None, event: Event, taken: Step) -> None:
        """Only a key takes a case, or resolves it."""
        key = event.key if isinstance(event, Key | Utterance) else None
        for effect in taken.effects:
            if isinstance(effect, CaseTaken):
                assert before is not None
                assert key == "1"
                assert before.place in ("case_offer", "case_still", "case_report")
            if isinstance(effect, CaseResolved):
                assert before is not None
                assert key == "2"
                assert before.place in ("case_still", "case_details", "case_report")

    def _check_danger(self, before: State, event: Event, taken: Step) -> None:
        known = (effect for effect in self.effects if isinstance(effect, OpenRequest | UpdateRequest))
        urgencies = {effect.urgency for effect in known}
        if "urgent.coming" in [prompt.key for prompt in taken.turn.say]:
            assert urgencies & {"red", "orange"}, "in the records before the caller hears of it"
        if self.context.case is None and is_emergency(before, event):
            assert "red" in urgencies
            asked = before.place in ("checkin_health", "checkin_relative")
            assert taken.state.place in ("dialing", "urgent_wait", *(["over"] if asked else []))


def is_certain(event: Utterance) -> bool:
    doubtful = event.meaning is None or event.meaning.confirm or event.meaning.negated
    return not doubtful and (event.confidence is None or event.confidence >= SURE)


def is_sure(event: Event, intent: str) -> bool:
    if not isinstance(event, Utterance) or event.meaning is None or event.meaning.intent != intent:
        return False
    return is_certain(event) and event.confidence is not None and event.meaning.risk is None


def is_emergency(before: State, event: Event) -> bool:
    if isinstance(event, Key):
        return before.place == "menu" and event.key == "1"
    if not isinstance(event, Utterance) or event.meaning is None or event.meaning.risk != "red":
        return False
    return is_certain(event)


def may_end(context: Context, before: State, event: Event) -> bool:
    """The line hangs up where it rang, or has asked the last thing; otherwise only because the caller wishes it."""
    ours = context.check_in is not None or context.case is not None or before.place.startswith("checkin_")
    return ours or isinstance(event, Hangup) or wants_to_end(before, event)


def wants_to_end(before: State, event: Event) -> bool:
    """The caller's own wish: the two keys that say so, or words that were clearly heard."""
    key = getattr(event, "key", None)
    if (before.place, key) in (("more", "1"), ("standby", "2")):
        return True
    if not isinstance(event, Utterance) or event.meaning is None or event.key:
        return False
    plain = before.place == "more" or "再见" in (event.text or "")
    return plain and event.meaning.intent in CLOSING and (event.confidence or 0) >= SURE
