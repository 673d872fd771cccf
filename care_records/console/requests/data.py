"""What the pages of help requests show: the lists, and one request with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from care_records.console.calls.data import Voice, people_called, voice
from care_records.console.paging import Page, Place, read_page
from care_records.models import Escalation, HelpRequest, HelpRequestEvent, Person, Recording, Staff
from care_records.models.requests import RequestStatus, Urgency
from care_records.services import cases

ALARMING: Final = (Urgency.RED, Urgency.ORANGE)
ACKNOWLEDGED_WITHIN: Final = timedelta(seconds=60)
"""How soon somebody has to have an alarm."""
NEXT_DUE: Final = (RequestStatus.OPEN, RequestStatus.TAKEN, RequestStatus.RESOLVED)
"""Lists of work still to be done: what is due next stands first. In the others it is what came last."""
_MATCHES: Final = 30


@dataclass(frozen=True)
class Wanted:
    """Which requests a list shows; None: any."""

    status: RequestStatus | None = None
    people: Sequence[int] | None = None
    category: str | None = None
    urgency: Urgency | None = None
    assignee_id: int | None = None
    overdue_at: datetime | None = None
    """Only those that somebody still has to do something about, and had to by then."""


class Kept(StrEnum):
    """How a time stands against its target."""

    MET = "met"
    LATE = "late"
    WAITING = "waiting"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Target:
    """Something that has to be done by `due`, and when it was."""

    name: str
    due: datetime
    done: datetime | None
    now: datetime

    @property
    def kept(self) -> Kept:
        if self.done is not None:
            return Kept.MET if self.done <= self.due else Kept.LATE
        return Kept.WAITING if self.now <= self.due else Kept.OVERDUE


@dataclass(frozen=True)
class Case:
    """One request. `ringing`: its alarm is looking for somebody; `voice` is the message, if it was recorded."""

    request: HelpRequest
    history: Sequence[HelpRequestEvent]
    escalation: Escalation | None
    voice: Voice | None
    targets: Sequence[Target]
    colleagues: Sequence[Staff]
    phones: Sequence[str]

    @property
    def ringing(self) -> bool:
        return self.escalation is not None and self.escalation.state in cases.LOOKING

    @property
    def offered(self) -> list[tuple[int, str]]:
        """Whom it can be handed to, as the choices of a field."""
        return [(one.id, one.name) for one in self.colleagues if one.id != self.request.assignee_id]


def listed(session: Session, wanted: Wanted, place: Place) -> Page[HelpRequest]:
    query = select(HelpRequest).where(*_fitting(wanted)).options(joinedload(HelpRequest.person))
    if wanted.status in NEXT_DUE or wanted.overdue_at:
        return read_page(session, query, (HelpRequest.due_at, HelpRequest.id), place)
    return read_page(session, query, (HelpRequest.created_at, HelpRequest.id), place, newest_first=True)


def find(session: Session, number: str) -> HelpRequest | None:
    """The request of that 编号."""
    return session.scalar(select(HelpRequest).where(HelpRequest.number == number))


def case(session: Session, number: str, *, folder: Path, now: datetime, zone: ZoneInfo) -> Case | None:
    """One request and what belongs to it; None: there is no such request."""
    history = selectinload(HelpRequest.history).joinedload(HelpRequestEvent.staff)
    related = joinedload(HelpRequest.person), joinedload(HelpRequest.assignee), joinedload(HelpRequest.call), history
    request = session.scalar(select(HelpRequest).where(HelpRequest.number == number).options(*related))
    if request is None:
        return None
    return Case(
        request=request,
        history=request.history,
        escalation=session.scalar(select(Escalation).where(Escalation.request_id == request.id)),
        voice=_voice(session, request, folder),
        targets=_targets(request, now, zone),
        colleagues=list(session.scalars(select(Staff).where(Staff.active).order_by(Staff.name, Staff.id))),
        phones=_phones(request),
    )


def people_matching(session: Session, text: str) -> list[Person]:
    """Those whom a name, or the end of a telephone number, may mean."""
    found = people_called(session, text)[:_MATCHES]
    return list(session.scalars(select(Person).where(Person.id.in_(found)).order_by(Person.name, Person.id)))


# --- How


def _fitting(wanted: Wanted) -> list[ColumnElement[bool]]:
    fitting: list[ColumnElement[bool]] = []
    if wanted.status:
        fitting.append(HelpRequest.status == wanted.status)
    if wanted.people is not None:
        fitting.append(HelpRequest.person_id.in_(wanted.people))
    if wanted.category:
        fitting.append(HelpRequest.category == wanted.category)
    if wanted.urgency:
        fitting.append(HelpRequest.urgency == wanted.urgency)
    if wanted.assignee_id:
        fitting.append(HelpRequest.assignee_id == wanted.assignee_id)
    if wanted.overdue_at:
        fitting.append(HelpRequest.status.in_((RequestStatus.OPEN, RequestStatus.TAKEN)))
        fitting.append(HelpRequest.due_at < wanted.overdue_at)
    return fitting


def _voice(session: Session, request: HelpRequest, folder: Path) -> Voice | None:
    if request.recording_sid is None:
        return None
    recording_id = session.scalar(select(Recording.id).where(Recording.sid == request.recording_sid))
    return voice(session, recording_id, folder) if recording_id else None


def _targets(request: HelpRequest, now: datetime, zone: ZoneInfo) -> list[Target]:
    """Since it was opened, or reopened for the last time."""
    begun, taken = request.created_at, None
    for event in request.history:
        if event.kind == "reopened":
            begun, taken = event.at, None
        elif event.kind in ("taken", "assigned", "resolved"):
            taken = taken or event.at
    targets = [Target("resolved", request.due_at, request.resolved_at, now)]
    if request.urgency in ALARMING:
        targets.insert(0, Target("taken", begun + ACKNOWLEDGED_WITHIN, taken, now))
    if request.follow_up_due:
        end = datetime.combine(request.follow_up_due, time.max, zone)
        targets.append(Target("followed_up", end, request.followed_up_at, now))
    return targets


def _phones(request: HelpRequest) -> list[str]:
    """What to dial, the number that rang first."""
    person = request.person
    numbers = [request.phone, person.phone if person else None, person.phone2 if person else None]
    return list(dict.fromkeys(number for number in numbers if number))
