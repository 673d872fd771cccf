"""The folder that Vosk loads: acoustic model, configuration, graph, and what adaptation needs."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speech.training import checksums, graph, nnet3
from speech.training.features import MFCC_CONF
from speech.training.lexicon import Lexicon
from speech.training.network import Network, Shape

NETWORK = Path("training/network.npz")
REPORT = Path("training/report.json")
MODEL_CONF = """--min-active=200
--max-active=2000
--beam=11.0
--lattice-beam=4.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.9
--endpoint.rule3.min-trailing-silence=1.2
--endpoint.rule4.min-trailing-silence=2.0
"""


class ModelError(Exception):
    """A folder is not a model of this project's making; the text says what is missing."""


def write(network: Network, lexicon: Lexicon, costs: graph.Costs, folder: Path, report: Mapping[str, Any]) -> None:
    """Write a complete model folder around `network`."""
    nnet3.write(network, folder / "am" / "final.mdl")
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF, "ascii")
    (folder / "conf" / "model.conf").write_text(MODEL_CONF, "ascii")
    graph.write(lexicon, folder / "graph", costs)
    save_network(network, folder / NETWORK)
    write_report(folder, report)


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Say what the model was made of; then it is complete."""
    (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    checksums.write(folder)


def save_network(network: Network, path: Path) -> None:
    """Keep the network's parameters in half precision, enough to go on learning from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    halved = {name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()}
    np.savez_compressed(path, shape=json.dumps(asdict(network.shape)), **halved)


def load_network(folder: Path) -> Network:
    """The network of a model folder.

    Raises:
        ModelError: the folder has none, or not a whole one.
    """
    try:
        with np.load(folder / NETWORK) as stored:
            shape = json.loads(str(stored["shape"]))
            arrays = {name: stored[name] for name in stored.files if name != "shape"}
        network = Network(Shape(shape["width"], shape["bottleneck"], tuple(shape["reach"])))
        parameters = {
            name: torch.from_numpy(a.astype(np.float32) if a.dtype == np.float16 else a) for name, a in arrays.items()
        }
        network.load_state_dict(parameters)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(f"{folder}: no network to learn from ({error})") from error
    return network.eval()
