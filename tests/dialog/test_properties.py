"""What holds for every call, whatever happens in it: random events, impossible ones included, in random contexts."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import TypeAdapter

from ivr.dialog import QUESTIONS, State, Step, step
from ivr.dialog.model import (
    KEYS,
    Caller,
    CallStarted,
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
    OpenRequest,
    Silence,
    TransferEnded,
    TransferResult,
    UpdateRequest,
    Utterance,
)
from ivr.dialog.state import Outcome
from tests.dialog.line import make_context
from tests.dialog.texts import SLOT, TEXTS

INTENTS = (
    *("emergency", "red_flag", "fell", "unwell", "help", "yes", "no", "fine", "repeat", "wait", "human", "news"),
    *("activities", "contribute", "repair", "cleaning", "meals", "medicine", "transport", "company", "self_harm"),
    *("proxy", "refuse", "bye", "no_such_intent", None),
)
WORDS = ("", "再见", "说慢一点", "我要报名", "有急事", "还有", "有人在吗我家里的电灯坏了三天了", "人难受")
STATE_BYTES = 2500
CLOSING = {"bye", "no", "fine", "refuse"}

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
    confidence=st.sampled_from([None, 0.0, 0.59, 0.6, 1.0]),
    meaning=st.none() | meanings,
    recording_sid=st.sampled_from([None, "RE1", "RE2"]),
    seconds=st.sampled_from([None, 0.0, 0.9, 60.0]),
    key=st.sampled_from([None, None, None, *KEYS]),
)
results = st.builds(TransferResult, outcome=st.sampled_from(["answered", "busy", "no_answer", "failed"]))
events = st.one_of(keys, keys, utterances, utterances, st.builds(Silence), st.builds(Silence), results)
callers = st.none() | st.builds(
    Caller,
    person_id=st.just(1),
    address_as=st.sampled_from(["张老", "老领导"]),
    slow=st.booleans(),
    records=st.booleans(),
)
contexts = st.builds(
    make_context,
    officers=st.integers(0, 3),
    bulletins=st.integers(0, 3),
    activities=st.integers(0, 3),
    caller=callers,
    person_first=st.booleans(),
    speech=st.booleans(),
)
STEP = TypeAdapter(tuple[Effect, ...])


@dataclass
class Call:
    """A call that checks, at every step, what must hold of every call."""

    context: Context
    state: State | None = None
    taken: Step | None = None
    effects: list[Effect] = field(default_factory=list)

    def take(self, event: Event) -> Step:
        before, self.taken = self.state, step(self.state, event, self.context)
        self.effects.extend(self.taken.effects)
        self.state = State.model_validate_json(self.taken.state.model_dump_json())
        assert self.state == self.taken.state, "a state survives JSON"
        self._check(before, event, self.taken)
        return self.taken

    def _check(self, before: State | None, event: Event, taken: Step) -> None:
        if before is not None and before.place == "over":
            assert (taken.state, taken.effects) == (before, ())
            return
        self._check_turn(before, event, taken)
        self._check_requests(taken)
        if before is not None:
            self._check_danger(before, event, taken)
            if isinstance(taken.turn.then, HangUp):
                assert isinstance(event, Hangup) or wants_to_end(before, event)
        ends = [effect for effect in self.effects if isinstance(effect, EndCall)]
        assert len(ends) == (taken.state.place == "over")
        assert all(end.outcome in Outcome.__args__ for end in ends)

    def _check_turn(self, before: State | None, event: Event, taken: Step) -> None:
        turn, then = taken.turn, taken.turn.then
        assert turn.number == taken.state.turn_number == (before.turn_number if before else 0) + 1
        assert turn.slow == taken.state.slow
        assert turn.slow or before is None or not before.slow, "slow is for good"
        assert turn.say or isinstance(then, Dial) or isinstance(event, Hangup), "the line never falls silent"
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
        assert STEP.validate_json(STEP.dump_json(taken.effects)) == taken.effects

    def _check_danger(self, before: State, event: Event, taken: Step) -> None:
        urgencies = {effect.urgency for effect in self.effects if isinstance(effect, OpenRequest)}
        if "urgent.coming" in [prompt.key for prompt in taken.turn.say]:
            assert urgencies & {"red", "orange"}, "in the records before the caller hears of it"
        if is_emergency(before, event):
            assert "red" in urgencies
            assert taken.state.place in ("dialing", "urgent_wait")


def is_emergency(before: State, event: Event) -> bool:
    if isinstance(event, Key):
        return before.place == "menu" and event.key == "1"
    if not isinstance(event, Utterance) or event.meaning is None or event.meaning.risk != "red":
        return False
    doubtful = event.meaning.confirm or event.meaning.negated
    return not doubtful and (event.confidence is None or event.confidence >= 0.6)


def wants_to_end(before: State, event: Event) -> bool:
    """The caller's own wish: the two keys that say so, or words that were clearly heard."""
    key = getattr(event, "key", None)
    if (before.place, key) in (("more", "1"), ("standby", "2")):
        return True
    if not isinstance(event, Utterance) or event.meaning is None or event.key:
        return False
    plain = before.place == "more" or "再见" in (event.text or "")
    return plain and event.meaning.intent in CLOSING and (event.confidence or 0) >= 0.6


