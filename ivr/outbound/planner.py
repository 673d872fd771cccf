"""Who is called on a day, when, and why not: decided from the roster alone, without a database or a clock."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from care_records.models.people import CheckInPlan
from care_records.services.people import age_on
from ivr.config import Settings
from ivr.outbound.hours import moment, nap_of
from ivr.outbound.numbers import is_number
from ivr.outbound.spread import Slot, Spread

THRICE: Final = frozenset({0, 2, 4})
"""Monday, Wednesday, Friday."""
EVERY_DAY: Final = frozenset(range(7))
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)


class Candidate(NamedTuple):
    """What of a person decides whether and when they are called; the order is that of the columns that are read."""

    id: int
    birth_date: date
    plan: CheckInPlan | None
    slot: time | None
    nap_start: time | None
    nap_end: time | None
    consent: bool | None
    phone: str | None
    phone2: str | None


class Why(StrEnum):
    """The reason for a decision. The first five are of those who are due, the others of those who are not."""

    BY_AGE = "by_age"
    BY_PLAN = "by_plan"
    MISSED = "missed"
    NO_NUMBER = "no_number"
    NO_TIME = "no_time"
    TOO_YOUNG = "too_young"
    NOT_THIS_DAY = "not_this_day"
    NO_PLAN = "no_plan"
    NO_CONSENT = "no_consent"
    PAUSED = "paused"


DUE: Final = (Why.BY_AGE, Why.BY_PLAN, Why.MISSED)

WORDS: Final = {
    Why.BY_AGE: "due by age",
    Why.BY_PLAN: "due by their own plan",
    Why.MISSED: "due on an earlier day on which nobody was planned",
    Why.NO_NUMBER: "cannot be rung, there is no usable number: a task for staff",
    Why.NO_TIME: "cannot be rung, the nap leaves no time: a task for staff",
    Why.TOO_YOUNG: "not old enough, and no plan of their own",
    Why.NOT_THIS_DAY: "not a day of their plan",
    Why.NO_PLAN: "is not to be called",
    Why.NO_CONSENT: "has not agreed to be called",
    Why.PAUSED: "paused",
}


class Decision(NamedTuple):
    """`due_at` is None for somebody who is not due; `slot` says what became of the time that they were to have."""

    person_id: int
    why: Why
    due_at: datetime | None = None
    weekly: bool = False
    slot: Slot | None = None

    @property
    def words(self) -> str:
        """For an operator."""
        notes = [WORDS[self.why]]
        if self.slot and self.slot.moved:
            notes.append("later than the slot, which is outside the hours or full")
        if self.slot and self.slot.crowded:
            notes.append("more calls than the provider takes at that time")
        return "; ".join(notes)


class DayPlan:
    """The decisions for one day. Each one takes its slot from `spread`: whoever is decided on first has the choice."""

    def __init__(self, day: date, settings: Settings, spread: Spread, missed_since: date | None = None) -> None:
        """`missed_since`: the first of the days just before on which nobody was planned; who was due then is now."""
        self.day = day
        self._age = settings.check_in_age
        self._spread = spread
        self._weekdays = _weekdays(missed_since or day, day)
        self._week_so_far = [_weekdays(_last(weekday, day), day - DAY) for weekday in range(7)]
        """For each weekday on which somebody's own week may begin, those of it that are over."""
        self._first = moment(day, settings.windows[0][0], settings.zone)

    def decide(self, person: Candidate, paused: bool) -> Decision:
        why = self._why(person, paused)
        if why not in DUE:
            return Decision(person.id, why)
        weekly = weekdays_of(person).isdisjoint(self._week_so_far[own_weekday(person.id)])
        if not is_number(person.phone) and not is_number(person.phone2):
            return Decision(person.id, Why.NO_NUMBER, self._first, weekly)
        slot = self._slot(person)
        if slot is None:
            return Decision(person.id, Why.NO_TIME, self._first, weekly)
        return Decision(person.id, why, slot.at, weekly, slot)

    def _why(self, person: Candidate, paused: bool) -> Why:
        weekdays = weekdays_of(person)
        in_order = (
            (person.plan is CheckInPlan.NONE, Why.NO_PLAN),
            (person.plan is None and age_on(person.birth_date, self.day) < self._age, Why.TOO_YOUNG),
            (weekdays.isdisjoint(self._weekdays), Why.NOT_THIS_DAY),
            (not person.consent, Why.NO_CONSENT),
            (paused, Why.PAUSED),
            (self.day.weekday() not in weekdays, Why.MISSED),
            (person.plan is None, Why.BY_AGE),
        )
        return next((why for holds, why in in_order if holds), Why.BY_PLAN)

    def _slot(self, person: Candidate) -> Slot | None:
        nap = nap_of(person.nap_start, person.nap_end)
        wished = self._spread.wished(person.slot, nap) if person.slot is not None else None
        return wished or self._spread.own(person.id, nap)


def own_weekday(person_id: int) -> int:
    """The weekday, 0 for Monday, of those who are called once a week; everybody's own week begins on it."""
    return person_id % 7


def weekdays_of(person: Candidate) -> frozenset[int]:
    """Those on which the person is called, if at all."""
    if person.plan is CheckInPlan.THRICE_WEEKLY:
        return THRICE
    if person.plan is CheckInPlan.WEEKLY:
        return frozenset({own_weekday(person.id)})
    return EVERY_DAY


def _weekdays(first: date, last: date) -> frozenset[int]:
    return frozenset((first + number * DAY).weekday() for number in range((last - first).days + 1))


def _last(weekday: int, day: date) -> date:
    """The last day until `day` that has that weekday."""
    return day - (day.weekday() - weekday) % 7 * DAY
