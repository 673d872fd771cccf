"""The roster of people, from a spreadsheet into the records: all of it, or nothing and the reasons why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session, sessionmaker

from care_records.roster.columns import Rules, parsers
from care_records.roster.entries import Entries, read_entries
from care_records.roster.problems import Problem, RosterRefused
from care_records.roster.storing import Counts, Source, store
from care_records.roster.tables import Row, read_table

__all__ = ["Counts", "Imported", "Problem", "Progress", "RosterRefused", "Rules", "import_roster"]

Progress = Callable[[Literal["reading", "storing"], int, int | None], None]
"""Told the step, how many rows are done, and how many there are (None while they are being read)."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and what it left out."""

    counts: Counts
    ignored_columns: tuple[str, ...]
    repeated_rows: tuple[int, ...]
    """Rows that said nothing that another row had not said."""


def import_roster(
    sessions: sessionmaker[Session],
    path: Path,
    rules: Rules,
    progress: Progress = lambda *_: None,
    *,
    staff_id: int | None = None,
) -> Imported:
    """Imports a CSV or XLSX file in one transaction; `staff_id` is who does it, in the history of those it changes.

    Raises RosterRefused with everything that is wrong, in which case nothing has been changed; OSError when the file
    cannot be opened; database errors as they come.
    """
    columns, rows = read_table(path)
    entries = read_entries(columns, _counted(rows, progress), parsers(rules))
    _refuse(entries)
    people = list(entries.people.values())
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress("storing", done, len(people))

    with sessions.begin() as session:
        counts = store(session, people, advance, Source(datetime.now(UTC), staff_id))
    return Imported(counts, tuple(columns.unknown()), tuple(entries.repeated_rows))


def _counted(rows: Iterator[Row], progress: Progress) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count % 1000 == 0:
            progress("reading", count, None)
        yield row


def _refuse(entries: Entries) -> None:
    if entries.problems:
        raise RosterRefused(entries.problems)
    if not entries.people:
        raise RosterRefused.because("只有标题行，没有人员")
