"""Periods of whole local days, and the days, months or years that they are shown in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Unit = Literal["day", "month", "year"]

LONGEST_DAYS: Final = 10 * 366
_DAYS_SHOWN: Final = 62
_MONTHS_SHOWN_DAYS: Final = 36 * 31


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included. Raises ValueError when the last is before the first, or when it
    is more than ten years long."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < LONGEST_DAYS:
            raise ValueError("a period ends after it begins, and is ten years long at most")

    @classmethod
    def month_of(cls, day: date) -> "Period":
        return cls(day.replace(day=1), _month_after(day) - timedelta(days=1))

    @classmethod
    def year_of(cls, day: date) -> "Period":
        return cls(date(day.year, 1, 1), date(day.year, 12, 31))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def unit(self) -> Unit:
        """What it is shown by, so that there are at most a few dozen parts."""
        if self.days <= _DAYS_SHOWN:
            return "day"
        return "month" if self.days <= _MONTHS_SHOWN_DAYS else "year"

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From the beginning of the first day up to, and without, that of the day after the last, by the clock there:
        where it is put forward or back a day has 23 or 25 hours."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.last + timedelta(days=1), time(), zone)

    def parts(self, unit: Unit | None = None) -> Iterator["Period"]:
        """Its days, months or years; the first and the last may be cut off by the period's ends."""
        begin = self.first
        while begin <= self.last:
            after = _after(begin, unit or self.unit)
            yield Period(begin, min(self.last, after - timedelta(days=1)))
            begin = after


def _after(day: date, unit: Unit) -> date:
    if unit == "day":
        return day + timedelta(days=1)
    return _month_after(day) if unit == "month" else date(day.year + 1, 1, 1)


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
