"""The figures of the monthly report, as they are counted by `services.reporting`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care_records.models.check_ins import CheckInOutcome
from care_records.models.requests import Urgency
from care_records.services.periods import Period


@dataclass(frozen=True)
class Rate:
    """How many of how many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """None where there is nothing to have a part of."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Calls:
    """`inbound`: those the line answered; `tries`: check-in calls that somebody picked up; `transfers`: callers who
    were put through to an officer; `outcomes`: what the inbound ones came to."""

    inbound: Rate
    tries: Rate
    transfers: Rate
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class CheckIns:
    """Of those that were due: how they ended. `visits` and `false_alarms` are counted wherever they came about."""

    due: int
    outcomes: Mapping[CheckInOutcome | None, int]
    """None: it is under way, or somebody has it of whom nothing is known yet."""
    taken_back: int
    visits: int
    false_alarms: int

    @property
    def fine(self) -> Rate:
        return Rate(self.outcomes.get(CheckInOutcome.FINE, 0), self.due)

    @property
    def relative(self) -> Rate:
        return Rate(self.outcomes.get(CheckInOutcome.RELATIVE, 0), self.due)

    @property
    def unreached(self) -> Rate:
        found = (self.outcomes.get(outcome, 0) for outcome in (CheckInOutcome.UNREACHED, CheckInOutcome.NOT_CALLED))
        return Rate(sum(found), self.due)

    @property
    def followed(self) -> Rate:
        """What was not fine, or not clear."""
        plain = self.fine.part + self.relative.part + self.unreached.part + self.outcomes.get(None, 0)
        return Rate(self.due - plain, self.due)


@dataclass(frozen=True)
class Kind:
    """The requests of one category. `overdue` ones are not done and past their time; `waiting` ones still have some."""

    category: str
    total: int
    on_time: int
    late: int
    overdue: int
    waiting: int


@dataclass(frozen=True)
class FollowUps:
    """`done`: of what was resolved, what was followed up; `satisfied`: of those who said how satisfied they are."""

    done: Rate
    satisfied: Rate
    grades: Mapping[int, int]


@dataclass(frozen=True)
class Alarms:
    """The requests of one urgency: how soon somebody had them, and what they came to."""

    urgency: Urgency
    acknowledged: Rate
    responded: Rate
    open: int
    taken: int
    visited: int
    false_alarms: int
    otherwise: int
    """Resolved, without a visit."""


@dataclass(frozen=True)
class Pauses:
    pauses: int
    people: int


@dataclass(frozen=True)
class Speech:
    """`calls`: of those in which somebody spoke, those in which the line had to ask for keys; `questions`: of what was
    answered, what was answered by key; `asked`: how often it asked for keys."""

    calls: Rate
    questions: Rate
    asked: int


@dataclass(frozen=True)
class Part:
    """A day, a month or a year of the period, in calls."""

    period: Period
    inbound: int
    check_ins: int


@dataclass(frozen=True)
class Report:
    period: Period
    calls: Calls
    parts: Sequence[Part]
    check_ins: CheckIns
    kinds: Sequence[Kind]
    follow_ups: FollowUps
    alarms: Sequence[Alarms]
    pauses: Pauses
    speech: Speech
