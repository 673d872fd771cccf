"""`careline demo`: invented people, for trying the line out."""

from datetime import UTC, datetime

import click

from care_records import demo
from ivr.commands.db import records
from ivr.config import Settings, load_settings


@click.command()
def command() -> None:
    """Fill an empty database with 439 invented people, three duty officers, bulletins and activities."""
    click.echo(seed(load_settings(), datetime.now(UTC)))


def seed(settings: Settings, now: datetime) -> str:
    """Seeds the configured database unless it holds anything; says in a line what was done."""
    with records(settings) as sessions:
        count = demo.seed(sessions, now, settings.zone)
    if not count:
        return "the database already holds records: nothing was added"
    return f"added {count} invented people, with their contacts, volunteers, officers, bulletins and activities"
