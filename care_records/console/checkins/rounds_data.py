"""What the pages of extra rounds show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from care_records.console.paging import Page, Place, read_page
from care_records.models import Community, Pause, Person, Round, Staff
from care_records.models.people import CheckInPlan
from care_records.services import rounds
from care_records.services.rounds import Group

SIZE = 20


@dataclass(frozen=True)
class Reach:
    """How many people are in a group, and how many of them may be called."""

    members: int
    callable: int


@dataclass(frozen=True)
class Watched:
    """A round, how far it has got (see `rounds.progress`), and who has to do with it."""

    round: Round
    progress: dict[str, int]
    community: str | None
    started_by: str | None
    stopped_by: str | None

    @property
    def total(self) -> int:
        return self.progress["total"]

    @property
    def ended(self) -> int:
        """How many calls are over: with the person, or taken over or back by somebody."""
        return self.progress.get("done", 0) + self.progress.get("withdrawn", 0)


def listed(session: Session, place: Place) -> Page[Watched]:
    """The rounds, the newest first."""
    page = read_page(session, select(Round), (Round.id,), place, newest_first=True, size=SIZE)
    return Page(_watched(session, page.items), page.next_cursor, page.previous_cursor)


def one(session: Session, round_id: int) -> Watched | None:
    found = session.get(Round, round_id)
    return _watched(session, [found])[0] if found else None


def find(session: Session, round_id: int) -> Round | None:
    return session.get(Round, round_id)


def reach(session: Session, group: Group, day: date) -> Reach:
    """As the line will choose on that day: who agreed, is not left out by their plan, and is not paused."""
    paused = select(Pause.person_id).where(Pause.first_day <= day, Pause.last_day >= day)
    may_be_called = (
        Person.consent_calls.is_(True),
        or_(Person.check_in_plan.is_(None), Person.check_in_plan != CheckInPlan.NONE),
        Person.id.not_in(paused),
    )
    everybody = select(func.count(Person.id)).where(group.matches(day))
    return Reach(session.scalar(everybody) or 0, session.scalar(everybody.where(*may_be_called)) or 0)


def _watched(session: Session, found: Sequence[Round]) -> list[Watched]:
    staff = {one.staff_id for one in found} | {one.stopped_by_id for one in found}
    names = dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff))).all())
    communities = dict(session.execute(select(Community.id, Community.name)).all())
    return [
        Watched(
            one,
            rounds.progress(session, one),
            communities.get(one.group.get("community_id", 0)),
            names.get(one.staff_id or 0),
            names.get(one.stopped_by_id or 0),
        )
        for one in found
    ]
