"""Calls of which the line knows too little."""

from datetime import datetime

import pytest

from care_records.models import OutboundCall
from care_records.models.calls import Direction
from care_records.models.check_ins import CheckInState, OutboundCallState
from care_records.services import outbound_calls
from ivr.telephony.provider import PlacedCall, ProviderRetryable, ProviderUncertain
from tests.care_records.builders import make_call, make_officer
from tests.outbound.line import PHONE, Line, at, make_elder


def row(line: Line) -> OutboundCall:
    found = line.all(OutboundCall)[0]
    assert isinstance(found, OutboundCall)
    return found


@pytest.fixture
def uncertain(line: Line) -> Line:
    """A call that the provider may have taken at 09:00."""
    line.provider.errors = [ProviderUncertain("timeout")]
    line.add(make_elder())
    line.run("09:00")
    return line


def listed(sid: str = "CA9", status: str = "ringing", clock: str = "09:00:01") -> PlacedCall:
    return PlacedCall(sid, status, at(clock))


def test_a_callback_settles_an_uncertain_call_before_anybody_asks(uncertain: Line) -> None:
    with uncertain.sessions.begin() as session:
        assert outbound_calls.placed(session, session.get_one(OutboundCall, 1), "CA9", at("09:00:02"))
    uncertain.run("09:00:40")
    assert (row(uncertain).state, uncertain.provider.lookups) == (OutboundCallState.PLACED, 0)


def test_an_uncertain_call_that_the_provider_lists_is_placed(uncertain: Line) -> None:
    uncertain.provider.listed = [listed()]
    uncertain.run("09:00:30")
    assert (row(uncertain).state, row(uncertain).sid) == (OutboundCallState.PLACED, "CA9")


def test_one_that_is_listed_as_over_ends_the_try(uncertain: Line) -> None:
    uncertain.provider.listed = [listed(status="no-answer")]
    uncertain.run("09:01:30")
    assert row(uncertain).result == "no_answer"
    uncertain.run("09:16:30")
    assert uncertain.rung == [PHONE]


def test_a_listed_call_that_is_something_else_is_not_taken_for_it(uncertain: Line) -> None:
    uncertain.add(make_call(sid="CA7", direction=Direction.INBOUND))
    with uncertain.sessions.begin() as session:
        session.add(
            OutboundCall(
                check_in_id=1,
                number=9,
                to_number=PHONE,
                state=OutboundCallState.ENDED,
                due_at=at("08:00"),
                sid="CA8",
                ended_at=at("08:01"),
            )
        )
    uncertain.provider.listed = [listed("CA8"), listed("CA7")]
    uncertain.run("09:00:30")
    assert row(uncertain).state is OutboundCallState.UNCERTAIN


def test_of_two_calls_to_one_number_the_older_one_is_the_uncertain_one(uncertain: Line) -> None:
    uncertain.provider.listed = [listed("CA10", clock="09:00:20"), listed("CA9")]
    uncertain.run("09:00:30")
    assert row(uncertain).sid == "CA9"


def test_absence_is_no_proof_until_it_cannot_ring_any_more(uncertain: Line) -> None:
    for clock in ("09:01", "09:03", "09:05:59"):
        uncertain.run(clock)
    assert row(uncertain).state is OutboundCallState.UNCERTAIN
    uncertain.run("09:07")
    assert (row(uncertain).result, uncertain.check_in().state) == ("lost", CheckInState.WAITING)
    uncertain.run("09:22")
    assert uncertain.rung == [PHONE]


def test_a_provider_that_cannot_be_asked_is_asked_again(uncertain: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(to: str, since: datetime) -> list[PlacedCall]:
        raise ProviderRetryable("timeout")

    with monkeypatch.context() as patch:
        patch.setattr(uncertain.provider, "list_calls", away)
        uncertain.run("09:07")
    assert row(uncertain).state is OutboundCallState.UNCERTAIN
    uncertain.run("09:08")
    assert row(uncertain).result == "lost"


def test_a_lost_callback_is_made_up_for_by_asking(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.provider.statuses[line.provider.calls[0].sid] = "busy"
    line.run("09:01:59")
    assert line.provider.lookups == 0
    line.run("09:02")
    assert row(line).result == "busy"


def test_the_result_of_a_conversation_stands_when_its_end_is_only_learnt_by_asking(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    with line.sessions.begin() as session:
        outbound_calls.conversed(session, session.get_one(OutboundCall, 1), "fine")
    line.provider.statuses[line.provider.calls[0].sid] = "completed"
    line.run("09:02")
    line.run("09:02")
    assert line.check_in().state is CheckInState.DONE


def test_a_call_that_goes_on_is_asked_about_once_a_minute(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.provider.statuses[line.provider.calls[0].sid] = "in-progress"
    for clock in ("09:02", "09:02:30", "09:02:59", "09:03"):
        line.run(clock)
    assert line.provider.lookups == 2
    assert row(line).state is OutboundCallState.PLACED


def test_a_placed_call_that_the_provider_has_forgotten_is_given_up(line: Line) -> None:
    line.add(make_elder())
    line.run("09:00")
    line.run("09:06")
    assert row(line).result == "lost"


def test_an_officer_s_lost_ring_is_looked_up_sooner(line: Line) -> None:
    line.add(make_elder(), make_officer(phone="+8651252889001"))
    line.run("09:00")
    line.ends("silent", "09:01")
    line.run("09:01")
    line.provider.statuses[line.provider.calls[1].sid] = "no-answer"
    line.run("09:02:30")
    assert line.all(OutboundCall)[1].result == "no_answer"