@given(context=contexts, happened=st.lists(events, min_size=20, max_size=200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_happens_a_call_is_answered_recorded_and_never_dropped(
    context: Context, happened: list[Event]
) -> None:
    call = Call(context)
    call.take(CallStarted())
    for event in happened:
        call.take(event)
    call.take(Hangup())
    call.take(Hangup())
    assert isinstance(call.effects[-1], EndCall)


@given(context=contexts, happened=st.lists(events, max_size=60))
@settings(max_examples=60, deadline=None)
def test_0_brings_a_person_a_message_or_120_from_anywhere(context: Context, happened: list[Event]) -> None:
    call = Call(context)
    call.take(CallStarted())
    for event in happened:
        call.take(event)
    taken = call.take(Key(key="0"))
    if context.officers and taken.state.place != "over":
        assert isinstance(taken.turn.then, Dial)
    assert taken.state.place in ("dialing", "message", "over") or "urgent.nobody" in str(taken.turn.say)


@given(context=contexts, happened=st.lists(events, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_caller_who_falls_silent_anywhere_is_never_hung_up_on_and_is_known_to_somebody(
    context: Context, happened: list[Event]
) -> None:
    call = Call(context)
    call.take(CallStarted())
    for event in happened:
        call.take(event)
    over = call.state is not None and call.state.place == "over"
    dialled = False
    for _ in range(60):
        dialling = call.taken is not None and isinstance(call.taken.turn.then, Dial)
        dialled = dialled or dialling
        call.take(TransferResult(outcome="no_answer") if dialling else Silence())
    assert over or (call.state is not None and call.state.place != "over")
    assert over or dialled or not context.officers
    assert over or dialled or any(isinstance(effect, OpenRequest) for effect in call.effects)


@given(context=contexts, happened=st.lists(events, max_size=30))
@settings(max_examples=15, deadline=None)
def test_the_same_events_always_lead_to_the_same_call(context: Context, happened: list[Event]) -> None:
    def whole() -> list[Any]:
        call = Call(context)
        return [call.take(event) for event in (CallStarted(), *happened, Hangup())]

    assert whole() == whole()


class AnyCall(RuleBasedStateMachine):
    """Callers who do whatever they like, for as long as they like; shrinks to the shortest call that breaks a rule."""

    @initialize(context=contexts)
    def rings(self, context: Context) -> None:
        self.call = Call(context)
        self.call.take(CallStarted())

    @rule(key=keys)
    def presses(self, key: Key) -> None:
        self.call.take(key)

    @rule(utterance=utterances)
    def speaks(self, utterance: Utterance) -> None:
        self.call.take(utterance)

    @rule()
    def is_silent(self) -> None:
        self.call.take(Silence())

    @precondition(lambda self: isinstance(self.call.taken.turn.then, Dial))
    @rule(result=results)
    def officer(self, result: TransferResult) -> None:
        self.call.take(result)

    @rule()
    def hangs_up(self) -> None:
        assert isinstance(self.call.take(Hangup()).turn.then, HangUp)

    @invariant()
    def is_always_somewhere(self) -> None:
        state = self.call.state
        assert state is not None
        assert (state.place == "dialing") == (state.ringing is not None)
        assert not state.alarmed or state.place in ("dialing", "urgent_wait", "message", "risk_confirm", "over")
        assert state.place not in ("help_category", "help_readback") or state.matter is not None


TestAnyCall = AnyCall.TestCase
TestAnyCall.settings = settings(max_examples=25, stateful_step_count=60, deadline=None)
