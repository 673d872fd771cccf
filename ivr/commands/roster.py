"""`careline roster`: the people of the line, from a spreadsheet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from care_records.roster import Imported, Problem, Progress, RosterRefused, Rules, import_roster
from ivr.commands.db import records
from ivr.config import load_settings

PROBLEMS_A_TABLE = 500
"""A table is laid out as a whole: a hundred thousand problems in one of them would take minutes."""


@click.group()
def command() -> None:
    """The people of the line."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Import people from a CSV or XLSX FILE with Chinese or English headings: all of them, or none.

    A person with the same name and birth date as somebody in the records is brought up to date; an empty cell leaves
    what is there.
    """
    settings = load_settings()
    rules = Rules(datetime.now(UTC).astimezone(settings.zone).date(), settings.region, settings.area_code)
    console = Console(stderr=True)
    try:
        with records(settings) as sessions, _shown(console) as progress:
            imported = import_roster(sessions, file, rules, progress)
    except RosterRefused as refused:
        _show(refused.problems, console)
        raise click.ClickException(f"nothing was imported: {len(refused.problems)} problems") from refused
    except OSError as error:
        raise click.ClickException(f"the file cannot be read: {error}") from error
    _summarise(imported)


@contextmanager
def _shown(console: Console) -> Iterator[Progress]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {step: bar.add_task(step, total=None, visible=False) for step in ("reading", "storing")}
        yield lambda step, done, total: bar.update(tasks[step], completed=done, total=total, visible=True)


def _show(problems: Sequence[Problem], console: Console) -> None:
    for start in range(0, len(problems), PROBLEMS_A_TABLE):
        table = Table("行 row", "列 column", "问题 problem", "内容 value")
        for problem in problems[start : start + PROBLEMS_A_TABLE]:
            row = "" if problem.row is None else str(problem.row)
            table.add_row(row, *(Text(text) for text in (problem.column, problem.text, problem.value[:60])))
        console.print(table)


def _summarise(imported: Imported) -> None:
    counts = imported.counts
    click.echo(
        f"{counts.added} people added, {counts.changed} changed, {counts.unchanged} unchanged; "
        f"{counts.contacts} contacts and {counts.communities} communities added or changed"
    )
    for heading in imported.ignored_columns:
        click.echo(f"warning: the column 「{heading}」 is not known and was not imported", err=True)
    if imported.repeated_rows:
        rows = ", ".join(map(str, imported.repeated_rows[:20]))
        click.echo(f"warning: {len(imported.repeated_rows)} rows repeat another row: {rows} …", err=True)
