"""A check-in, whatever happens to it and in whatever order: hypothesis makes the days up."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Person, Staff
from care_records.models.check_ins import CheckInOutcome, CheckInState, OutboundCallState
from care_records.models.requests import RequestStatus
from care_records.services import check_ins, requests
from ivr.outbound.hours import is_open, nap_of, open_hours
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.hamlet import DAY, MIDNIGHT, OFFICERS, PHONE, PHONE2, SLOT, Hamlet
from tests.outbound_year.manners import ANSWERS, RINGS_BACK, RINGS_FOR_HELP, Manner
from tests.outbound_year.network import Chances
from tests.outbound_year.troubles import TROUBLES

MACHINE = (CheckInState.PLANNED, CheckInState.CALLING, CheckInState.WAITING)
ENDS = (CheckInState.DONE, CheckInState.WITHDRAWN)
NEXT_MORNING = MIDNIGHT + timedelta(hours=32)


class CheckInDay(RuleBasedStateMachine):
    """The day of one person, from the moment at which it is planned."""

    template: ClassVar[Path]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.dies_at = 0
        self.fuse = Fuse(lambda number: number == self.dies_at)
        self.hamlet = Hamlet(self.template, self.folder, fuse=self.fuse)
        self.hamlet.plan()
        self.hamlet.rig.go_on(MIDNIGHT + timedelta(hours=SLOT.hour, minutes=-1))
        self.ended: tuple[object, ...] | None = None

    # --- What happens

    @rule(minutes=st.integers(1, 45))
    def time_passes(self, minutes: int) -> None:
        self.hamlet.rig.go_on(self.hamlet.rig.now + timedelta(minutes=minutes))

    @rule(number=st.sampled_from([PHONE, PHONE2]), does=st.sampled_from(["no answer", "busy", "machine", *ANSWERS]))
    def will_do(self, number: str, does: str) -> None:
        self.hamlet.answers[number] = [does]

    @rule(trouble=st.sampled_from(sorted(TROUBLES)))
    def network_has_trouble(self, trouble: str) -> None:
        self.hamlet.trouble(TROUBLES[trouble])

    @rule(after=st.integers(1, 12), down_s=st.sampled_from([1.0, 45.0, 600.0]))
    def will_die(self, after: int, down_s: float) -> None:
        self.dies_at, self.hamlet.down_s = self.fuse.burnt + after, down_s

    @rule(manner=st.sampled_from([RINGS_BACK, RINGS_FOR_HELP]))
    def rings_the_line(self, manner: Manner) -> None:
        self.hamlet.network.ring_in(PHONE, manner)

    @rule()
    def officer_takes_the_case(self) -> None:
        with self.hamlet.sessions.begin() as session:
            check_in = session.scalars(select(CheckIn)).one()
            if check_in.request is not None and check_in.request.status is RequestStatus.OPEN:
                staff, hour = _officer(session), timedelta(hours=1)
                requests.take(session, check_in.request, staff, self.hamlet.rig.now, resolve_after=hour)
                assert check_in.state in ENDS or session.get_one(CheckIn, check_in.id, populate_existing=True).taken_by

    @rule()
    def is_seen_in_person(self) -> None:
        with self.hamlet.sessions.begin() as session:
            check_in = session.scalars(select(CheckIn)).one()
            check_ins.mark_seen(session, check_in, _officer(session), "上门看望过", self.hamlet.rig.now)

    @rule()
    def is_paused(self) -> None:
        with self.hamlet.sessions.begin() as session:
            person = session.scalars(select(Person)).one()
            check_ins.pause(session, person.id, DAY, DAY, "住院", _officer(session), self.hamlet.rig.now)

    @rule()
    def withdraws_consent(self) -> None:
        with self.hamlet.sessions.begin() as session:
            session.scalars(select(Person)).one().consent_calls = False

    # --- What holds all the time

    @invariant()
    def no_try_is_made_twice(self) -> None:
        sent = [placement.row_id for placement in self.hamlet.network.placements if not placement.put_off]
        assert len(sent) == len(set(sent))

    @invariant()
    def nobody_is_rung_at_the_wrong_time(self) -> None:
        person, set_ = self.hamlet.person(), self.hamlet.settings
        hours = open_hours(DAY, set_.windows, nap_of(person.nap_start, person.nap_end), set_.zone)
        for placement in self.hamlet.network.placements:
            assert placement.to not in (PHONE, PHONE2) or is_open(hours, placement.at)

    @invariant()
    def somebody_or_something_has_it(self) -> None:
        """The machine knows when it goes on, or waits for the end of a call; or it is an open case; or it has ended."""
        check_in = self.hamlet.check_in()
        if check_in.state in (CheckInState.PLANNED, CheckInState.WAITING):
            assert check_in.next_at is not None
        elif check_in.state is CheckInState.CALLING:
            under_way = [
                call for call in self.hamlet.calls() if call.check_in_id and call.state is not OutboundCallState.ENDED
            ]
            assert check_in.next_at is not None or under_way
        elif check_in.state is CheckInState.FOLLOW_UP:
            assert check_in.request_id in [one.id for one in self.hamlet.requests() if one.status is RequestStatus.OPEN]
        else:
            assert check_in.outcome is CheckInOutcome.FINE or check_in.taken_by

    @invariant()
    def an_end_is_an_end(self) -> None:
        check_in = self.hamlet.check_in()
        facts = (check_in.state, check_in.outcome, check_in.taken_by, check_in.ended_at)
        assert self.ended in (None, facts)
        self.ended = facts if check_in.state in ENDS else None

    def teardown(self) -> None:
        """Once all is well again, somebody confirms or somebody named takes it, before the night is over."""
        self.dies_at = 0
        self.hamlet.trouble(Chances())
        self.hamlet.answers |= {OFFICERS[0]: ["no answer", "takes it"], OFFICERS[1]: ["leaves", "takes it"]}
        self.hamlet.rig.go_on(NEXT_MORNING)
        check_in = self.hamlet.check_in()
        yellow = check_in.request_id is not None and not self.hamlet.escalations()
        assert check_in.state in ENDS or yellow, f"forgotten: {check_in.state} {check_in.outcome}"
        assert {call.state for call in self.hamlet.calls()} <= {OutboundCallState.ENDED}
        self.hamlet.close()


def _officer(session: Session) -> Staff:
    return session.scalars(select(Staff).order_by(Staff.id)).all()[0]


@pytest.mark.timeout(300)
def test_a_check_in_ends_well_whatever_happens_in_whatever_order(hamlet_template: Path, quick_folder: Path) -> None:
    CheckInDay.template, CheckInDay.folder = hamlet_template, quick_folder / "check_in"
    few = settings(
        max_examples=12,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(CheckInDay, settings=few)
