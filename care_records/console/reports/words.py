"""How periods and the columns of the ledger are called."""

from care_records.console.languages import gettext as _
from care_records.services.periods import Period


def part_title(part: Period, whole: Period) -> str:
    """A day, a month or a year of a period: 11-03, 2026-11, 2026."""
    patterns = {"day": "%m-%d", "month": "%Y-%m", "year": "%Y"}
    return part.first.strftime(patterns[whole.unit])


def period_title(period: Period) -> str:
    """2026年11月, 2026年, or the first and the last day."""
    if period == Period.month_of(period.first):
        return _("%(year)s年%(month)s月", year=period.first.year, month=period.first.month)
    if period == Period.year_of(period.first):
        return _("%(year)s年", year=period.first.year)
    return _("%(first)s 至 %(last)s", first=period.first.isoformat(), last=period.last.isoformat())
