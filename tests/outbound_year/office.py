"""The people around the line: who takes what needs a person, goes to see them, and keeps the roster."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import Escalation, HelpRequest, Person, Staff
from care_records.models.escalations import EscalationState
from care_records.models.people import CheckInPlan
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import check_ins, requests, rounds
from ivr.config import Settings

FORGETFUL: Final = 0.12
"""The share of cases that are not resolved before the line asks for them again."""
SHORTEST_PAUSE: Final = 2
LONGEST_PAUSE: Final = 14
"""Days that somebody is in hospital, or away."""


class Office:
    """Works on the web: everything goes through the services, as the console's pages do it."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings, seed: int) -> None:
        self._sessions = sessions
        self._settings = settings
        self._seed = seed
        self._resolve_after = timedelta(minutes=settings.resolve_min)
        self.taken = self.resolved = self.pauses = self.seen = 0

    def look_at_requests(self, now: datetime) -> None:
        """Takes what waits for the same day or later, and resolves what was taken."""
        with self._sessions.begin() as session:
            staff = session.scalars(select(Staff).order_by(Staff.id)).all()
            for request in session.scalars(_lying(RequestStatus.OPEN)):
                requests.take(session, request, staff[request.id % len(staff)], now, resolve_after=self._resolve_after)
                self.taken += 1
            for request in session.scalars(_lying(RequestStatus.TAKEN)):
                self._resolve(session, request, now)

    def look_at_cases(self, now: datetime) -> None:
        """Whoever has taken a case resolves it some time later; some forget, and are rung again."""
        with self._sessions.begin() as session:
            taken = select(Escalation).where(Escalation.state == EscalationState.TAKEN)
            for escalation in session.scalars(taken):
                assert escalation.taken_at is not None
                random = Random(f"{self._seed}/case/{escalation.id}/{escalation.alarm}")
                done_in = timedelta(minutes=random.uniform(10, 50))
                forgotten = random.random() < FORGETFUL and escalation.alarm < 3
                if not forgotten and now - escalation.taken_at >= done_in:
                    self._resolve(session, escalation.request, now)

    def keep_roster(self, now: datetime) -> None:
        """In the evening: some people go away from tomorrow on, and now and then somebody decides anew."""
        random = Random(f"{self._seed}/roster/{now.date()}")
        with self._sessions.begin() as session:
            people = session.scalars(select(Person).where(Person.consent_calls.is_(True)).order_by(Person.id)).all()
            if random.random() < 0.3:
                self._pause(session, random.choice(people), random, now)
            if random.random() < 0.02:
                random.choice(people).consent_calls = False
            if random.random() < 0.02:
                random.choice(people).check_in_plan = random.choice((CheckInPlan.DAILY, CheckInPlan.WEEKLY, None))

    def visit(self, now: datetime) -> None:
        """Somebody is seen in person, before or between the calls of the day."""
        random = Random(f"{self._seed}/visit/{now}")
        day = now.astimezone(self._settings.zone).date()
        with self._sessions.begin() as session:
            person = random.choice(session.scalars(select(Person).order_by(Person.id)).all())
            pending = check_ins.pending(session, person.id, day)
            if pending is not None:
                self.seen += check_ins.mark_seen(session, pending, _anybody(session), "上门看望过", now)

    def start_round(self, now: datetime) -> None:
        """A round of calls to those who are old and live alone."""
        group = rounds.Group(min_age=88, lives_alone=True)
        with self._sessions.begin() as session:
            staff = _anybody(session)
            rounds.start(session, name="高温", opening="今天很热。", group=group, starts_at=now, staff=staff, at=now)

    def stop_round(self, now: datetime) -> None:
        with self._sessions.begin() as session:
            for round_ in rounds.going_on(session):
                rounds.stop(session, round_, _anybody(session), now)

    def _pause(self, session: Session, person: Person, random: Random, now: datetime) -> None:
        first = now.astimezone(self._settings.zone).date() + timedelta(days=1)
        last = first + timedelta(days=random.randint(SHORTEST_PAUSE, LONGEST_PAUSE))
        check_ins.pause(session, person.id, first, last, "住院", _anybody(session), now)
        self.pauses += 1

    def _resolve(self, session: Session, request: HelpRequest, now: datetime) -> None:
        staff = request.assignee or _anybody(session)
        requests.resolve(session, request, staff=staff, result="已看望。", at=now, zone=self._settings.zone)
        self.resolved += 1


def _anybody(session: Session) -> Staff:
    return session.scalars(select(Staff).order_by(Staff.id)).all()[0]


def _lying(status: RequestStatus) -> Select[HelpRequest]:
    """Requests for which nobody is rung."""
    quiet = HelpRequest.urgency.in_((Urgency.YELLOW, Urgency.NORMAL))
    return select(HelpRequest).where(HelpRequest.status == status, quiet).order_by(HelpRequest.id)
