"""`careline db`: the tables of the records. The other commands open the records here."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from care_records import database
from ivr.config import Settings, load_settings

WAIT_S = 60.0
"""A command is not a caller: it may wait for a lock, and one statement of an import may take its time."""


@click.group()
def command() -> None:
    """The records' database."""


@command.command()
def upgrade() -> None:
    """Make the database if there is none, and bring its tables to the newest version."""
    settings = load_settings()
    try:
        with explained():
            database.upgrade(settings.database)
    except OSError as error:
        raise click.ClickException(f"the database file cannot be made: {error}") from error
    click.echo(f"the database is at revision {database.head_revision()}")


@contextmanager
def records(settings: Settings, *, read_only: bool = False) -> Iterator[sessionmaker[Session]]:
    """Sessions on the configured database, once it is known to be there and up to date."""
    with explained():
        revision = database.current_revision(settings.database)
        if revision != database.head_revision():
            raise click.ClickException(f"the database is at revision {revision}: run `careline db upgrade` first")
        engine = database.make_engine(settings.database, WAIT_S)
        try:
            yield database.make_sessions(engine, read_only=read_only)
        finally:
            engine.dispose()


@contextmanager
def explained() -> Iterator[None]:
    """Turns what a database or its URL may be wrong about into a line for the operator."""
    try:
        yield
    except database.DatabaseUrlError as error:
        raise click.ClickException(f"CARELINE_DATABASE_URL: {error}") from error
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise click.ClickException(f"the database does not answer: {str(reason).strip()}") from error
