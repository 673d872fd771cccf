"""`careline speech`: installs models for the ears of the line, and finds out how well they hear."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO, TypeVar, get_args

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
    track,
)
from rich.table import Table

from ivr import logs
from ivr.config import load_settings
from ivr.listening import MODELS, SHIPPED, model_folder
from ivr.understanding import PhrasesError, load_phrases, load_understanding
from prompts import CatalogueError, Studio, load_catalogue
from speech.engine import Engine, ModelError, open_engine
from speech.evaluation import doctor as examination
from speech.evaluation.evaluate import By, Outcome, Summary, evaluate, summaries
from speech.evaluation.manifest import ManifestError, read
from speech.evaluation.statistics import Share
from speech.grammars import prepare_all
from speech.install import OFFICIAL, InstallError, install, install_file
from speech.understanding import Intent, Understanding

TRAINING = {"train": "make", "adapt": "adapt", "graph": "graph"}
"""Commands that need the optional extra, with their names in speech.training."""
_SHOWN = 40
_PAPER = 200
"""Columns of output that goes to a file."""
T = TypeVar("T")
Belittled = tuple[str, Outcome]
"""A model's name, and a danger that it made light of."""


class WithTraining(click.Group):
    """The commands of this module, and those of speech.training, which are imported only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *TRAINING])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in TRAINING:
            return super().get_command(ctx, cmd_name)
        try:
            training = import_module("speech.training.__main__").command
        except ImportError as error:
            return _unavailable(cmd_name, str(error))
        found: click.Command | None = training.get_command(ctx, TRAINING[cmd_name])
        return found


def _unavailable(name: str, why: str) -> click.Command:
    def refuse(**_: object) -> None:
        raise click.ClickException(f"needs the training extra: pip install -e '.[training]' ({why})")

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        short_help="(needs the training extra)",
    )


@click.group(cls=WithTraining)
def command() -> None:
    """How the line hears: install models, measure them, make and adapt them."""
    logs.configure(load_settings().model_copy(update={"log_level": "error"}))


# --- install -------------------------------------------------------------------------------------------------------


@command.command("install")
@click.argument("name", required=False)
@click.option(
    "--from", "archive", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An archive that is here."
)
@click.option("--url", help="Where the archive is, if not at the official page.")
@click.option("--sha256", help="What the archive's checksum must be.")
def install_command(name: str | None, archive: Path | None, url: str | None, sha256: str | None) -> None:
    """Install the model NAME into the data folder: from its official page, an address, or a file."""
    models = load_settings().data_dir / MODELS
    if name is None and archive is None:
        raise click.UsageError(f"name a model ({', '.join(OFFICIAL)}) or give its archive with --from")
    try:
        folder = (
            install_file(archive, models, name=name, sha256=sha256) if archive else _download(name, models, url, sha256)
        )
    except (InstallError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{folder}: installed; `careline speech doctor --model {folder.name}` tries it")


def _download(name: str | None, models: Path, url: str | None, sha256: str | None) -> Path:
    assert name is not None, "there is a name where there is no archive"
    official = OFFICIAL.get(name)
    if official is not None and official.sha256 is None and sha256 is None:
        click.echo(f"{name}: no checksum is known; the size is checked, and this download's sum is kept", err=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=None)
        return install(
            name,
            models,
            url=url,
            sha256=sha256,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


# --- evaluate ------------------------------------------------------------------------------------------------------


@command.command("evaluate")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", "models", multiple=True, help="A model's folder, or the name of an installed one; repeatable.")
@click.option("--by", type=click.Choice(get_args(By)), help="Group the figures.")
@click.option("--only", type=click.File(encoding="utf-8"), help="A file of phrases, one a line, to listen for alone.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate_command(folder: Path, models: tuple[str, ...], by: By | None, only: TextIO | None, form: str) -> None:
    """Measure one model, or several side by side, on the labelled recordings in FOLDER (a manifest.jsonl)."""
    alone = only.read().split() if only else ()
    understanding, phrases = _understanding()
    try:
        recordings = read(folder)
    except ManifestError as error:
        raise click.ClickException(str(error)) from error
    results: dict[str, list[Summary]] = {}
    belittled: list[Belittled] = []
    for model in map(_folder, models or ("",)):
        with _engine(model, dictation=True) as engine:
            found = evaluate(engine, understanding, phrases, recordings, alone)
            outcomes = list(_watched(found, len(recordings), model.name))
        results[model.name] = summaries(outcomes, by)
        belittled += [(model.name, outcome) for outcome in outcomes if outcome.belittled]
    if form == "json":
        click.echo(json.dumps({name: [asdict(s) for s in rows] for name, rows in results.items()}, ensure_ascii=False))
    else:
        _show(_table(results, by))
        _show_belittled(belittled)


def _watched(items: Iterator[T], total: int, what: str) -> Iterator[T]:
    yield from track(items, what, total=total, console=Console(stderr=True), transient=True)


def _table(results: Mapping[str, Sequence[Summary]], by: By | None) -> Table:
    """A row for each group and model; groups of one recording set stand together."""
    table = Table(title="95% confidence intervals in brackets")
    for heading in (by or "recordings", "model"):
        table.add_column(heading)
    for heading in (
        *("n", "right", "words right", "wrong", "false rejects", "false accepts", "dangers heard", "made light of"),
        *("character errors", "real time", "failed"),
    ):
        table.add_column(heading, justify="right")
    for rows in zip(*results.values(), strict=True):
        for model, row in zip(results, rows, strict=True):
            table.add_row(row.group, model, str(row.right.of), *_cells(row))
        table.add_section()
    return table


def _cells(row: Summary) -> list[str]:
    parts = row.right, row.phrases, row.wrong, row.false_rejects, row.false_accepts, row.dangers, row.belittled
    shares = [_percent(part) for part in parts]
    errors = "-" if row.character_errors is None else f"{row.character_errors:.1%}"
    speed = "-" if row.real_time_factor is None else f"{row.real_time_factor:.3f}"
    return [*shares, errors, speed, str(row.failures or "-")]


def _show_belittled(belittled: Sequence[Belittled]) -> None:
    if not belittled:
        return
    table = Table("said", "after", "heard", "confidence", "speaker", "noise", "model", title="Dangers made light of")
    for model, one in belittled[:_SHOWN]:
        recording, sure = one.recording, f"{one.confidence:.2f}"
        asked = recording.question or "any question"
        table.add_row(recording.text, asked, one.heard or "", sure, recording.speaker, recording.noise, model)
    _show(table)


def _percent(part: Share) -> str:
    return "-" if part.value is None else f"{part.value:.1%} [{part.low:.0%}-{part.high:.0%}]".replace("[", "\\[")


# --- doctor --------------------------------------------------------------------------------------------------------


@command.command("doctor")
@click.option("--model", default="", help="A model's folder, or the name of an installed one.")
@click.option("--each", type=click.IntRange(1), help="Only so many phrases of each intent.")
def doctor_command(model: str, each: int | None) -> None:
    """Speak the line's own phrases over a telephone line into a model, and say what it heard."""
    _, phrases = _understanding()
    spoken = examination.what_to_say(phrases, each)
    with _engine(_folder(model)) as engine, _voice() as voice:
        uncut = prepare_all(engine, phrases)
        heard = tuple(_watched(examination.examine(engine, phrases, spoken, voice.spoken), len(spoken), "speaking"))
        memory = sum(worker.memory or 0 for worker in engine.workers)
        report = examination.Report(heard, uncut, memory)
        _show(_diagnosis(engine, report))
    _show_misheard(report)


