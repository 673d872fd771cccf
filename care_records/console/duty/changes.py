"""What staff change about the duty roster in several steps. Each leaves somebody on duty, or changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Shift, Staff
from care_records.services import duty


def lock(session: Session) -> None:
    """Nobody else changes the roster before this transaction ends: two who each take away the other's last cover
    would both be allowed to."""
    session.execute(select(Staff.id).order_by(Staff.id).with_for_update(key_share=True)).all()


def replace_shift(
    session: Session, shift: Shift, staff: Staff, times: tuple[datetime, datetime], now: datetime
) -> Shift:
    """`staff` has a shift at those times in place of the old one. Raises what adding and removing one raise."""
    added = duty.add_shift(session, staff, *times)
    duty.remove_shift(session, shift, now)
    return added


def set_order(session: Session, order: Sequence[Staff], left_out: Sequence[Staff], now: datetime) -> None:
    """The standing order is `order`; those who are `left_out` are not in it. Raises EmptyDutyRoster."""
    for rank, staff in enumerate(order, 1):
        if staff.duty_rank != rank:
            duty.set_duty(session, staff, now, duty_rank=rank, active=staff.active, phone=staff.phone)
    for staff in left_out:
        duty.set_duty(session, staff, now, duty_rank=None, active=staff.active, phone=staff.phone)
