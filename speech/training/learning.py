"""Learning: CTC over varied examples, on the CPU or a GPU, with a checkpoint from which it goes on."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from speech.training.augment import augmented
from speech.training.dataset import Examples
from speech.training.features import BANDS, CEPSTRA
from speech.training.network import SUBSAMPLING, Network
from speech.training.phones import INITIALS, PHONES

_CHECKPOINT_EVERY = 200
Progress = Callable[[float, float], None]
"""Called with the share done and the current loss a phone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to learn. The same plan, data and seed on one thread give the same network."""

    hours: float = 60.0
    """Hours of speech to hear, repetitions counted."""
    rate: float = 1.1e-3
    warm_up: float = 0.03
    batch_frames: int = 2_000
    """Frames in a step, padding counted; many small steps find the phones far sooner than few large ones."""
    aligned: float = 0.0
    """Share of the time in which an even alignment of phones to the sound helps; a new network needs it to begin."""
    smoothing: float = 0.005
    """Weight of the pull towards even probabilities, which keeps confidences honest."""
    average: float = 0.998
    vary: bool = True
    """Whether examples are varied by `augment` each time they are heard."""
    seed: int = 1
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded frames (batch, time, 40), output lengths, phones in a row and their counts, and an even alignment.

    `aligned` (batch, output time) holds a phone for each output frame, the blank where there is no sound, and -100
    in the padding.
    """

    frames: Tensor
    lengths: Tensor
    phones: Tensor
    counts: Tensor
    aligned: Tensor


