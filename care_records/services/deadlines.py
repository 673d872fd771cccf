"""When a help request must have been dealt with (时限)."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from care_records.models.requests import Urgency

AT_ONCE: Final = timedelta(minutes=15)
WORKING_DAYS: Final = 3
END_OF_WORK: Final = time(17, 0)
END_OF_DAY: Final = time(23, 59, 59)


def due_at(urgency: Urgency, at: datetime, zone: ZoneInfo) -> datetime:
    """Red and orange: 15 minutes. Yellow: the same local day. Normal: the third working day after, at 17:00.

    Working days are Monday to Friday; public holidays are not known here.
    """
    if urgency in (Urgency.RED, Urgency.ORANGE):
        return at + AT_ONCE
    local = at.astimezone(zone)
    if urgency is Urgency.YELLOW:
        return datetime.combine(local.date(), END_OF_DAY, zone)
    day = local.date()
    working_days = 0
    while working_days < WORKING_DAYS:
        day += timedelta(days=1)
        working_days += day.weekday() < 5
    return datetime.combine(day, END_OF_WORK, zone)
