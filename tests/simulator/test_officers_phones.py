"""An officer's telephone rings: who answers, who does not, and what the line is told."""

from typing import Any

import pytest

from ivr.simulator.events import DialEnded, PickedUp, Problem, Ringing
from ivr.simulator.officers import BUSY, FAILED, NO_ANSWER, Answers, Switchboard

OFFICER = "+8651252880000"
DIAL = f'<Dial timeout="15" action="/over"><Number>{OFFICER}</Number></Dial><Play>/sound/never</Play>'


@pytest.fixture
def line(rig: Any) -> Any:
    rig.line.answers = {"/twilio/voice": DIAL, "/over": "<Play>/sound/over</Play>"}
    return rig.line


@pytest.mark.parametrize(
    ("behaviour", "status", "after"),
    [
        (BUSY, "busy", 2),
        (FAILED, "failed", 2),
        (NO_ANSWER, "no-answer", 15),
        (Answers(after_s=15), "no-answer", 15),
    ],
)
def test_an_officer_who_cannot_be_reached_is_reported(
    rig: Any, line: Any, behaviour: Any, status: str, after: int
) -> None:
    call = rig.call(("hear", "over"), switchboard=Switchboard(anyone=behaviour))
    (over,) = line.to("/over")
    assert (over["DialCallStatus"], over["DialBridged"]) == (status, "false")
    assert "DialCallDuration" not in over
    assert DialEnded(after, OFFICER, status, 0) in call.events


def test_an_officer_who_answers_talks_and_the_call_goes_on(rig: Any, line: Any) -> None:
    switchboard = Switchboard({OFFICER: Answers(after_s=4, talk_s=20)}, anyone=BUSY)
    call = rig.call(("hear", "over"), switchboard=switchboard)
    (over,) = line.to("/over")
    assert (over["DialCallStatus"], over["DialCallDuration"]) == ("completed", "20")
    assert [event for event in call.events if isinstance(event, Ringing | PickedUp)] == [
        Ringing(0, OFFICER, 15),
        PickedUp(4, OFFICER),
    ]
    child = rig.network.calls[over["DialCallSid"]]
    assert (child.parent_sid, child.direction, child.status, child.duration_s) == (
        call.sid,
        "outbound-dial",
        "completed",
        20,
    )


@pytest.mark.parametrize(("seconds", "status"), [(2, "canceled"), (10, "completed")])
def test_a_caller_who_hangs_up_ends_the_officers_call_too(rig: Any, line: Any, seconds: int, status: str) -> None:
    rig.call(("wait", seconds), "hang_up", switchboard=Switchboard(anyone=Answers(after_s=4)))
    (over,) = line.to("/over")
    assert (over["DialCallStatus"], over["CallStatus"]) == (status, "completed")


def test_without_an_action_the_document_goes_on(rig: Any, line: Any) -> None:
    line.answers["/twilio/voice"] = f"<Dial>{OFFICER}</Dial><Play>/sound/after</Play>"
    rig.call(("hear", "after"), switchboard=Switchboard(anyone=BUSY))
    assert line.to("/over") == []


@pytest.mark.parametrize(
    ("dial", "code"),
    [
        ('<Dial action="/over">0512-52880000</Dial>', 13223),
        (f'<Dial action="/over" callerId="+8613900000000">{OFFICER}</Dial>', 13214),
    ],
)
def test_a_number_that_cannot_be_dialled_fails_at_once_and_is_a_fault_of_the_line(
    rig: Any, line: Any, dial: str, code: int
) -> None:
    line.answers["/twilio/voice"] = dial
    call = rig.call(("hear", "over"))
    assert line.to("/over")[0]["DialCallStatus"] == "failed"
    assert [event.code for event in call.events if isinstance(event, Problem)] == [code]
