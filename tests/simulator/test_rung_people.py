"""People, and machines, whom the line rings: how their telephones behave, and what the provider tells of it."""

from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from ivr.simulator import Mishaps
from ivr.simulator.officers import BUSY, MACHINE, NO_ANSWER, Answers, InTurn, Switchboard
from ivr.simulator.script import ScriptError, load_script
from ivr.simulator.scripted import ScriptedCaller
from ivr.simulator.verdict import faults
from tests.simulator.conftest import steps
from tests.simulator.test_rest import OFFICER, client, place

LONG = "<Play loop='9'>/sound/hello</Play><Hangup/>"


def watched(rig: Any, **options: Any) -> Any:
    """A call in which the provider listens for machines."""
    return place(
        rig,
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{rig.line.url}/answered-by",
        **options,
    )


@pytest.mark.parametrize(("behaviour", "answered_by"), [(Answers(), "human"), (MACHINE, "machine_start")])
def test_the_line_is_told_in_the_middle_of_the_call_what_has_answered(
    rig: Any, behaviour: Answers, answered_by: str
) -> None:
    rig.line.answers = {"/out": LONG, "/answered-by": (204, "", "text/plain")}
    rig.surround(switchboard=Switchboard(anyone=behaviour))
    placed = watched(rig)
    rig.network.settle()
    (form,) = rig.line.to("/answered-by")
    assert (form["AnsweredBy"], form["CallSid"], form["CallStatus"]) == (answered_by, placed.sid, "in-progress")
    assert form["MachineDetectionDuration"] == "3500"


def test_what_has_answered_is_told_to_those_who_asked(rig: Any) -> None:
    rig.line.answers = {"/out": LONG}
    place(rig)
    rig.network.settle()
    assert [request.path for request in rig.line.requests if "sound" not in request.path] == ["/out"]


def test_a_telephone_that_nobody_answers_is_no_machine(rig: Any) -> None:
    rig.surround(switchboard=Switchboard(anyone=NO_ANSWER))
    watched(rig)
    rig.network.settle()
    assert rig.line.to("/answered-by") == []


def test_detection_that_holds_up_the_call_is_refused(rig: Any) -> None:
    with pytest.raises(TwilioRestException) as error:
        place(rig, machine_detection="Enable")
    assert error.value.status == 400


def test_each_call_to_a_telephone_meets_it_in_its_turn(rig: Any) -> None:
    rig.line.answers = {"/out": LONG}
    rig.surround(switchboard=Switchboard({OFFICER: InTurn((BUSY, NO_ANSWER, Answers()))}))
    placed = []
    for _ in range(4):
        placed.append(place(rig))
        rig.network.settle()
    statuses = [client(rig).calls(call.sid).fetch().status for call in placed]
    assert statuses == ["busy", "no-answer", "completed", "completed"]


def test_a_machine_picks_up_before_somebody_who_is_there(rig: Any) -> None:
    rig.line.answers = {"/out": '<Gather numDigits="1" action="/key"/>', "/key": "<Hangup/>"}
    pressing = steps(("press", "1"))
    rig.surround(
        phones={OFFICER: lambda clock: ScriptedCaller(pressing, clock)},
        switchboard=Switchboard({OFFICER: InTurn((MACHINE, Answers()))}),
    )
    for _ in range(2):
        place(rig)
        rig.network.settle()
    assert [form["Digits"] for form in rig.line.to("/key")] == ["1"]


@pytest.mark.parametrize(
    ("fault", "status", "rung"), [("too_many", 429, 0), ("broken", 500, 0), ("broken_after", 500, 1)]
)
def test_an_order_can_fail_before_or_after_somebody_is_rung(rig: Any, fault: Any, status: int, rung: int) -> None:
    rig.line.answers = {"/out": LONG}
    rig.surround(mishaps=Mishaps(placing=fault))
    with pytest.raises(TwilioRestException) as error:
        place(rig)
    rig.network.settle()
    assert (error.value.status, len(rig.network.calls)) == (status, rung)


def test_the_answer_to_an_order_can_be_lost(rig: Any) -> None:
    rig.line.answers = {"/out": LONG}
    rig.surround(mishaps=Mishaps(placing="answer_lost"))
    with pytest.raises((TwilioException, ValueError)):
        place(rig)
    rig.network.settle()
    assert len(rig.network.calls) == 1


# --- Scripts


def script(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text)
    return path


def test_a_script_can_be_of_somebody_whom_the_line_rings(tmp_path: Path) -> None:
    read = load_script(script(tmp_path, "rings: '+8651200001234'\nanswers: machine\nsteps: []\n"))
    assert (read.rings, read.switchboard.behaviour("+8651200001234")) == ("+8651200001234", MACHINE)
    assert read.switchboard.behaviour("+8651200009001") == Answers()


def test_nobody_both_calls_and_is_rung(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="either `rings`, or `from` and `to`"):
        load_script(script(tmp_path, "rings: '+8651200001234'\nfrom: '+8651200001235'\nsteps: []\n"))


@pytest.mark.parametrize(
    ("result", "found"),
    [("fine", []), ("busy", ["result: busy, expected fine"]), (None, ["result: None, expected fine"])],
)
def test_what_a_check_in_came_to_is_held_against_the_script(
    tmp_path: Path, result: str | None, found: list[str]
) -> None:
    read = load_script(script(tmp_path, "rings: '+8651200001234'\nsteps: []\nexpect: {result: fine}\n"))
    assert faults([], read.expect, [], result) == found
