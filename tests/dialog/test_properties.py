"""What holds for every call, whatever happens in it: random events, impossible ones included, in random contexts."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.dialog.model import (
    CallStarted,
    CaseTaken,
    CheckInEnded,
    Context,
    Dial,
    EndCall,
    Event,
    FlagRisk,
    HangUp,
    Hangup,
    Key,
    MachineAnswered,
    OpenRequest,
    Silence,
    TransferEnded,
    TransferResult,
    Utterance,
)
from tests.dialog import anything
from tests.dialog.anything import Call, events


def call_with(context: Context, happened: list[Event]) -> Call:
    call = Call(context)
    for event in (CallStarted(), *happened):
        call.take(event)
    return call


def is_over(call: Call) -> bool:
    assert call.state is not None
    return call.state.place == "over"


def waits_out(call: Call, times: int) -> bool:
    """Nobody says or presses a thing any more, and no officer answers; whether one was rung."""
    dialled = False
    for _ in range(times):
        dialling = call.taken is not None and isinstance(call.taken.turn.then, Dial)
        dialled = dialled or dialling
        call.take(TransferResult(outcome="no_answer") if dialling else Silence())
    return dialled


@given(context=anything.contexts, happened=st.lists(events, min_size=20, max_size=200))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_happens_a_call_is_answered_recorded_and_never_dropped(
    context: Context, happened: list[Event]
) -> None:
    call = call_with(context, happened)
    call.take(Hangup())
    call.take(Hangup())
    assert isinstance(call.effects[-1], EndCall)


@given(context=st.one_of(anything.inbound, anything.of_check_ins), happened=st.lists(events, max_size=60))
@settings(max_examples=60, deadline=None)
def test_0_brings_a_person_a_message_or_120_from_anywhere(context: Context, happened: list[Event]) -> None:
    taken = (call := call_with(context, happened)).take(Key(key="0"))
    if context.officers and not is_over(call):
        assert isinstance(taken.turn.then, Dial)
    assert taken.state.place in ("dialing", "message", "over") or "urgent.staying" in str(taken.turn.say)


@given(context=st.one_of(anything.of_callers, anything.of_reports), happened=st.lists(events, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_caller_who_falls_silent_anywhere_is_never_hung_up_on_and_is_known_to_somebody(
    context: Context, happened: list[Event]
) -> None:
    call = call_with(context, happened)
    over = is_over(call)
    dialled = waits_out(call, 60)
    assert over or not is_over(call)
    assert over or dialled or not context.officers
    assert over or dialled or call.has(OpenRequest)


@given(context=anything.of_check_ins, happened=st.lists(events, max_size=12))
@settings(max_examples=80, deadline=None)
def test_who_falls_silent_in_a_check_in_is_never_taken_to_be_fine_for_it(
    context: Context, happened: list[Event]
) -> None:
    call = call_with(context, happened)
    if is_over(call):
        return
    waits_out(call, 20)
    reports = [effect for effect in call.effects if isinstance(effect, CheckInEnded)]
    assert reports or not is_over(call)
    if reports and reports[0].result not in ("silent", "unclear", "concern", "later"):
        assert reports[0].result == "fine"
        assert call.has(OpenRequest), "they had asked for a person, and one is going to ring them"


@given(context=anything.of_check_ins, happened=st.lists(events, max_size=8), gone=st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_check_in_that_ends_is_reported_once_and_nothing_comes_after_it(
    context: Context, happened: list[Event], gone: bool
) -> None:
    call = call_with(context, happened)
    if gone:
        call.take(Hangup())
    assert len(call.has(CheckInEnded)) == 1 or not is_over(call)
    if is_over(call):
        known = list(call.effects)
        for event in (Key(key="1"), MachineAnswered(), Hangup(), CallStarted()):
            call.take(event)
        assert call.effects == known


@pytest.mark.parametrize("question", ["identity", "health", "falls", "meals", "help"])
@given(context=anything.of_check_ins, happened=st.lists(events, max_size=6))
@settings(max_examples=25, deadline=None)
def test_whatever_happens_at_any_question_fine_was_confirmed(
    question: str, context: Context, happened: list[Event]
) -> None:
    call = call_with(context, [Key(key="1")] * ["identity", "health", "falls", "meals", "help"].index(question))
    assert call.state is not None
    assert call.state.place == f"checkin_{question}"
    for event in (*happened, *[Key(key="1")] * 8, Hangup()):
        call.take(event)
    assert len(call.has(CheckInEnded)) == 1


@given(context=anything.of_helpers, happened=st.lists(events, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_helper_has_a_case_only_by_key_and_is_not_kept_on_the_line(context: Context, happened: list[Event]) -> None:
    call = call_with(context, happened)
    for _ in range(3):
        call.take(Silence())
    assert is_over(call)
    assert not call.has(OpenRequest, FlagRisk, TransferEnded)


@given(context=st.one_of(anything.of_check_ins, anything.of_helpers))
@settings(max_examples=20, deadline=None)
def test_a_machine_is_hung_up_on_before_anybody_has_answered(context: Context) -> None:
    call = call_with(context, [MachineAnswered()])
    assert is_over(call)
    assert call.effects[-1] == EndCall(outcome="machine")
    assert not call.has(OpenRequest, CaseTaken)


@given(context=anything.contexts, happened=st.lists(events, max_size=30))
@settings(max_examples=20, deadline=None)
def test_the_same_events_always_lead_to_the_same_call(context: Context, happened: list[Event]) -> None:
    def whole() -> list[Any]:
        call = Call(context)
        return [call.take(event) for event in (CallStarted(), *happened, Hangup())]

    assert whole() == whole()


class AnyCall(RuleBasedStateMachine):
    """Callers who do whatever they like, for as long as they like; shrinks to the shortest call that breaks a rule."""

    @initialize(context=anything.contexts)
    def rings(self, context: Context) -> None:
        self.call = Call(context)
        self.call.take(CallStarted())

    @rule(key=anything.keys)
    def presses(self, key: Key) -> None:
        self.call.take(key)

    @rule(utterance=anything.utterances)
    def speaks(self, utterance: Utterance) -> None:
        self.call.take(utterance)

    @rule()
    def is_silent(self) -> None:
        self.call.take(Silence())

    @precondition(lambda self: isinstance(self.call.taken.turn.then, Dial))
    @rule(result=anything.results)
    def officer(self, result: TransferResult) -> None:
        self.call.take(result)

    @rule()
    def is_said_to_be_a_machine(self) -> None:
        self.call.take(MachineAnswered())

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
TestAnyCall.settings = settings(max_examples=40, stateful_step_count=60, deadline=None)
