"""The network in Kaldi's binary nnet3 format, as Vosk reads it from am/final.mdl."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.training.features import BANDS
from speech.training.network import RESIDUAL, SUBSAMPLING, Block, Layer, Network
from speech.training.phones import PHONES

Matrix = NDArray[np.float64]
_HALF = 0.5


def _token(name: str) -> bytes:
    return name.encode() + b" "


def _integer(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _integers(values: Sequence[int]) -> bytes:
    return _integer(len(values)) + np.asarray(values, "<i4").tobytes()


def _vector(values: Sequence[float] | Matrix) -> bytes:
    array = np.asarray(values, "<f4")
    return b"FV " + _integer(len(array)) + array.tobytes()


def _matrix(values: Matrix) -> bytes:
    array = np.ascontiguousarray(values, "<f4")
    return b"FM " + _integer(array.shape[0]) + _integer(array.shape[1]) + array.tobytes()


def transition_model(phones: int) -> bytes:
    """One state a phone: pdf `p` belongs to phone `p + 1`; its self-loop is transition 2p+1, the way on 2p+2."""
    topology = _integers(range(1, phones + 1)) + _integers([-1] + [0] * phones) + _integer(1) + _integer(2)
    topology += _integer(0) + _integer(2) + _integer(0) + _float(_HALF) + _integer(1) + _float(_HALF)
    topology += _integer(-1) + _integer(0)
    triples = b"".join(_integer(pdf + 1) + _integer(0) + _integer(pdf) for pdf in range(phones))
    log_probabilities = _vector([0.0] + [float(np.log(_HALF))] * (2 * phones))
    return (
        _token("<TransitionModel>") + _token("<Topology>") + topology + _token("</Topology>")
        + _token("<Triples>") + _integer(phones) + triples + _token("</Triples>")
        + _token("<LogProbs>") + log_probabilities + _token("</LogProbs>") + _token("</TransitionModel>")
    )  # fmt: skip


@dataclass
class _Graph:
    """Components and how they are wired, in order of computation."""

    wiring: list[str] = field(default_factory=lambda: [f"input-node name=input dim={BANDS}"])
    components: list[tuple[str, bytes]] = field(default_factory=list)

    def affine(self, name: str, weights: Matrix, bias: Matrix, source: str) -> str:
        body = _token("<LinearParams>") + _matrix(weights) + _token("<BiasParams>") + _vector(bias)
        return self._add(name, "FixedAffineComponent", body, source)

    def nonlinear(self, name: str, kind: str, width: int, source: str) -> str:
        empty = _vector([])
        body = _token("<Dim>") + _integer(width) + _token("<ValueAvg>") + empty
        body += _token("<DerivAvg>") + empty + _token("<Count>") + _float(0.0)
        return self._add(name, kind, body, source)

    def pass_on(self, name: str, width: int, source: str) -> str:
        body = _token("<Dim>") + _integer(width) + _token("<BackpropScale>") + _float(1.0)
        return self._add(name, "NoOpComponent", body, source)

    def _add(self, name: str, kind: str, body: bytes, source: str) -> str:
        self.components.append((name, _token(f"<{kind}>") + body + _token(f"</{kind}>")))
        self.wiring.append(f"component-node name={name} component={name} input={source}")
        return name

    def written(self, output: str) -> bytes:
        wiring = [*self.wiring, f"output-node name=output input={output} objective=linear"]
        text = _token("<Nnet3>") + b"\n" + "\n".join(wiring).encode() + b"\n\n"
        text += _token("<NumComponents>") + _integer(len(self.components))
        for name, component in self.components:
            text += _token("<ComponentName>") + _token(name) + component
        return text + _token("</Nnet3>")


@dataclass(frozen=True, slots=True)
class _Affine:
    """Weights (outputs, inputs) and bias (outputs)."""

    weights: Matrix
    bias: Matrix


@dataclass(frozen=True, slots=True)
class _Signal:
    """A descriptor, and the constant that was left out of its value; batch norm's shifts travel this way."""

    node: str
    constant: Matrix

    def spliced(self, *offsets: int) -> "_Signal":
        parts = [f"Offset({self.node}, {offset})" if offset else self.node for offset in offsets]
        return _Signal(f"Append({', '.join(parts)})", np.tile(self.constant, len(offsets)))


def _double(tensor: Any) -> Matrix:
    return np.asarray(tensor.detach().double().cpu().numpy(), np.float64)


def _parameters(layer: Any) -> _Affine:
    return _Affine(_double(layer.weight), _double(layer.bias))


def _reading_cepstra(network: Network) -> _Affine:
    """The first layer's map when it is fed MFCC that are not normalised."""
    first = _parameters(network.first.affine)
    splices = first.weights.shape[1] // BANDS
    mean, deviation = (np.tile(_double(tensor), splices) for tensor in (network.mean, network.deviation))
    return _Affine(first.weights / deviation, first.bias - first.weights @ (mean / deviation))


def _affine(graph: _Graph, name: str, affine: _Affine, signal: _Signal) -> str:
    """An affine map of a signal, its constant included."""
    return graph.affine(name, affine.weights, affine.bias + affine.weights @ signal.constant, signal.node)


def _layer(graph: _Graph, name: str, layer: Layer, affine: _Affine, signal: _Signal) -> _Signal:
    """Affine map and rectifier; the norm's scale, being positive, moves before the rectifier."""
    scale = 1 / np.sqrt(_double(layer.norm.running_var) + layer.norm.eps)
    constant = affine.weights @ signal.constant
    scaled = _Affine(affine.weights * scale[:, None], (affine.bias + constant) * scale)
    hidden = graph.affine(f"{name}.affine", scaled.weights, scaled.bias, signal.node)
    rectified = graph.nonlinear(f"{name}.relu", "RectifiedLinearComponent", len(scale), hidden)
    return _Signal(rectified, -_double(layer.norm.running_mean) * scale)


def _block(graph: _Graph, name: str, block: Block, signal: _Signal) -> _Signal:
    reach = SUBSAMPLING * block.reach
    weights = _double(block.linear.weight)
    nothing = np.zeros(len(weights))
    narrow = _Signal(_affine(graph, f"{name}.linear", _Affine(weights, nothing), signal.spliced(-reach, 0)), nothing)
    made = _layer(graph, name, block.layer, _parameters(block.layer.affine), narrow.spliced(0, reach))
    total = f"Sum({made.node}, Scale({RESIDUAL}, {signal.node}))"
    constant = made.constant + RESIDUAL * signal.constant
    return _Signal(graph.pass_on(f"{name}.sum", len(constant), total), constant)


def acoustic_model(network: Network) -> bytes:
    """All of am/final.mdl."""
    graph, phones = _Graph(), len(PHONES)
    signal = _Signal("input", np.zeros(BANDS)).spliced(-2, -1, 0, 1, 2)
    signal = _layer(graph, "first", network.first, _reading_cepstra(network), signal)
    signal = _layer(graph, "second", network.second, _parameters(network.second.affine), signal.spliced(-1, 0, 1))
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        signal = _block(graph, f"block{number}", block, signal)
    output = _affine(graph, "output.affine", _parameters(network.output), signal)
    output = graph.nonlinear("output.log-softmax", "LogSoftmaxComponent", phones, output)
    context = _token("<LeftContext>") + _integer(network.shape.context)
    context += _token("<RightContext>") + _integer(network.shape.context)
    written = graph.written(output) + context + _token("<Priors>") + _vector([])
    return b"\0B" + transition_model(phones) + written


def write(network: Network, path: Path) -> None:
    """Write am/final.mdl, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(acoustic_model(network))
    part.replace(path)
