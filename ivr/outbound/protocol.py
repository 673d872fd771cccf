"""What follows from the tries so far: pure, from the times of CARE's table, which are settings.

A try counts when it may have rung: a call that was never sent is none. The clock of a retry starts when the try before
it ended, and a retry is bound to the call window of that try: what cannot be rung there goes to people instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from care_records.models.check_ins import CheckInOutcome
from care_records.models.requests import Urgency
from ivr.config import Settings
from ivr.outbound.hours import Nap, open_hours, opening, window_of

BAD_NUMBER: Final = "bad_number"
FINE: Final = "fine"
LATER: Final = "later"
FINDINGS: Final = {
    "relative_fine": (CheckInOutcome.RELATIVE, Urgency.YELLOW),
    "concern": (CheckInOutcome.CONCERN, Urgency.YELLOW),
    "silent": (CheckInOutcome.SILENT, Urgency.RED),
    "unclear": (CheckInOutcome.UNCLEAR, Urgency.ORANGE),
    "refused": (CheckInOutcome.REFUSED, Urgency.YELLOW),
}
"""What a conversation came to that people have to see to, and how urgent it is at least."""
MOST_LATERS: Final = 2
"""How often somebody may ask to be rung later before a person rings them."""


@dataclass(frozen=True)
class Try:
    """A call that was sent, or may have been. `result` is None while it goes on; every other result that is neither
    of a conversation nor `bad_number` is no answer."""

    to_number: str
    at: datetime
    ended_at: datetime | None
    result: str | None


@dataclass(frozen=True)
class Case:
    """One person, one day, so far. `numbers` are those that can be dialled, the first one first."""

    day: date
    due_at: datetime
    tries: Sequence[Try]
    numbers: Sequence[str]
    nap: Nap | None = None
    frail_and_alone: bool = False
    with_people: bool = False
    """People look after them already; the tries go on beside it."""


@dataclass(frozen=True)
class Ring:
    """The next try, at `at` or as soon after it as somebody looks."""

    at: datetime
    to_number: str


@dataclass(frozen=True)
class Underway:
    """A call goes on: nothing to do until it ends."""


@dataclass(frozen=True)
class Fine:
    """The person confirmed it."""


@dataclass(frozen=True)
class HandOver:
    """It becomes somebody's work at `at`. `reason` says why in one word; `tries_go_on` beside it."""

    at: datetime
    outcome: CheckInOutcome
    urgency: Urgency
    reason: str
    tries_go_on: bool = False


Next = Ring | Underway | Fine | HandOver


class Protocol:
    def __init__(self, settings: Settings) -> None:
        self._windows = settings.windows
        self._zone = settings.zone
        self._tries = settings.tries
        self._retry = timedelta(minutes=settings.retry_min)
        self._hand_over = timedelta(minutes=settings.hand_over_min)
        self._later = timedelta(minutes=settings.later_min)

    def next(self, case: Case, now: datetime) -> Next:
        """The one thing that follows; whatever lies in the future is to be asked for again then."""
        found = _found(case)
        if found:
            return found
        if case.tries and case.tries[-1].ended_at is None:
            return Underway()
        bad = {one.to_number for one in case.tries if one.result == BAD_NUMBER}
        case = replace(
            case,
            tries=[one for one in case.tries if one.result != BAD_NUMBER],
            numbers=[number for number in case.numbers if number not in bad],
        )
        if not case.tries:
            return self._first(case, now, BAD_NUMBER if bad else "no_number")
        last = case.tries[-1]
        assert last.ended_at is not None, "only the last try can be under way"
        if last.result == LATER:
            return self._after_later(case, last, last.ended_at, now)
        return self._after_no_answer(case, last, last.ended_at, now)

    def _first(self, case: Case, now: datetime, why_no_number: str) -> Next:
        """One that was missed is made up for in what is left of the day's windows."""
        if not case.numbers:
            return HandOver(case.due_at, CheckInOutcome.NOT_CALLED, Urgency.YELLOW, why_no_number)
        hours = open_hours(case.day, self._windows, case.nap, self._zone)
        at = opening(hours, max(case.due_at, now))
        if at is not None:
            return Ring(at, case.numbers[0])
        urgency = Urgency.ORANGE if case.frail_and_alone else Urgency.YELLOW
        return HandOver(now, CheckInOutcome.NOT_CALLED, urgency, "no_time")

    def _after_no_answer(self, case: Case, last: Try, ended_at: datetime, now: datetime) -> Next:
        retry_at = ended_at + self._retry
        people = HandOver(retry_at, CheckInOutcome.UNREACHED, Urgency.ORANGE, "no_answer")
        unanswered = sum(one.result != LATER for one in case.tries)
        at = self._within(case, last, max(retry_at, now)) if unanswered < self._tries else None
        if case.frail_and_alone and not case.with_people:
            return replace(people, tries_go_on=at is not None)
        if unanswered >= self._tries:
            return replace(people, at=ended_at + self._hand_over)
        if at is None:
            return people
        is_last = unanswered + 1 == self._tries
        return Ring(at, case.numbers[-1] if is_last else case.numbers[0])

    def _after_later(self, case: Case, last: Try, ended_at: datetime, now: datetime) -> Next:
        """They answered, and are rung again on the telephone that they answered."""
        again_at = ended_at + self._later
        at = self._within(case, last, max(again_at, now))
        laters = sum(one.result == LATER for one in case.tries)
        if at is None or laters > MOST_LATERS:
            return HandOver(ended_at, CheckInOutcome.REFUSED, Urgency.YELLOW, LATER)
        return Ring(at, last.to_number)

    def _within(self, case: Case, last: Try, at: datetime) -> datetime | None:
        """The first moment from `at` on in the call window of the try before; None when nobody can be rung there."""
        window = window_of(case.day, self._windows, last.at, self._zone)
        if window is None or not case.numbers:
            return None
        return opening(open_hours(case.day, self._windows, case.nap, self._zone), at, window)


def _found(case: Case) -> Fine | HandOver | None:
    """What the newest conversation found, whichever try it was of: its end may be learnt after the next try began."""
    for one in reversed(case.tries):
        if one.result == FINE:
            return Fine()
        if one.result in FINDINGS:
            outcome, urgency = FINDINGS[one.result]
            return HandOver(one.ended_at or one.at, outcome, urgency, one.result)
    return None
