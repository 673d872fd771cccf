"""The acoustic model: a factored time-delay network in the components that Kaldi's nnet3 knows, trained with CTC.

It reads log mel energies at 100 frames a second and answers log probabilities of the phones at 33⅓.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech.training.features import BANDS, CEPSTRA
from speech.training.phones import PHONES

SUBSAMPLING = 3
RESIDUAL = 0.66


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network: width of its layers, width of its bottlenecks and the reach of each block."""

    width: int = 320
    bottleneck: int = 112
    reach: tuple[int, ...] = (1, 1, 1, 2, 2, 2, 3, 3)
    """Output frames (30 ms) to each side that a block adds to what the network sees."""

    @property
    def context(self) -> int:
        """Input frames (10 ms) needed to the left and to the right of an output frame."""
        return 3 + SUBSAMPLING * sum(self.reach)


def spliced(frames: Tensor, offsets: tuple[int, ...], step: int = 1) -> Tensor:
    """Frames (batch, time, width) beside their neighbours at `offsets`, counted from the first; every `step`-th."""
    count = frames.shape[1] - offsets[-1]
    return torch.cat([frames[:, offset : offset + count : step] for offset in offsets], -1)


class Layer(nn.Module):
    """An affine map of spliced frames, rectified and normalised."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.affine = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs, affine=False)

    def forward(self, frames: Tensor) -> Tensor:
        hidden = functional.relu(self.affine(frames))
        normal: Tensor = self.norm(hidden.flatten(0, 1))
        shaped: Tensor = normal.view_as(hidden)
        return shaped


class Block(nn.Module):
    """A bottleneck that looks back, a layer that looks ahead, and the block's input added to what they make."""

    def __init__(self, width: int, bottleneck: int, reach: int) -> None:
        super().__init__()
        self.reach = reach
        self.linear = nn.Linear(2 * width, bottleneck, bias=False)
        self.layer = Layer(2 * bottleneck, width)

    def forward(self, frames: Tensor) -> Tensor:
        offsets = (0, self.reach)
        made: Tensor = self.layer(spliced(self.linear(spliced(frames, offsets)), offsets))
        return made + RESIDUAL * frames[:, self.reach : frames.shape[1] - self.reach]


class Network(nn.Module):
    """Frames (batch, time, 40) to log probabilities (batch, time / 3, phones).

    The input must be padded with `shape.context` frames on both sides. It is turned into normalised cepstra first:
    their coefficients are nearly independent, and learning is several times faster for it.
    """

    cepstra: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("cepstra", torch.tensor(CEPSTRA, dtype=torch.float32), persistent=False)
        self.register_buffer("mean", torch.zeros(BANDS))
        self.register_buffer("deviation", torch.ones(BANDS))
        self.first = Layer(5 * BANDS, shape.width)
        self.second = Layer(3 * shape.width, shape.width)
        self.blocks = nn.ModuleList(Block(shape.width, shape.bottleneck, reach) for reach in shape.reach)
        self.output = nn.Linear(shape.width, len(PHONES))

    def forward(self, frames: Tensor) -> Tensor:
        with torch.autocast(frames.device.type, enabled=False):
            inputs = (frames @ self.cepstra.T - self.mean) / self.deviation
        hidden = self.first(spliced(inputs, (0, 1, 2, 3, 4)))
        hidden = self.second(spliced(hidden, (0, 1, 2), SUBSAMPLING))
        for block in self.blocks:
            hidden = block(hidden)
        return functional.log_softmax(self.output(hidden).float(), -1)


def save(network: Network, path: Path) -> None:
    """Write the network's shape and parameters, whole or not at all."""
    part = path.with_name(path.name + ".part")
    torch.save({"shape": asdict(network.shape), "parameters": network.state_dict()}, part)
    part.replace(path)


def load(path: Path) -> Network:
    """The network that `save` wrote.

    Raises:
        OSError: no such file.
    """
    stored: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    shape = stored["shape"]
    network = Network(Shape(shape["width"], shape["bottleneck"], tuple(shape["reach"])))
    network.load_state_dict(stored["parameters"])
    return network
