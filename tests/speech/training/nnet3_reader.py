"""A small independent reader of nnet3 files: enough to compute what Vosk would compute from one."""

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Nnet3:
    """Wiring in order and parameters by component."""

    nodes: dict[str, tuple[str, str]] = field(default_factory=dict)
    affine: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    left: int = 0
    right: int = 0

    def run(self, frames: np.ndarray, times: list[int]) -> np.ndarray:
        """The output at `times` of input frames (time, 40), the edges repeated."""
        self._frames, self._memory = frames.astype(np.float64), {}
        return np.stack([self._node("output", time) for time in times])

    def _node(self, name: str, time: int) -> np.ndarray:
        if (name, time) not in self._memory:
            self._memory[name, time] = self._compute(name, time)
        return self._memory[name, time]

    def _compute(self, name: str, time: int) -> np.ndarray:
        if name == "input":
            return self._frames[min(max(time, 0), len(self._frames) - 1)]
        component, source = self.nodes[name]
        value = self._descriptor(source, time)
        kind = self.kinds.get(component, "")
        if kind == "FixedAffineComponent":
            weights, bias = self.affine[component]
            return weights @ value + bias
        if kind == "RectifiedLinearComponent":
            return np.maximum(value, 0)
        if kind == "LogSoftmaxComponent":
            return value - np.log(np.exp(value - value.max()).sum()) - value.max()
        return value

    def _descriptor(self, text: str, time: int) -> np.ndarray:
        text = text.strip()
        if found := re.fullmatch(r"(Append|Sum|Offset|Scale)\((.*)\)", text):
            kind, parts = found.group(1), _split(found.group(2))
            if kind == "Offset":
                return self._descriptor(parts[0], time + int(parts[1]))
            if kind == "Scale":
                return float(parts[0]) * self._descriptor(parts[1], time)
            values = [self._descriptor(part, time) for part in parts]
            return np.concatenate(values) if kind == "Append" else sum(values)
        return self._node(text, time)


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def expect(self, token: str) -> None:
        found = self.token()
        assert found == token, f"expected {token}, found {found} at {self.at}"

    def token(self) -> str:
        end = self.data.index(b" ", self.at)
        text, self.at = self.data[self.at : end].decode(), end + 1
        return text

    def number(self, form: str) -> float:
        assert self.data[self.at] == 4
        (value,) = struct.unpack_from(form, self.data, self.at + 1)
        self.at += 5
        return value

    def array(self) -> np.ndarray:
        kind = self.token()
        shape = [int(self.number("<i")) for _ in range(2 if kind == "FM" else 1)]
        count = int(np.prod(shape))
        values = np.frombuffer(self.data, "<f4", count, self.at).reshape(shape)
        self.at += 4 * count
        return values.astype(np.float64)


def read(path: Path) -> Nnet3:
    source, net = _Bytes(path.read_bytes()), Nnet3()
    start = source.data.index(b"<Nnet3> \n") + 9
    end = source.data.index(b"\n\n", start)
    for line in source.data[start:end].decode().splitlines():
        if line.startswith(("component-node", "output-node")):
            name = re.search(r"name=(\S+)", line).group(1)
            component = re.search(r"component=(\S+)", line)
            wired = re.search(r"input=(.*?)(?: objective=\w+)?$", line).group(1)
            net.nodes[name] = (component.group(1) if component else "", wired)
    source.at = end + 2
    source.expect("<NumComponents>")
    for _ in range(int(source.number("<i"))):
        _component(source, net)
    source.expect("</Nnet3>")
    source.expect("<LeftContext>")
    net.left = int(source.number("<i"))
    source.expect("<RightContext>")
    net.right = int(source.number("<i"))
    source.expect("<Priors>")
    assert len(source.array()) == 0
    assert source.at == len(source.data)
    return net


def _component(source: _Bytes, net: Nnet3) -> None:
    source.expect("<ComponentName>")
    name = source.token()
    kind = net.kinds[name] = source.token()[1:-1]
    if kind == "FixedAffineComponent":
        source.expect("<LinearParams>")
        weights = source.array()
        source.expect("<BiasParams>")
        net.affine[name] = (weights, source.array())
    elif kind == "NoOpComponent":
        source.expect("<Dim>")
        source.number("<i")
        source.expect("<BackpropScale>")
        source.number("<f")
    else:
        source.expect("<Dim>")
        source.number("<i")
        for token in ("<ValueAvg>", "<DerivAvg>"):
            source.expect(token)
            source.array()
        source.expect("<Count>")
        source.number("<f")
    source.expect(f"</{kind}>")
