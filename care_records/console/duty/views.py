"""Pages of the subject 值班: the week's shifts, the standing order, and how each colleague is reached."""

from care_records.console.duty import order, shifts, week
from care_records.console.duty.pages import pages

__all__ = ["order", "pages", "shifts", "week"]
