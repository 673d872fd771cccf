"""`careline export`: calls, help requests and check-ins to standard output, and recordings into a folder."""

import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from sqlalchemy.orm import Session

from care_records import export
from care_records.labelled import Labelled
from care_records.labelled import recordings as labelled_recordings
from ivr.calls.files import write_atomically
from ivr.commands.db import records
from ivr.config import Settings, load_settings

MANIFEST: Final = "manifest.jsonl"
UNLABELLED: Final = "unlabelled.jsonl"
"""For what nobody has made out: no example of anything until somebody has listened to it."""


@click.group()
def command() -> None:
    """Take calls, help requests, check-ins and recordings out of the records, the oldest first."""


def _of_kind(kind: str) -> Callable[[str], None]:
    def write(format_: str) -> None:
        if format_ == "xlsx" and _is_terminal():
            raise click.UsageError("a workbook is not for a terminal: add `> FILE.xlsx`")
        settings = load_settings()
        with records(settings, read_only=True) as sessions, sessions() as session:
            try:
                _write(kind, format_, session, settings, sys.stdout.buffer)
            except export.TooManyRowsError as error:
                raise click.ClickException(str(error)) from error

    return write


for _kind in sorted(export.KINDS):
    _format = click.option(
        "--format", "format_", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True
    )
    command.command(_kind, help=f"Write all {_kind.replace('-', ' ')} to standard output.")(_format(_of_kind(_kind)))


@command.command("recordings")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those made on that day, local time, or later.")
def recordings(folder: Path, since: datetime | None) -> None:
    """Write callers' recordings into FOLDER, with a manifest for `careline speech evaluate` and `speech adapt`.

    Each is labelled by what staff wrote down as said in it, or else by what the line heard; `labelled_by` tells which.
    What nobody has made out is listed in unlabelled.jsonl instead. They are voices of people: keep them as the records.
    """
    settings = load_settings()
    if (folder / MANIFEST).exists():
        raise click.ClickException(f"{folder}: there is an export already")
    begin = since.replace(tzinfo=settings.zone) if since else None
    with records(settings, read_only=True) as sessions, sessions() as session:
        try:
            counts = _write_recordings(labelled_recordings(session, begin), settings.data_dir, folder)
        except OSError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{counts[MANIFEST]} labelled recordings, {counts[UNLABELLED]} that nobody has made out", err=True)
    if counts[None]:
        raise click.ClickException(f"{counts[None]} recordings are not in the data folder as they were stored")


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


def _write_recordings(found: Iterable[Labelled], data_dir: Path, folder: Path) -> Counter[str | None]:
    """How many went into which list; None counts those whose audio is gone or is not what was stored.

    The manifest is written last: a folder that has one is complete.
    """
    lists: dict[str, list[bytes]] = {UNLABELLED: [], MANIFEST: []}
    counts: Counter[str | None] = Counter()
    for recording in found:
        name = None
        audio = _audio(recording, data_dir)
        if audio is not None:
            name = UNLABELLED if recording.text is None else MANIFEST
            path = Path("audio") / Path(recording.path).name
            write_atomically(folder / path, audio)
            lists[name].append(json.dumps(_row(recording, path), ensure_ascii=False).encode() + b"\n")
        counts[name] += 1
    for name, lines in lists.items():
        write_atomically(folder / name, b"".join(lines))
    return counts


def _audio(recording: Labelled, data_dir: Path) -> bytes | None:
    try:
        audio = (data_dir / recording.path).read_bytes()
    except OSError:
        return None
    return audio if hashlib.sha256(audio).hexdigest() == recording.sha256 else None


def _row(recording: Labelled, audio: Path) -> dict[str, Any]:
    return {
        "audio": audio.as_posix(),
        "text": recording.text or "",
        "question": recording.question,
        "speaker": recording.speaker,
        "labelled_by": recording.labelled_by,
        "confidence": recording.confidence,
    }