def _diagnosis(engine: Engine, report: examination.Report) -> Table:
    facts, total = engine.facts, len(report.heard)
    understood = total - len(report.missed) - len(report.mistaken)
    rows = {
        "model": f"{facts.name}, {facts.size / 1e6:.1f} MB, {facts.words} words, trained at {facts.rate} Hz",
        "checksums": "right" if facts.checked else "none in its folder",
        "says none of these": "yes" if facts.unknown else "no: it will force something onto every sound",
        "workers": f"{len(engine.workers)}, loaded in {max(w.load_s for w in engine.workers):.1f} s",
        "heard": f"{understood} of {total}",
        "missed": str(len(report.missed)),
        "taken for something else": str(len(report.mistaken)),
        "no words for": f"{len(report.uncut)}: {' '.join(report.uncut)}" if report.uncut else "none",
        "lag, half and 95%": f"{report.lag_ms(50):.0f} ms, {report.lag_ms(95):.0f} ms",
        "real-time factor": f"{report.real_time_factor:.3f}",
        "memory of all workers": f"{report.memory / 2**20:.0f} MiB",
    }
    table = Table(show_header=False, box=None)
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _show_misheard(report: examination.Report) -> None:
    if not (report.missed or report.mistaken):
        return
    table = Table("spoken", "intent", "after", "heard", title="Not heard as spoken")
    for item in [*report.mistaken, *report.missed][:_SHOWN]:
        table.add_row(item.spoken.phrase, item.spoken.intent, item.spoken.question, item.text or "none of these")
    _show(table)


@contextmanager
def _voice() -> Iterator[Studio]:
    try:
        catalogue = load_catalogue(load_settings().language)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error
    with TemporaryDirectory() as folder:
        yield Studio(catalogue, Path(folder))


# --- what the commands share ---------------------------------------------------------------------------------------


@cache
def _understanding() -> tuple[Understanding, Mapping[Intent, tuple[str, ...]]]:
    language = load_settings().language
    try:
        return load_understanding(language), load_phrases(language)
    except PhrasesError as error:
        raise click.ClickException(str(error)) from error


def _folder(model: str) -> Path:
    """The shipped model for no name."""
    return model_folder(load_settings().data_dir, model or SHIPPED)


@contextmanager
def _engine(folder: Path, *, dictation: bool = False) -> Iterator[Engine]:
    try:
        engine = open_engine(folder, dictation=dictation)
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    with closing(engine):
        yield engine


def _show(table: Table) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = _PAPER
    console.print(table)