def normalise(network: Network, examples: Examples) -> None:
    """Set the network's idea of the mean and spread of its input from `examples`."""
    frames = examples.frames[:: max(1, len(examples.frames) // 500_000)].astype(np.float32) @ CEPSTRA.T
    network.mean.copy_(torch.from_numpy(frames.mean(axis=0)))
    network.deviation.copy_(torch.from_numpy(frames.std(axis=0) + 1e-3))


def learn(
    network: Network, sets: Sequence[tuple[Examples, float]], plan: Plan, checkpoint: Path, progress: Progress
) -> Network:
    """Train `network` on the sets, each example of a set drawn with its weight; the average of the last networks.

    A `checkpoint` that an interrupted run left is taken up again; it is removed at the end.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    state = _State(network.to(device), plan)
    heard = state.restored(checkpoint)
    goal = plan.hours * 360_000
    losses: list[float] = []
    batches = _Batches(sets, plan, network.shape.context, state.steps)
    while heard < goal:
        batch, frames = batches.next()
        losses.append(state.step(batch, heard / goal, device))
        heard += frames
        progress(min(1.0, heard / goal), float(np.mean(losses[-100:])))
        if state.steps % _CHECKPOINT_EVERY == 0:
            state.store(checkpoint, heard)
    averaged = state.averaged()
    checkpoint.unlink(missing_ok=True)
    return averaged.cpu().eval()


class _State:
    """A network with its optimiser and the running average of its parameters."""

    def __init__(self, network: Network, plan: Plan) -> None:
        self.network, self.plan, self.steps = network, plan, 0
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=1e-3)
        average = get_ema_multi_avg_fn(plan.average)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(network, multi_avg_fn=average, use_buffers=True)

    def step(self, batch: Batch, share: float, device: torch.device) -> float:
        """One step; the CTC loss a phone."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate(share)
        with torch.autocast(device.type, torch.bfloat16):
            log_probabilities = self.network(batch.frames.to(device))
        ctc, even = _losses(log_probabilities, batch)
        loss = ctc + self.plan.smoothing * even
        if share < self.plan.aligned:
            loss = loss + 3 * (1 - share / self.plan.aligned) * _misaligned(log_probabilities, batch)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.steps += 1
        self.average.update_parameters(self.network)
        return float(ctc.detach())

    def _rate(self, share: float) -> float:
        rising = min(1.0, share / self.plan.warm_up + 0.02)
        return self.plan.rate * rising * (0.5 + 0.5 * math.cos(math.pi * share) + 0.005)

    def averaged(self) -> Network:
        assert isinstance(self.average.module, Network)
        return self.average.module

    def store(self, checkpoint: Path, heard: float) -> None:
        state: dict[str, Any] = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state_dict(),
            "steps": self.steps,
            "heard": heard,
        }
        part = checkpoint.with_name(checkpoint.name + ".part")
        torch.save(state, part)
        os.replace(part, checkpoint)  # noqa: PTH105 - the same as in every other writer of checkpoints

    def restored(self, checkpoint: Path) -> float:
        """Frames heard before the interruption; 0 if there was none."""
        if not checkpoint.exists():
            return 0.0
        state = torch.load(checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.load_state_dict(state["average"])
        self.steps = state["steps"]
        return float(state["heard"])


def _losses(log_probabilities: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """CTC loss and the distance to even probabilities, both summed over the batch and divided by its phones."""
    phones = max(1.0, float(batch.counts.sum()))
    ctc = functional.ctc_loss(
        log_probabilities.transpose(0, 1),
        batch.phones.to(log_probabilities.device),
        batch.lengths,
        batch.counts,
        blank=0,
        reduction="none",
        zero_infinity=True,
    )
    even = -log_probabilities.mean(-1) - math.log(len(PHONES))
    valid = torch.arange(even.shape[1])[None] < batch.lengths[:, None]
    return ctc.sum() / phones, (even * valid.to(even.device)).sum() / phones


def _misaligned(log_probabilities: Tensor, batch: Batch) -> Tensor:
    """Mean cross entropy with the even alignment."""
    aligned = batch.aligned.to(log_probabilities.device)
    return functional.nll_loss(log_probabilities.flatten(0, 1), aligned.flatten(), ignore_index=-100)


def evenly_aligned(frames: NDArray[np.float32], phones: NDArray[np.int16]) -> NDArray[np.int64]:
    """A phone for each output frame: all of them in order where there is sound, finals twice as long as initials."""
    aligned = np.zeros(-(-len(frames) // SUBSAMPLING), np.int64)
    if not len(phones):
        return aligned
    level = frames.mean(axis=1)[::SUBSAMPLING]
    loud = np.flatnonzero(level >= (np.quantile(level, 0.05) + level.max()) / 2)
    begin, end = int(loud[0]), int(loud[-1]) + 1
    ends = np.cumsum(np.where(phones > len(INITIALS), 2.0, 1.0))
    place = (np.arange(end - begin) + 0.5) / (end - begin) * ends[-1]
    aligned[begin:end] = phones[np.searchsorted(ends, place)]
    return aligned


class _Batches:
    """Endless batches of examples of like length; `start` continues a run that was interrupted."""

    def __init__(self, sets: Sequence[tuple[Examples, float]], plan: Plan, context: int, start: int) -> None:
        self._sets, self._plan, self._context = sets, plan, context
        self._rng = np.random.default_rng([plan.seed, start])
        self._groups: list[list[tuple[int, int]]] = []

    def next(self) -> tuple[Batch, int]:
        """A batch and the number of frames in it."""
        if not self._groups:
            self._groups = _grouped(_drawn(self._sets, self._rng), self._plan.batch_frames, self._rng)
        examples = [self._sets[which][0].example(index) for which, index in self._groups.pop()]
        batch = assemble(examples, self._context, self._rng if self._plan.vary else None)
        return batch, sum(len(frames) for frames, _ in examples)


def _drawn(sets: Sequence[tuple[Examples, float]], rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """One epoch's examples as (length, set, index); a weight of 1.5 takes all, and half of them twice."""
    drawn = []
    for which, (examples, weight) in enumerate(sets):
        lengths = examples.lengths
        copies = int(weight) + (rng.random(len(examples)) < weight % 1)
        for index in np.repeat(np.arange(len(examples)), copies):
            drawn.append((int(lengths[index]), which, int(index)))
    return drawn


def _grouped(
    drawn: list[tuple[int, int, int]], batch_frames: int, rng: np.random.Generator
) -> list[list[tuple[int, int]]]:
    order = sorted(drawn, key=lambda one: one[0] + rng.uniform(-30, 30))
    groups: list[list[tuple[int, int]]] = [[]]
    longest = 0
    for length, which, index in order:
        longest = max(longest, length)
        if groups[-1] and (len(groups[-1]) + 1) * (longest + 100) > batch_frames:
            groups.append([])
            longest = length
        groups[-1].append((which, index))
    return [groups[int(i)] for i in rng.permutation(len(groups))]


def assemble(
    examples: Sequence[tuple[NDArray[np.float16], NDArray[np.int16]]], context: int, rng: np.random.Generator | None
) -> Batch:
    """Examples as one batch, varied if there is an `rng`; the edges are repeated into the padding, as Kaldi does."""
    varied = [_varied(frames.astype(np.float32), phones, rng) for frames, phones in examples]
    longest = max(map(len, varied))
    frames = np.empty((len(varied), longest + 2 * context, BANDS), np.float32)
    for row, one in zip(frames, varied, strict=True):
        row[:] = one[np.clip(np.arange(-context, longest + context), 0, len(one) - 1)]
    lengths = [-(-len(one) // SUBSAMPLING) for one in varied]
    aligned = np.full((len(varied), -(-longest // SUBSAMPLING)), -100, np.int64)
    for number, (one, (_, said)) in enumerate(zip(varied, examples, strict=True)):
        even = evenly_aligned(one, said)
        aligned[number, : len(even)] = even
    phones = [phones.astype(np.int64) for _, phones in examples]
    return Batch(
        torch.from_numpy(frames),
        torch.tensor(lengths),
        torch.from_numpy(np.concatenate(phones)),
        torch.tensor([len(one) for one in phones]),
        torch.from_numpy(aligned),
    )


def _varied(
    frames: NDArray[np.float32], phones: NDArray[np.int16], rng: np.random.Generator | None
) -> NDArray[np.float32]:
    if rng is None:
        return frames
    varied = augmented(frames, rng)
    return varied if len(varied) >= SUBSAMPLING * (len(phones) + 2) else frames
