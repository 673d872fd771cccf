"""Teaching a model its line's own callers from a few labelled recordings, without it forgetting the rest.

The recordings are heard again and again, varied by `augment`; between them the network hears synthetic voices over
simulated lines, where it must go on answering what it answered before.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from speech.telephone import draw, telephone
from speech.training import synthesis
from speech.training.audio import LINE_RATE, STUDIO_RATE, resample
from speech.training.corpus import Utterance
from speech.training.dataset import Examples, collect, example_of
from speech.training.features import log_mel
from speech.training.learning import Progress, assemble
from speech.training.network import Network


class AdaptError(Exception):
    """There is nothing to learn from."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How carefully to adapt. More recordings are heard in more steps: `steps` is for 50, their root scales it."""

    steps: int = 250
    rate: float = 2e-4
    batch: int = 16
    remembering: float = 1.0
    """Weight of staying with the old answers on the synthetic voices."""
    seed: int = 1


def heard(utterances: Sequence[Utterance], rate: int) -> Examples:
    """Recordings of the line (as they are) as examples; too short ones are left out.

    Raises:
        AdaptError: none is left.
    """
    pairs = [example_of(utterance, rate) for utterance in utterances]
    kept = [(frames, phones) for frames, phones in pairs if len(frames) >= 3 * (len(phones) + 2)]
    if not kept:
        raise AdaptError("no recording is long enough for its text")
    return collect(kept)


def reminders(texts: Sequence[str], count: int, rng: np.random.Generator) -> Examples:
    """Synthetic voices over simulated lines: what the network must not forget."""
    chosen = [texts[int(index)] for index in rng.integers(len(texts), size=count)]
    pairs = []
    for utterance in synthesis.formant(chosen, 1, rng):
        sound = telephone(resample(utterance.sound, STUDIO_RATE, LINE_RATE), draw(rng), rng)
        pairs.append((log_mel(sound).astype(np.float16), np.zeros(0, np.int16)))
    return collect(pairs)


def adapt(network: Network, new: Examples, old: Examples, manner: Manner, progress: Progress) -> Network:
    """A copy of `network` that has learnt from `new` and still answers on `old` as before."""
    torch.manual_seed(manner.seed)
    rng = np.random.default_rng(manner.seed)
    teacher, student = network.eval(), deepcopy(network).eval()
    average = deepcopy(student)
    optimiser = torch.optim.AdamW(student.parameters(), lr=manner.rate, weight_decay=0.0)
    steps = max(20, round(manner.steps * min(4.0, (len(new) / 50) ** 0.5)))
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = manner.rate * (1 - step / steps)
        loss = _learning(student, new, manner, rng)
        total = loss + manner.remembering * _forgetting(teacher, student, old, manner, rng)
        optimiser.zero_grad()
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(student.parameters(), 2.0)
        optimiser.step()
        _follow(average, student)
        progress((step + 1) / steps, float(loss.detach()))
    return average


def _learning(student: Network, new: Examples, manner: Manner, rng: np.random.Generator) -> torch.Tensor:
    chosen = [new.example(int(index)) for index in rng.integers(len(new), size=manner.batch)]
    batch = assemble(chosen, student.shape.context, rng)
    answers = student(batch.frames).transpose(0, 1)
    losses = functional.ctc_loss(
        answers, batch.phones, batch.lengths, batch.counts, blank=0, reduction="sum", zero_infinity=True
    )
    return losses / batch.counts.sum()


def _forgetting(
    teacher: Network, student: Network, old: Examples, manner: Manner, rng: np.random.Generator
) -> torch.Tensor:
    chosen = [old.example(int(index)) for index in rng.integers(len(old), size=manner.batch)]
    batch = assemble(chosen, student.shape.context, None)
    with torch.no_grad():
        before = teacher(batch.frames)
    return functional.kl_div(student(batch.frames), before, reduction="none", log_target=True).sum(-1).mean() * 10


def _follow(average: Network, student: Network, share: float = 0.05) -> None:
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), student.parameters(), strict=True):
            slow.lerp_(fast, share)
