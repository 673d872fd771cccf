"""What a new model makes of the calls that were made to test it, as figures for its report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speech.engine import open_engine
from speech.evaluation.evaluate import By, evaluate, summaries
from speech.evaluation.manifest import read
from speech.understanding import Intent, Understanding

GROUPED: dict[str, By] = {"menus": "speaker", "whole": "noise", "nothing": "noise"}


def tested(model: Path, calls: Path, phrases: Mapping[Intent, Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    """The figures of each folder of `callers.write`: of all its recordings, then by speaker or by line.

    Raises:
        ModelError: the model cannot be used.
    """
    understanding = Understanding(phrases)
    with open_engine(model) as engine:
        return {
            name: [asdict(row) for row in summaries(evaluate(engine, understanding, phrases, read(calls / name)), by)]
            for name, by in GROUPED.items()
        }
