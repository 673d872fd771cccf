"""Pages of the subject 问候: the day, one wellbeing call, a person's history, extra rounds."""

from care_records.console.checkins import day, history, one, rounds
from care_records.console.checkins.pages import pages

__all__ = ["day", "history", "one", "pages", "rounds"]
