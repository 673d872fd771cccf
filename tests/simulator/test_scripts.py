"""Scripts are read strictly, acted as written, and judged."""

from pathlib import Path
from typing import Any

import pytest

from ivr.simulator import audio
from ivr.simulator.events import Ended, Event, Played, Problem, Ringing, Said
from ivr.simulator.officers import BUSY, NO_ANSWER, Answers
from ivr.simulator.script import Expect, Hear, PressKeys, PutDown, ScriptError, Speak, Wait, load_script
from ivr.simulator.scripted import Memory
from ivr.simulator.verdict import faults

WHOLE = """\
title: 身体难受
from: "+8613800000001"
to: "+8651200000000"
steps:
  - hear: menu.urgent
  - press: 1
  - say: {text: 我胸口闷}
  - say: words.wav
  - wait: 2.5
  - hang_up
officers:
  "+8651252880000": {answers_after: 3, talks: 20}
  "+8651252880001": busy
  default: no_answer
expect:
  dialled: 2
  ended_by: caller
  requests: [emergency]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_script_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "words.wav").write_bytes(audio.write_wav(audio.hum(1)))
    script = load_script(write(tmp_path, WHOLE))
    assert script.steps == (
        Hear(5, "menu.urgent"),
        PressKeys(6, "1"),
        Speak(7, "我胸口闷", None),
        Speak(8, "words.wav", tmp_path / "words.wav"),
        Wait(9, 2.5),
        PutDown(10),
    )
    assert script.switchboard.behaviour("+8651252880000") == Answers(3, 20)
    assert script.switchboard.behaviour("+8651252880001") == BUSY
    assert script.switchboard.behaviour("+8651299999999") == NO_ANSWER
    assert script.expect == Expect(dialled=2, ended_by="caller", requests=("emergency",))


def test_a_withheld_number_is_none(tmp_path: Path) -> None:
    assert load_script(write(tmp_path, "from: withheld\nsteps: [hang_up]")).from_number is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("steps: [", "is not YAML"),
        ("- hang_up", "must be a mapping"),
        ("", "must be a mapping"),
        ("title: no steps", "steps: Field required"),
        ("steps: hang_up", "steps: Input should be a valid list"),
        ("steps: []\nfrm: '1'", "frm: Extra inputs"),
        ("steps:\n  - hang_up\n  - shout: help", "script.yaml:3: step 2: no step is called 'shout'"),
        ("steps:\n  - press: A", "script.yaml:2: step 1: press: must be keys"),
        ("steps:\n  - press: #", "script.yaml:2: step 1: press: must be keys"),
        ("steps:\n  - press: ''", "step 1: press: must be keys"),
        ("steps:\n  - hear: ''", "step 1: hear: must be the key"),
        ("steps:\n  - wait: -1", "step 1: wait: must be seconds"),
        ("steps:\n  - wait: true", "step 1: wait: must be seconds"),
        ("steps:\n  - say: missing.wav", "missing.wav cannot be read: No such file"),
        ("steps:\n  - say: script.yaml", "script.yaml cannot be played: not a WAV file"),
        ("steps:\n  - say: {words: a}", "step 1: say: must be a WAV file"),
        ("steps:\n  - {press: '1', wait: 2}", "step 1: must be `hang_up` or one of"),
        ("steps: [hang_up]\nofficers: asleep", "officers: 'asleep' must be busy"),
        ("steps: [hang_up]\nofficers: {default: {answers: 3}}", "officers: "),
        ("steps: [hang_up]\nexpect: {dialed: 1}", "expect.dialed: Extra inputs"),
    ],
)
def test_a_fault_is_reported_with_its_file_line_and_step(tmp_path: Path, text: str, named: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ScriptError) as error:
        load_script(path)
    assert str(path) in str(error.value)
    assert named in str(error.value)


def test_a_script_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="cannot be read"):
        load_script(tmp_path / "none.yaml")


def test_words_are_recalled_across_sounds_once_and_in_order() -> None:
    memory = Memory()
    for key, words in (("a", "您好，"), ("b", "张老。"), ("c", "有急事，请按1。")):
        memory.add(Said(words, key))
    assert memory.recall("您好张老")
    assert not memory.recall("您好")
    assert memory.recall("按1")
    assert not memory.recall("c")


def test_a_prompt_is_recalled_by_its_key() -> None:
    memory = Memory()
    memory.add(Said("您好，", "menu.urgent"))
    assert memory.recall("menu.urgent")
    assert not memory.recall("menu.urgent")


def test_waiting_in_vain_is_a_failure_that_names_the_step(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": '<Pause length="600"/>'}
    caller = rig.caller(("hear", "goodbye"))
    rig.network.call_line(caller, None)
    assert caller.made.failure == "line 1 of the script, hear 'goodbye': waited 180 s in vain"


def test_a_call_that_ends_too_early_names_the_step_that_was_not_reached(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": "<Hangup/>"}
    caller = rig.caller(("press", "1"), "hang_up")
    rig.network.call_line(caller, None)
    assert caller.made.unfinished() == "the call ended before line 1 of the script, press '1'"


def test_hanging_up_is_left_to_whoever_is_first(rig: Any) -> None:
    rig.line.answers = {"/twilio/voice": "<Play>/sound/bye</Play>"}
    caller = rig.caller(("hear", "bye"), "hang_up")
    rig.network.call_line(caller, None)
    assert (caller.made.failure, caller.made.unfinished()) == (None, None)


def test_every_expectation_that_is_not_met_is_named() -> None:
    events: list[Event] = [
        Ringing(1, "+8651252880000", 15),
        Played(2, None, Said("再见", "bye"), complete=True),
        Problem(3, 11200, "HTTP 500"),
        Ended(4, "network", "completed"),
    ]
    expect = Expect(
        said=("bye", "您好"), not_said=("再见",), dialled=2, recordings=1, ended_by="line", requests=("fell", "fell")
    )
    assert faults(events, expect, ["fell"]) == [
        "the network could not follow the line: 11200 HTTP 500",
        "never said: 您好",
        "said, and must not be: 再见",
        "officers rung: 1, expected 2",
        "recordings: 0, expected 1",
        "ended by: network, expected line",
        "help requests: fell, expected fell, fell",
    ]


def test_a_call_without_expectations_has_no_faults() -> None:
    assert faults([Ended(4, "line", "completed")], Expect(), ["fell"]) == []
