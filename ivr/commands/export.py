"""`careline export`: calls and help requests, to standard output."""

import io
import sys
from typing import BinaryIO

import click
from sqlalchemy.orm import Session

from care_records import export
from ivr.commands.db import records
from ivr.config import Settings, load_settings


@click.command()
@click.argument("kind", type=click.Choice(sorted(export.KINDS)))
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True)
def command(kind: str, format_: str) -> None:
    """Write all calls or all help requests to standard output, the oldest first."""
    if format_ == "xlsx" and _is_terminal():
        raise click.UsageError("a workbook is not for a terminal: add `> FILE.xlsx`")
    settings = load_settings()
    with records(settings, read_only=True) as sessions, sessions() as session:
        try:
            _write(kind, format_, session, settings, sys.stdout.buffer)
        except export.TooManyRowsError as error:
            raise click.ClickException(str(error)) from error


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _write(kind: str, format_: str, session: Session, settings: Settings, out: BinaryIO) -> None:
    fields, read = export.KINDS[kind]
    if format_ == "xlsx":
        export.write_xlsx(read(session), fields, out, settings.zone)
        return
    # Excel takes a CSV for the encoding of the machine unless it begins with a mark.
    text = io.TextIOWrapper(out, encoding="utf-8-sig" if format_ == "csv" else "utf-8", newline="")
    if format_ == "csv":
        export.write_csv(read(session), fields, text, settings.zone)
    else:
        export.write_jsonl(read(session), text, settings.zone)
    # The stream is not this function's to close.
    text.detach()
