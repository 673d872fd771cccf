"""Finding people, and what the line may learn about them."""

from calendar import isleap
from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from care_records.models import Person


def by_phone(session: Session, e164: str) -> list[Person]:
    """Everybody with that number as their first or second one, in the order of the roster; couples share phones."""
    matches = or_(Person.phone == e164, Person.phone2 == e164)
    return list(session.scalars(select(Person).where(matches).order_by(Person.id)))


def set_speech_rate(session: Session, person_id: int, slow: bool) -> None:
    """The line speaks slowly, or not, in every later call of that person. Nothing happens if they are gone."""
    session.execute(update(Person).where(Person.id == person_id).values(slow_speech=slow))


def age_on(birth_date: date, day: date) -> int:
    """Age in full years on `day`; somebody born on 29 February has their birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def born_by(age: int, day: date) -> date:
    """The latest birth date of somebody who is `age` or older on `day`, as `age_on` counts."""
    year = day.year - age
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)
