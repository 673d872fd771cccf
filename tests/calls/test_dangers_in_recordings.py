"""A danger that is heard only in a recording: people are rung about it as about any other."""

from structlog.testing import capture_logs

from care_records.models import Escalation
from care_records.models.escalations import EscalationState
from ivr.listening import Caught
from ivr.outbound import Sweeper
from tests.calls.line import MESSAGE, TWO, Line
from tests.calls.provider import StubProvider
from tests.calls.writer import ScriptedWriter


def escalation_after(line: Line, heard: str, confidence: float) -> Escalation | None:
    line.play(TWO, MESSAGE)
    writer = ScriptedWriter()
    writer.caught = Caught(heard, confidence)
    sweeper = Sweeper(line.service, line.sessions, line.settings, StubProvider(), writer)
    with capture_logs():
        sweeper.sweep_once(line.at)
    with line.sessions() as session:
        return session.query(Escalation).one_or_none()


def test_people_are_rung_until_somebody_takes_it(line: Line) -> None:
    escalation = escalation_after(line, "胸口疼", 0.9)

    assert escalation is not None
    assert (escalation.state, escalation.next_at) == (EscalationState.WAITING, line.at)


def test_nobody_is_rung_for_what_was_barely_heard(line: Line) -> None:
    assert escalation_after(line, "胸口疼", 0.1) is None
