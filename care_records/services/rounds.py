"""Extra rounds of calls to a group: heat, cold, a festival."""

# ruff: noqa: PLR0913 - columns are given by name

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true, update
from sqlalchemy.orm import Session

from care_records.models import CheckIn, Person, Round, Staff
from care_records.models.check_ins import CheckInState
from care_records.models.people import Category
from care_records.services import check_ins
from care_records.services.people import born_by
from care_records.services.statements import compare_and_set
from care_records.services.text import storable


@dataclass(frozen=True, slots=True)
class Group:
    """Who is called: those who meet every condition that is given. Ages in full years, both ends included."""

    min_age: int | None = None
    max_age: int | None = None
    community_id: int | None = None
    lives_alone: bool | None = None
    category: Category | None = None
    person_ids: tuple[int, ...] | None = None

    @classmethod
    def of(cls, round_: Round) -> "Group":
        """The group of a round."""
        values = dict(round_.group)
        if values.get("category") is not None:
            values["category"] = Category(values["category"])
        if values.get("person_ids") is not None:
            values["person_ids"] = tuple(values["person_ids"])
        return cls(**values)

    def matches(self, day: date) -> ColumnElement[bool]:
        """The condition on Person, with the ages of `day`."""
        conditions: list[ColumnElement[bool]] = [true()]
        if self.min_age is not None:
            conditions.append(Person.birth_date <= born_by(self.min_age, day))
        if self.max_age is not None:
            conditions.append(Person.birth_date > born_by(self.max_age + 1, day))
        if self.person_ids is not None:
            conditions.append(Person.id.in_(self.person_ids))
        for column, value in (
            (Person.community_id, self.community_id),
            (Person.lives_alone, self.lives_alone),
            (Person.category, self.category),
        ):
            if value is not None:
                conditions.append(column == value)
        return and_(*conditions)


def occasion(round_: Round) -> str:
    """What the check-ins of a round are called."""
    return f"round-{round_.id}"


def members(session: Session, group: Group, day: date) -> list[int]:
    """The ids of those in the group, whether or not they may be called on `day`."""
    return list(session.scalars(select(Person.id).where(group.matches(day)).order_by(Person.id)))


def start(
    session: Session, *, name: str, opening: str, group: Group, starts_at: datetime, staff: Staff, at: datetime
) -> Round:
    """A round to `group` from `starts_at`; `opening` is said after the greeting. Its check-ins are planned by the line.

    Raises ValueError when there is no opening.
    """
    if not opening.strip():
        raise ValueError("a round says why it calls")
    round_ = Round(
        name=storable(name, 100),
        opening=storable(opening, 200),
        group=_plain(group),
        starts_at=starts_at,
        staff_id=staff.id,
        created_at=at,
    )
    session.add(round_)
    session.flush()
    return round_


def going_on(session: Session) -> list[Round]:
    """Those that nobody has stopped, the oldest first."""
    return list(session.scalars(select(Round).where(Round.stopped_at.is_(None)).order_by(Round.id)))


def progress(session: Session, round_: Round) -> dict[str, int]:
    """How many check-ins it has (`total`), in each state, and with each outcome, under the names of those.

    States are of CheckInState, outcomes of CheckInOutcome; what there is none of is not named.
    """
    of_round = select(CheckIn.state, CheckIn.outcome, func.count()).where(CheckIn.round_id == round_.id)
    counts: Counter[str] = Counter(total=0)
    for state, outcome, count in session.execute(of_round.group_by(CheckIn.state, CheckIn.outcome)):
        counts["total"] += count
        counts[state.value] += count
        if outcome is not None:
            counts[outcome.value] += count
    return dict(counts)


def stop(session: Session, round_: Round, staff: Staff, at: datetime) -> bool:
    """No further call is made. What people have they keep; a call that is under way goes on, and what it comes to
    counts. False when it had been stopped before."""
    values = {"stopped_at": at, "stopped_by_id": staff.id}
    if not compare_and_set(session, round_, Round.stopped_at.is_(None), values):
        return False
    taken_back = {
        "state": CheckInState.WITHDRAWN,
        "taken_by": staff.name,
        "taken_by_id": staff.id,
        "next_at": None,
        "ended_at": at,
        "reason": "这一轮问候已停止",
    }
    idle = CheckIn.round_id == round_.id, check_ins.between_calls()
    session.execute(update(CheckIn).where(*idle).values(taken_back))
    return True


def _plain(group: Group) -> dict[str, Any]:
    """As JSON keeps it."""
    return {name: value for name, value in asdict(group).items() if value is not None}
