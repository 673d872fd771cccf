"""Pages of the subject 人员. Importing them gives `pages` its views."""

from care_records.console.people import around, card, editing, files, privacy
from care_records.console.people.pages import pages

__all__ = ["around", "card", "editing", "files", "pages", "privacy"]
