"""Whatever fails and whenever, in whichever calls: each request is in the records exactly once, and each turn taken."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import dialog
from ivr.dialog.model import KEYS, Context, Event, Key, OpenRequest, TransferResult, Turn, Utterance
from tests.calls.line import SILENCE, Line, seed
from tests.calls.outages import outage

EVENTS = st.one_of(
    st.sampled_from(KEYS).map(lambda key: Key(key=key)),
    st.sampled_from(["answered", "busy", "no_answer", "failed"]).map(lambda outcome: TransferResult(outcome=outcome)),
    st.sampled_from(["我摔了", "要修水管", "找人", "好", "不对"]).map(
        lambda text: Utterance(text=text, confidence=0.9)
    ),
    st.just(SILENCE),
)
FAILURES = ("locked", "read-only", "gone")
TROUBLE = st.sampled_from([*FAILURES, "calm", "restart", "replay", "twice", None, None, None])
SCRIPTS = st.lists(st.tuples(st.sampled_from(["CA1", "CA2"]), EVENTS, TROUBLE), min_size=1, max_size=14)


class Rehearsal:
    """Plays a script on a line, and keeps its own account of what must be in the records at the end."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.line = Line(url, folder)
        self.turns: dict[str, Turn] = {}
        self.sid = ""
        self.requests: set[tuple[str, str]] = set()
        self.answered: set[tuple[str, int]] = set()
        self.step = dialog.step

    def watched_step(self, state: dialog.State | None, event: Event, context: Context) -> dialog.Step:
        step = self.step(state, event, context)
        self.requests |= {(self.sid, effect.ref) for effect in step.effects if isinstance(effect, OpenRequest)}
        if state and state.place != "over":
            self.answered.add((self.sid, state.turn_number))
        return step

    def play(self, script: list[tuple[str, Event, str | None]]) -> None:
        with patch.object(dialog, "step", self.watched_step), ExitStack() as failure:
            for sid, event, trouble in script:
                self.sid = sid
                self.make(trouble, failure)
                self.happen(event, twice=trouble == "twice")
            failure.close()
            for sid in self.turns:
                self.sid = sid
                self.line.status(sid=sid)
        self.line.service.replay()
        self.line.engine.dispose()

    def make(self, trouble: str | None, failure: ExitStack) -> None:
        if trouble in FAILURES:
            failure.close()
            failure.enter_context(outage(self.url, trouble))
        elif trouble == "calm":
            failure.close()
        elif trouble == "restart":
            self.line.engine.dispose()
            self.line = Line(self.url, self.folder)
        elif trouble == "replay":
            self.line.service.replay()

    def happen(self, event: Event, twice: bool) -> None:
        turn = self.turns.get(self.sid) or self.line.start(self.sid)
        self.turns[self.sid] = self.line.answer(turn.number, event, self.sid)
        if twice:
            assert self.line.answer(turn.number, event, self.sid) == self.turns[self.sid]


@given(script=SCRIPTS)
@settings(max_examples=40, deadline=None)
def test_no_outage_loses_or_doubles_anything(
    sqlite_template: Path, script: list[tuple[str, Event, str | None]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'careline.db')}"
        seed(url)
        rehearsal = Rehearsal(url, folder / "data")
        rehearsal.play(script)
        line = rehearsal.line

        calls = {call.id: call.sid for call in line.calls()}
        requests = [(calls[request.call_id], request.ref) for request in line.requests() if request.call_id]
        turns = [(sid, turn.number) for sid in calls.values() for turn in line.call(sid).turns]
        left = line.journal.pending, line.journal.rejected
        line.engine.dispose()
    assert sorted(requests) == sorted(rehearsal.requests)
    assert sorted(turns) == sorted(rehearsal.answered)
    assert left == (0, 0)
