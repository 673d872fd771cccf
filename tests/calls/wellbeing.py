"""Calls that the line makes, as the conversation and the provider tell of them: to the person, and to helpers."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from care_records.models import CheckIn, Escalation, HelpRequest, OutboundCall, Person
from care_records.services import check_ins, escalations, outbound_calls
from ivr.dialog.model import Event, Turn
from tests.calls.line import CALLER, Line
from tests.care_records.builders import NOW

LINE_NUMBER = "+8651252880000"
TODAY = NOW.date()


def begin_try(line: Line) -> int:
    """The person of the roster is due, and is being called: the id of the call to place."""
    with line.sessions.begin() as session:
        person = session.scalars(select(Person)).one()
        check_ins.plan(session, [check_ins.Planned(person.id, TODAY, NOW, weekly=False)], NOW)
        row = check_ins.begin_try(session, session.scalars(select(CheckIn)).one(), CALLER, NOW)
        assert row is not None
        return row.id


def plan(line: Line) -> None:
    """The person of the roster is due later today."""
    with line.sessions.begin() as session:
        person = session.scalars(select(Person)).one()
        due_at = NOW + timedelta(hours=5)
        check_ins.plan(session, [check_ins.Planned(person.id, TODAY, due_at, weekly=False)], NOW)


def send(line: Line, outbound_id: int) -> None:
    """The call is on its way to the provider, and no answer has come yet."""
    with line.sessions.begin() as session:
        row = outbound_calls.get(session, outbound_id)
        assert row is not None
        assert outbound_calls.claim(session, row, line.at)


def begin_ring(line: Line, request: HelpRequest) -> int:
    """The escalation of the request begins, and its first step is being rung: the id of the call to place."""
    with line.sessions.begin() as session:
        request = session.get_one(HelpRequest, request.id)
        escalation = escalations.open_for(session, request, begins_at=line.at, at=line.at)
        steps = escalations.chain_for(session, request, None, line.at)
        assert escalations.begin(session, escalation, steps, line.at)
        row = escalations.begin_ring(session, escalation, line.at)
        assert row is not None
        return row.id


def ring(line: Line, outbound_id: int, *events: Event, sid: str = "CA1", to: str = CALLER) -> Turn:
    """Somebody answers the call; each event answers the turn that came before."""
    line.tick()
    turn = line.service.start(sid, "outbound", LINE_NUMBER, to, line.at, outbound_id=outbound_id)
    for event in events:
        turn = line.answer(turn.number, event, sid)
    return turn


def told(line: Line, outbound_id: int, status: str, sid: str = "CA1") -> None:
    """The provider's word on the call."""
    line.tick()
    line.service.status(sid, status, 30, line.at, outbound_id=outbound_id)


def check_in(line: Line) -> CheckIn:
    with line.sessions() as session:
        everything = selectinload(CheckIn.answers), selectinload(CheckIn.tried), selectinload(CheckIn.request)
        return session.scalars(select(CheckIn).options(*everything)).one()


def placed(line: Line, outbound_id: int) -> OutboundCall:
    with line.sessions() as session:
        return session.get_one(OutboundCall, outbound_id)


def raised(line: Line) -> list[Escalation]:
    """The escalations, the oldest first."""
    with line.sessions() as session:
        found = select(Escalation).options(selectinload(Escalation.request)).order_by(Escalation.id)
        return list(session.scalars(found))
