"""Who is rung for a caller."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Staff


def officers(session: Session) -> list[Staff]:
    """Active staff with a phone and a duty rank, in the order in which they are rung."""
    on_duty = Staff.active, Staff.phone.is_not(None), Staff.duty_rank.is_not(None)
    return list(session.scalars(select(Staff).where(*on_duty).order_by(Staff.duty_rank, Staff.id)))
