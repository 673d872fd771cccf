"""What must hold of a simulated year, looked at from outside: in the rows and in what the network was asked to do."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from ivr.config import Settings
from tests.outbound_year.network import Network

Due = Literal["daily", "thrice_weekly", "weekly"]

THRICE: Final = (0, 2, 4)
_ENDS: Final = """
SELECT id, state, outcome, taken_by FROM check_ins
WHERE NOT (state IN ('done', 'withdrawn') AND (outcome = 'fine' OR taken_by IS NOT NULL))
"""
_UNTAKEN: Final = """
SELECT id, urgency, category, status FROM help_requests
WHERE urgency IN ('red', 'orange') AND taken_by IS NULL AND coalesce(result, '') NOT LIKE '并入工单%'
"""
_FLAGGED: Final = "SELECT id FROM check_ins WHERE flag IN ('red', 'orange') AND request_id IS NULL"
_PLACED: Final = """
SELECT p.nap_start, p.nap_end, c.day FROM outbound_calls o JOIN check_ins c ON c.id = o.check_in_id
JOIN people p ON p.id = c.person_id WHERE o.id = ?
"""


@dataclass(frozen=True)
class Day:
    """Who was to be called on a day, as the roster stood when it began."""

    day: date
    due: dict[int, Due]


def due_people(rows: sqlite3.Connection, day: date, age: int) -> dict[int, Due]:
    """Worked out once more, and not as the line does it: the ids of those who may be due, and by which plan.

    Somebody with a weekly plan is due on one day of seven; which one is the line's own choice.
    """
    paused = "SELECT person_id FROM check_in_pauses WHERE first_day <= ? AND last_day >= ?"
    away = {person for (person,) in rows.execute(paused, (day.isoformat(),) * 2)}
    people = rows.execute("SELECT id, birth_date, check_in_plan FROM people WHERE consent_calls = 1").fetchall()
    plans = {person: _plan(date.fromisoformat(born), plan, day, age) for person, born, plan in people}
    return {person: plan for person, plan in plans.items() if plan is not None and person not in away}


def _plan(born: date, plan: str | None, day: date, threshold: int) -> Due | None:
    if plan == "3x" and day.weekday() in THRICE:
        return "thrice_weekly"
    if plan == "weekly":
        return "weekly"
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return "daily" if plan == "daily" or (plan is None and age >= threshold) else None


def faults_of(rows: sqlite3.Connection, settings: Settings, network: Network, days: Sequence[Day]) -> list[str]:
    """What is not as it must be, in words."""
    return [
        *_without_end(rows),
        *_rung_twice(network),
        *_at_the_wrong_time(rows, settings, network),
        *_not_reached(rows),
        *_not_planned(rows, days),
    ]


def _without_end(rows: sqlite3.Connection) -> Iterator[str]:
    for id_, state, outcome, taken_by in rows.execute(_ENDS):
        yield f"check-in {id_} has not ended: {state}, {outcome}, taken by {taken_by}"


def _rung_twice(network: Network) -> Iterator[str]:
    made = Counter(placement.row_id for placement in network.placements if not placement.put_off)
    for row_id, times in made.items():
        if times > 1:
            yield f"outbound call {row_id} was sent to the provider {times} times"


def _at_the_wrong_time(rows: sqlite3.Connection, settings: Settings, network: Network) -> Iterator[str]:
    for placement in network.placements:
        found = rows.execute(_PLACED, (placement.row_id,)).fetchone()
        if found is None:
            continue
        nap_start, nap_end, day = found
        local = placement.at.astimezone(settings.zone)
        at = local.time()
        if local.date().isoformat() != day:
            yield f"outbound call {placement.row_id} of {day} was made on {local.date()}"
        elif not any(begin <= at < end for begin, end in settings.windows):
            yield f"outbound call {placement.row_id} was made at {local}"
        elif nap_start and time.fromisoformat(nap_start) <= at < time.fromisoformat(nap_end):
            yield f"outbound call {placement.row_id} was made at {local}, in a nap"


def _not_reached(rows: sqlite3.Connection) -> Iterator[str]:
    for id_, urgency, category, status in rows.execute(_UNTAKEN):
        yield f"nobody has taken request {id_}: {urgency}, {category}, {status}"
    for (id_,) in rows.execute(_FLAGGED):
        yield f"check-in {id_} raised a flag and has no case"


def _not_planned(rows: sqlite3.Connection, days: Sequence[Day]) -> Iterator[str]:
    planned = {day.day: _planned(rows, day.day) for day in days}
    for day in days:
        for person, plan in day.due.items():
            if plan != "weekly" and person not in planned[day.day]:
                yield f"person {person} was due on {day.day} and is missing"
        for person in planned[day.day] - day.due.keys():
            yield f"person {person} was not due on {day.day}"
    for last in range(6, len(days), 7):
        week = days[last - 6 : last + 1]
        for person in set.intersection(*({who for who, plan in day.due.items() if plan == "weekly"} for day in week)):
            times = sum(person in planned[day.day] for day in week)
            if times != 1:
                yield f"person {person} is due once a week and was called {times} times in that of {week[0].day}"


def _planned(rows: sqlite3.Connection, day: date) -> set[int]:
    of_day = "SELECT person_id FROM check_ins WHERE day = ? AND occasion = 'daily'"
    return {person for (person,) in rows.execute(of_day, (day.isoformat(),))}
