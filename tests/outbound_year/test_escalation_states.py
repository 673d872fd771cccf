"""An escalation, whatever happens to it and in whatever order: hypothesis makes the cases up."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Escalation, EscalationStep, HelpRequest, Person, Staff
from care_records.models.check_ins import OutboundCallState
from care_records.models.escalations import EscalationState
from care_records.models.requests import RequestStatus
from care_records.services import escalations, requests
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.hamlet import DAUGHTER, MIDNIGHT, OFFICERS, Hamlet
from tests.outbound_year.manners import HELPERS, REPORTS_DONE
from tests.outbound_year.network import Chances
from tests.outbound_year.troubles import TROUBLES

BEGIN = MIDNIGHT + timedelta(hours=3)
"""At night, when no window is open: cases know none."""
HELPERS_PHONES = (*OFFICERS, DAUGHTER)


class CaseOfTheNight(RuleBasedStateMachine):
    """One red request, from the moment at which it is opened."""

    template: ClassVar[Path]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.dies_at = 0
        self.fuse = Fuse(lambda number: number == self.dies_at)
        self.hamlet = Hamlet(self.template, self.folder, fuse=self.fuse)
        self.hamlet.rig.go_on(BEGIN)
        self.frozen: dict[int, list[tuple[int, str, str]]] = {}
        with self.hamlet.sessions.begin() as session:
            self._open(session)

    def _open(self, session: Session) -> None:
        now, person = self.hamlet.rig.now, session.scalars(select(Person)).one()
        request = requests.open_request(
            session, call=None, ref=None, person_id=person.id, phone=person.phone, category="fell", urgency="red",
            reason="test", matter="跌倒", at=now, zone=self.hamlet.settings.zone,
        )  # fmt: skip
        escalations.open_for(session, request, begins_at=now, at=now)

    # --- What happens

    @rule(seconds=st.integers(5, 1500))
    def time_passes(self, seconds: int) -> None:
        self.hamlet.rig.go_on(self.hamlet.rig.now + timedelta(seconds=seconds))

    @rule(number=st.sampled_from(HELPERS_PHONES), does=st.sampled_from(["no answer", "busy", "machine", *HELPERS]))
    def will_do(self, number: str, does: str) -> None:
        self.hamlet.answers[number] = [does]

    @rule(trouble=st.sampled_from(sorted(TROUBLES)))
    def network_has_trouble(self, trouble: str) -> None:
        self.hamlet.trouble(TROUBLES[trouble])

    @rule(after=st.integers(1, 12), down_s=st.sampled_from([1.0, 45.0, 600.0]))
    def will_die(self, after: int, down_s: float) -> None:
        self.dies_at, self.hamlet.down_s = self.fuse.burnt + after, down_s

    @rule(officer=st.integers(0, 1))
    def is_taken_on_the_web(self, officer: int) -> None:
        with self.hamlet.sessions.begin() as session:
            request = session.scalars(select(HelpRequest)).one()
            staff = session.scalars(select(Staff).order_by(Staff.id)).all()[officer]
            try:
                requests.take(session, request, staff, self.hamlet.rig.now, resolve_after=timedelta(hours=1))
            except (requests.AlreadyTaken, requests.WrongStatus):
                assert request.status is not RequestStatus.OPEN

    @rule(phone=st.sampled_from(OFFICERS))
    def officer_rings_in_that_it_is_done(self, phone: str) -> None:
        self.hamlet.network.ring_in(phone, REPORTS_DONE)

    @precondition(lambda self: self.request().status is RequestStatus.RESOLVED)
    @rule()
    def is_reopened(self) -> None:
        with self.hamlet.sessions.begin() as session:
            request = session.scalars(select(HelpRequest)).one()
            now, zone = self.hamlet.rig.now, self.hamlet.settings.zone
            requests.reopen(session, request, staff=None, text="还没有好", at=now, zone=zone)

    @rule(officer=st.integers(0, 1), works=st.booleans())
    def staff_changes(self, officer: int, works: bool) -> None:
        """Whoever leaves in the middle of an alarm stays in its chain; the next one is without them."""
        with self.hamlet.sessions.begin() as session:
            session.scalars(select(Staff).order_by(Staff.id)).all()[officer].active = works

    # --- What holds all the time

    @invariant()
    def one_is_rung_at_a_time_and_once(self) -> None:
        under_way = [call for call in self.hamlet.calls() if call.state is not OutboundCallState.ENDED]
        assert len(under_way) <= 1
        sent = [placement.row_id for placement in self.hamlet.network.placements if not placement.put_off]
        assert len(sent) == len(set(sent))

    @invariant()
    def it_goes_on_by_itself(self) -> None:
        """Until it is resolved something is due, or somebody is being rung."""
        escalation, request = self.escalation(), self.request()
        if escalation.state is EscalationState.RESOLVED:
            assert escalation.next_at is None
            assert request.status in (RequestStatus.RESOLVED, RequestStatus.CLOSED)
            return
        under_way = [call for call in self.hamlet.calls() if call.state is not OutboundCallState.ENDED]
        assert escalation.next_at is not None or under_way
        if escalation.state is EscalationState.TAKEN:
            assert (request.status, request.taken_by) == (RequestStatus.TAKEN, escalation.taken_by)
            assert escalation.taken_by

    @invariant()
    def a_chain_stays_as_it_was_when_its_alarm_began(self) -> None:
        with self.hamlet.sessions() as session:
            steps = session.scalars(
                select(EscalationStep).order_by(EscalationStep.alarm, EscalationStep.position)
            ).all()
        chains: dict[int, list[tuple[int, str, str]]] = {}
        for step in steps:
            chains.setdefault(step.alarm, []).append((step.position, step.name, step.phone))
        assert chains == chains | self.frozen
        self.frozen = chains

    def teardown(self) -> None:
        """Once all is well again, somebody takes it within minutes, and nobody is rung about it any more."""
        self.dies_at = 0
        self.hamlet.trouble(Chances())
        with self.hamlet.sessions.begin() as session:
            for staff in session.scalars(select(Staff)):
                staff.active = True
        self.hamlet.answers |= {OFFICERS[0]: ["no answer", "takes it"], OFFICERS[1]: ["leaves", "takes it"]}
        self.hamlet.rig.go_on(self.hamlet.rig.now + timedelta(minutes=50))
        escalation = self.escalation()
        assert escalation.state in (EscalationState.TAKEN, EscalationState.RESOLVED), f"{escalation.state}"
        self.hamlet.close()

    def escalation(self) -> Escalation:
        return self.hamlet.escalations()[0]

    def request(self) -> HelpRequest:
        return self.hamlet.requests()[0]


@pytest.mark.timeout(300)
def test_a_case_finds_somebody_whatever_happens_in_whatever_order(hamlet_template: Path, quick_folder: Path) -> None:
    CaseOfTheNight.template, CaseOfTheNight.folder = hamlet_template, quick_folder / "escalation"
    few = settings(
        max_examples=12,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(CaseOfTheNight, settings=few)
