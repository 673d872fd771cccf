"""Invented records, for trying the line out: nobody in them exists, and none of their telephones can ring."""

from datetime import datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, sessionmaker

from care_records.demo import content, people
from care_records.models import Bulletin, Call, Person, Staff

SEED: Final = 19491001
"""The same day gives the same people."""


def seed(sessions: sessionmaker[Session], now: datetime, zone: ZoneInfo) -> int:
    """Fills an empty database with people as old as AGES on the local day of `now`, staff, bulletins and activities.

    Says how many people; 0, and nothing is changed, when the database holds any records already.
    """
    with sessions.begin() as session:
        if _holds_records(session):
            return 0
        today = now.astimezone(zone).date()
        communities = people.communities()
        officers = people.staff()
        volunteers = people.volunteers()
        session.add_all([*communities, *officers, *volunteers])
        session.flush()
        # Invented people need no secrets: the generator is there to be repeatable.
        invented = people.people(today, communities, officers, volunteers, Random(SEED))  # noqa: S311
        session.add_all(invented)
        session.add_all(people.shifts(today, zone, officers))
        session.add_all(content.bulletins(now))
        session.add_all(content.activities(today, zone, communities))
        return len(invented)


def _holds_records(session: Session) -> bool:
    return any(session.scalar(select(exists().select_from(table))) for table in (Person, Staff, Bulletin, Call))
