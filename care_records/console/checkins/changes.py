"""What staff change about a person's check-ins and no service does yet. Of two at once one wins."""

from datetime import date, time

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from care_records.models import Pause, Person
from care_records.models.people import CheckInPlan

Plan = tuple[CheckInPlan | None, time | None]
"""How often a person is called, and at what time; None: by the rule of age, and whenever there is room."""


def set_plan(session: Session, person_id: int, plan: Plan, *, seen: Plan) -> bool:
    """From the next day on the person is called by `plan`. False, and nothing is changed, if it is no longer `seen`."""
    as_seen = (
        Person.check_in_plan.is_not_distinct_from(seen[0]),
        Person.check_in_slot.is_not_distinct_from(seen[1]),
    )
    values = {"check_in_plan": plan[0], "check_in_slot": plan[1]}
    statement = update(Person).where(Person.id == person_id, *as_seen).values(values).returning(Person.id)
    return session.scalar(statement, execution_options={"synchronize_session": False}) is not None


def end_pause(session: Session, pause_id: int, person_id: int, today: date) -> bool:
    """Today is the last day of the pause; one that has not begun is taken back. False when it was over before."""
    that_one = Pause.id == pause_id, Pause.person_id == person_id
    ended = update(Pause).where(*that_one, Pause.first_day <= today, Pause.last_day > today).values(last_day=today)
    taken_back = delete(Pause).where(*that_one, Pause.first_day > today)
    options = {"synchronize_session": False}
    found = [
        session.scalar(statement.returning(Pause.id), execution_options=options) for statement in (ended, taken_back)
    ]
    return found != [None, None]
