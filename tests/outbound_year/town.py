"""Who lives in the town of the simulated year: the demonstration's 439 people, made a little less alike."""

from collections.abc import Sequence
from datetime import datetime, time
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records import demo
from care_records.models import Person, Staff
from care_records.models.people import CheckInPlan
from care_records.services import duty
from care_records.services.people import age_on

NIGHT: Final = "夜班员"
FRAIL_AND_ALONE: Final = 8
THRICE: Final = 24
WEEKLY: Final = 16
NEVER: Final = 2
ADDED: Final = 5
"""People over 90 with a plan of their own, and younger ones whom staff have added."""
NAPS: Final = ((time(9, 30), time(10, 15)), (time(14, 0), time(15, 0)), (time(10, 30), time(11, 30)))
"""Such as reach into the call windows."""


def settle(sessions: sessionmaker[Session], now: datetime, zone: ZoneInfo, called: int | None = None) -> None:
    """Fills an empty database, on the same day always with the same people.

    Only `called` of those over 90 have agreed to be called, and nobody else has, unless it is None.
    """
    random = Random(demo.SEED)
    demo.seed(sessions, now, zone)
    with sessions.begin() as session:
        people = list(session.scalars(select(Person).order_by(Person.id)))
        today = now.astimezone(zone).date()
        old = [person for person in people if age_on(person.birth_date, today) >= 90]
        young = [person for person in people if age_on(person.birth_date, today) < 89]
        _agree(people, random)
        _plan(old, young, random)
        _live(old, random)
        if called is not None:
            chosen = {person.id for person in random.sample(old, called)}
            for person in people:
                person.consent_calls = person.id in chosen
        _work(session, now)


def _agree(people: Sequence[Person], random: Random) -> None:
    """Most have agreed to be called; some were never asked, some said no."""
    for person in people:
        person.consent_calls = random.choices((True, None, False), (94, 3, 3))[0]


def _plan(old: Sequence[Person], young: Sequence[Person], random: Random) -> None:
    chosen = random.sample(list(old), THRICE + WEEKLY + NEVER)
    plans = [CheckInPlan.THRICE_WEEKLY] * THRICE + [CheckInPlan.WEEKLY] * WEEKLY + [CheckInPlan.NONE] * NEVER
    for person, plan in zip(chosen, plans, strict=True):
        person.check_in_plan = plan
    for person in random.sample(list(young), ADDED):
        person.check_in_plan, person.consent_calls = CheckInPlan.DAILY, True


def _live(old: Sequence[Person], random: Random) -> None:
    for person in random.sample(list(old), FRAIL_AND_ALONE):
        person.frail = person.lives_alone = True
    for person in random.sample(list(old), len(old) // 4):
        person.nap_start, person.nap_end = random.choice(NAPS)
    for person in random.sample(list(old), len(old) // 3):
        person.check_in_slot = None


def _work(session: Session, now: datetime) -> None:
    """One more officer, who is on duty in shifts only."""
    night = Staff(name=NIGHT, phone="+8651200099999")
    session.add(night)
    session.flush()
    duty.add_shift(session, night, now, now.replace(year=now.year + 1))
