"""What a model gains for a caller whom it has never heard, from a few of their labelled recordings.

    python -m bench.adaptation CALLS/whole SPEAKER --model MODEL

CALLS is made by `python -m speech.training callers` of a speaker who was left out of MODEL (docs/training.md). Needs
the extra `training`.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.understanding import load_phrases, load_understanding
from speech.engine import open_engine
from speech.evaluation.evaluate import Summary, evaluate, summary
from speech.evaluation.manifest import Labelled, read
from speech.evaluation.statistics import Share
from speech.models import shipped
from speech.training.__main__ import PHRASES
from speech.training.adapting import adapt_folder

LESSONS = (0, 2, 10, 50)
OTHERS = 200
GOOD = "30 dB"


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("speaker")
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), default=shipped())
@click.option("--seed", default=1)
def main(folder: Path, speaker: str, model: Path, seed: int) -> None:
    """Adapt MODEL to more and more of SPEAKER's recordings, and hear their others, and other people's, with it."""
    calls = read(folder)
    mine, others = ([one for one in calls if (one.speaker == speaker) is own] for own in (True, False))
    phrases = sorted({one.text for one in mine})
    order = [phrases[int(index)] for index in np.random.default_rng(seed).permutation(len(phrases))]
    untaught = [one for one in mine if one.text not in order[: LESSONS[-1]]]
    table = Table(title=f"{speaker}: {len(untaught)} recordings of other phrases, all phrases of the line listened for")
    for heading in ("recordings", "turns right", "words right", "wrong", "nothing heard", "other voices, turns right"):
        table.add_column(heading, justify="right")
    for count in LESSONS:
        lessons = [one for one in mine if one.noise == GOOD and one.text in order[:count]]
        with tempfile.TemporaryDirectory() as made:
            adapted = _adapted(model, lessons, Path(made)) if lessons else model
            own, rest = _heard(adapted, untaught), _heard(adapted, others[:OTHERS])
        parts = own.right, own.phrases, own.wrong, own.false_rejects, rest.right
        table.add_row(str(count), *map(_percent, parts))
    Console(width=120).print(table)


def _adapted(model: Path, lessons: Sequence[Labelled], made: Path) -> Path:
    (made / "lessons").mkdir()
    rows = [{"audio": str(one.audio.resolve()), "text": one.text, "speaker": one.speaker} for one in lessons]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (made / "lessons" / "manifest.jsonl").write_text(lines, "utf-8")
    adapt_folder(model, made / "lessons", made / "model", PHRASES, lambda *_: None)
    return made / "model"


def _heard(model: Path, calls: Sequence[Labelled]) -> Summary:
    phrases = load_phrases("zh_CN")
    with open_engine(model) as engine:
        return summary("all", list(evaluate(engine, load_understanding("zh_CN"), phrases, calls)))


def _percent(part: Share) -> str:
    return f"{part.value:.1%} ({part.low:.0%}-{part.high:.0%})" if part.value is not None else "-"


if __name__ == "__main__":
    main()
