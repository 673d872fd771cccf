"""Adaptation from a folder of recordings to a model folder."""

import json
import shutil
from pathlib import Path

import numpy as np

from speech.training import model_folder, nnet3, recordings
from speech.training.adapt import Manner, adapt, heard, reminders
from speech.training.audio import STUDIO_RATE
from speech.training.learning import Progress
from speech.training.lexicon import read_phrases

_REMINDERS, _SEED = 400, 1


def adapt_folder(model: Path, folder: Path, out: Path, phrases: Path, progress: Progress) -> int:
    """Write `model`, adapted to the recordings in `folder`, as `out`; the number of recordings learnt from.

    The recordings are heard as they are: telephone recordings of the line, not studio ones.

    Raises:
        ModelError: `model` has no network to learn from.
        AudioError, AdaptError: there is no usable recording.
    """
    network = model_folder.load_network(model)
    report = json.loads((model / model_folder.REPORT).read_text("utf-8"))
    new = heard(list(recordings.utterances(recordings.find(folder))), STUDIO_RATE)
    old = reminders(read_phrases(phrases), _REMINDERS, np.random.default_rng(_SEED))
    adapted = adapt(network, new, old, Manner(seed=_SEED), progress)
    if out.resolve() != model.resolve():
        shutil.copytree(model, out, dirs_exist_ok=True)
    nnet3.write(adapted, out / "am" / "final.mdl")
    model_folder.save_network(adapted, out / model_folder.NETWORK)
    report["adapted"] = [*report.get("adapted", []), {"recordings": len(new)}]
    model_folder.write_report(out, report)
    return len(new)
