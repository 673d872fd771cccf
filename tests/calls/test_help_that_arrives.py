"""The database fails in the middle of a call: its caller notices nothing, and what they need is recorded, once."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from ivr.dialog.model import Event, Turn, Utterance
from tests.calls.conftest import MakeLine
from tests.calls.line import ANSWERED, NO_ANSWER, ONE, TWO, Line, seed
from tests.calls.outages import outage

KINDS = pytest.mark.parametrize("kind", ["locked", "read-only", "gone"])
NEVER = range(0)
NAME = "greeting.name"
"""What is not compared: a call that begins without the database does not know its caller until afterwards."""

Script = Callable[[str], tuple[Event, ...]]


def urgent(sid: str) -> tuple[Event, ...]:
    return ONE, NO_ANSWER, ANSWERED, ONE


def errand(sid: str) -> tuple[Event, ...]:
    return TWO, Utterance(recording_sid=f"RE-{sid}", seconds=8, key="1"), TWO, ONE, ONE


SCRIPTS = pytest.mark.parametrize("script", [urgent, errand])


def steps(line: Line, sid: str, script: Script, failing: range = NEVER, kind: str = "gone") -> list[Turn]:
    """The turns of a call, from the start to the hang-up, in which the database fails during the steps in `failing`."""
    turns: list[Turn] = []
    events = script(sid)
    with ExitStack() as trouble:
        for number in range(len(events) + 2):
            if number == failing.start and failing:
                trouble.enter_context(outage(line.settings.database, kind))
            if number == failing.stop:
                trouble.close()
            if number == 0:
                turns.append(line.start(sid))
            elif number <= len(events):
                turns.append(line.answer(turns[-1].number, events[number - 1], sid))
            else:
                line.status(sid=sid)
    return [turn.model_copy(update={"say": tuple(p for p in turn.say if p.key != NAME)}) for turn in turns]


def written(line: Line, sid: str) -> str:
    """All that the records say about a call, but for its name and times."""
    call = line.call(sid)
    requests = [request for request in line.requests() if request.call_id == call.id]
    everything = [
        (call.status, call.outcome, call.person_id, call.from_number, call.turn_number, call.risk),
        [(turn.number, turn.asked, turn.answer, turn.key, turn.took_ms) for turn in call.turns],
        [prompt for turn in call.turns for prompt in turn.said if prompt["key"] != NAME],
        [(transfer.to_number, transfer.staff_id, transfer.outcome) for transfer in call.transfers],
        [recording.url for recording in call.recordings],
        [(request.category, request.matter, request.urgency, request.person_id) for request in requests],
        [(request.phone, request.confirmed, request.recording_sid) for request in requests],
        [(event.kind, event.note) for request in requests for event in request.history],
    ]
    return str(everything).replace(sid, "SID")


@KINDS
@SCRIPTS
def test_a_call_in_which_the_database_fails_for_good_is_as_any_other(
    database_url: str, make_line: MakeLine, kind: str, script: Script
) -> None:
    seed(database_url)
    line = make_line(database_url)
    calm = steps(line, "CA-calm", script)
    last = len(calm) + 1
    for first in range(last):
        sid = f"CA{first}"
        assert steps(line, sid, script, range(first, last), kind) == calm
        assert line.journal.pending > 0

        assert line.service.replay().complete
        assert line.journal.pending == line.journal.rejected == 0
        assert written(line, sid) == written(line, "CA-calm")


@KINDS
@SCRIPTS
def test_a_call_in_which_the_database_fails_for_one_step_is_as_any_other(
    database_url: str, make_line: MakeLine, kind: str, script: Script
) -> None:
    seed(database_url)
    line = make_line(database_url)
    calm = steps(line, "CA-calm", script)
    for failing in range(len(calm) + 1):
        sid = f"CA{failing}"
        assert steps(line, sid, script, range(failing, failing + 1), kind) == calm

        line.service.replay()
        assert written(line, sid) == written(line, "CA-calm")
