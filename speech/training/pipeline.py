"""From audio folders to a model folder, in stages that are kept and never done twice."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speech.training import (
    callers,
    corpus,
    dataset,
    graph,
    learning,
    lexicon,
    model_folder,
    network,
    recordings,
    synthesis,
    testing,
)  # fmt: skip
from speech.training.audio import LINE_RATE, STUDIO_RATE, resample
from speech.training.corpus import Corpus
from speech.training.dataset import Recipe
from speech.training.texts import training_texts
from speech.training.work import Product, Work

FIRST = learning.Plan(
    hours=2.5, rate=1.1e-3, warm_up=0.05, batch_frames=1_500, aligned=0.5, smoothing=0.0, average=0.98, vary=False
)
"""How a network first finds the phones, in the clearest voice and in many small steps."""
SILENT_CALLS = 1_500
NATURAL_PACE, JOINED_PACE = (0.72, 1.25), (1.2, 2.1)
"""How the pace of a voice is changed; single syllables are recorded much slower than they are spoken."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a model is made of. The same settings and files make the same model."""

    audio: tuple[Path, ...]
    """Folders of human recordings."""
    phrases: Path
    natural: Mapping[str, Path] = field(default_factory=dict)
    """The Python of the environment of each program of `synthesis.NATURAL`; without it, its voices are left out."""
    without: tuple[str, ...] = ()
    """Speakers whose audio is not used (their words still are): they are unknown to the model."""
    start: Path | None = None
    """A model to go on from, such as one that was made without a speaker; None: a new network."""
    plan: learning.Plan = field(default_factory=learning.Plan)
    shape: network.Shape = field(default_factory=network.Shape)
    costs: graph.Costs = field(default_factory=graph.Costs)
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Utterances to learn from: how they are varied, how many times, and their weight.

    `clear` marks voices that are even enough to find the phones in.
    """

    product: Product
    recipe: Recipe
    copies: int
    weight: float
    clear: bool = False


def make(settings: Settings, work: Work, model: Path, progress: learning.Progress) -> dict[str, Any]:
    """Make a model folder; the report that is also stored in it.

    Raises:
        AudioError, LexiconError, SynthesisError: what is asked for cannot be read or spoken.
        ModelError: the model to start from has no network.
    """
    phrases = lexicon.read_phrases(settings.phrases)
    words = lexicon.build(phrases)
    sources = _sources(settings, work, phrases)
    features = [(_features(work, source, settings.seed), source.weight) for source in sources]
    silence = _silence(work, sources[-1], settings.seed)
    clear = next(products for source, (products, _) in zip(sources, features, strict=True) if source.clear)
    learnt = _learnt(settings, work, clear, [*features, (silence, 0.4)], progress)
    report = _report(settings, sources, features)
    made = network.load(learnt.folder / "network.pt")
    model_folder.write(made, words, settings.costs, model, report)
    report["tested"] = testing.tested(model, _calls(settings, work), lexicon.read_intents(settings.phrases))
    model_folder.write_report(model, report)
    return report


def _calls(settings: Settings, work: Work) -> Path:
    """Calls by the speakers who were left out, and by voices that are never learnt from."""

    def write(folder: Path) -> None:
        said = recordings.by_speaker(one for audio in settings.audio for one in recordings.find(audio))
        people = [list(recordings.utterances(said[name])) for name in settings.without if name in said]
        phrases = lexicon.read_intents(settings.phrases)
        callers.write(folder, people, phrases, np.random.default_rng(settings.seed))

    described = {"without": settings.without, "phrases": settings.phrases.read_text("utf-8"), "seed": settings.seed}
    return work.stage("callers", described, write).folder


def _sources(settings: Settings, work: Work, phrases: Sequence[str]) -> list[Source]:
    """Human voices and what is made of them first, synthetic ones last."""
    labels = [one for folder in settings.audio for one in recordings.find(folder)]
    words = sorted({one.text for one in labels if one.phones() and len(one.text) > 1 and not one.text.isascii()})
    texts = training_texts(phrases, words, np.random.default_rng(settings.seed))
    people = _people(settings, work, labels)
    sources = [source for person in people for source in _human(work, person, texts, settings.seed)]
    for program, python in settings.natural.items():
        sources += _natural(work, program, texts, python, settings.seed)
    spoken = _formant(work, texts, settings.seed)
    return [*sources, Source(spoken, Recipe(STUDIO_RATE), 1, 0.7, clear=True)]


def _people(settings: Settings, work: Work, labels: Sequence[recordings.Recording]) -> list[Product]:
    """One corpus a speaker, in the order of their names."""
    products = []
    for speaker, said in recordings.by_speaker(labels).items():
        if speaker in settings.without:
            continue
        files = [(str(one.path), one.path.stat().st_size, one.text) for one in said]
        make_it = _writer(lambda said=said: recordings.utterances(said))  # type: ignore[misc]
        products.append(work.stage("recorded", {"files": files}, make_it))
    return products


def _writer(utterances: Callable[[], Iterator[corpus.Utterance]]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        corpus.write(folder, utterances())

    return write


def _human(work: Work, person: Product, texts: Sequence[str], seed: int) -> list[Source]:
    """A speaker's recordings as they are, as other people's, and joined to phrases as other people say them."""
    joined = work.stage(
        "joined",
        {"texts": texts, "seed": seed},
        _writer(lambda: synthesis.Pieces(Corpus(person.folder)).joined(texts, np.random.default_rng(seed))),
        (person,),
    )
    return [
        Source(person, Recipe(STUDIO_RATE, (0.86, 1.16), (0.4, 0.35, 0.25)), 2, 1.0),
        Source(_others(work, joined, JOINED_PACE, seed), Recipe(LINE_RATE, (0.95, 1.05)), 1, 1.0),
        Source(_others(work, person, NATURAL_PACE, seed), Recipe(LINE_RATE, (0.95, 1.05), (0.4, 0.35, 0.25)), 1, 1.0),
    ]


def _natural(work: Work, program: str, texts: Sequence[str], python: Path, seed: int) -> list[Source]:
    """A program's voices as they are, and as other people's. Only one voice is even enough to find the phones in."""

    def speak(folder: Path) -> None:
        rng = np.random.default_rng(seed)
        corpus.write(folder, synthesis.natural(program, texts, python, folder / "files", rng))

    spoken = work.stage(f"natural {program}", {"texts": texts, "seed": seed}, speak)
    others = _others(work, spoken, NATURAL_PACE, seed)
    return [
        Source(spoken, Recipe(STUDIO_RATE), 2, 1.0, clear=len(synthesis.NATURAL[program]) == 1),
        Source(others, Recipe(LINE_RATE, (0.95, 1.05)), 1, 1.3),
    ]


def _formant(work: Work, texts: Sequence[str], seed: int) -> Product:
    make_it = _writer(lambda: synthesis.formant(texts, 2, np.random.default_rng(seed)))
    return work.stage("formant", {"texts": texts, "seed": seed}, make_it)


def _others(work: Work, source: Product, pace: tuple[float, float], seed: int) -> Product:
    make_it = _writer(lambda: synthesis.other_people(Corpus(source.folder), 1, pace, np.random.default_rng(seed)))
    return work.stage("others", {"pace": pace, "seed": seed}, make_it, (source,))


def _features(work: Work, source: Source, seed: int) -> list[Product]:
    """One product a copy: every copy draws other lines."""
    products = []
    for copy in range(source.copies):

        def write(folder: Path, copy: int = copy) -> None:
            rng = np.random.default_rng([seed, copy])
            pairs = dataset.telephoned(Corpus(source.product.folder), source.recipe, rng)
            dataset.save(dataset.collect(pairs), folder / "examples.npz")

        described = {"recipe": asdict(source.recipe), "copy": copy, "seed": seed}
        products.append(work.stage("features", described, write, (source.product,)))
    return products


def _silence(work: Work, source: Source, seed: int) -> list[Product]:
    def write(folder: Path) -> None:
        said = Corpus(source.product.folder)
        babble = [resample(said[index].sound, source.recipe.rate, LINE_RATE) for index in range(min(60, len(said)))]
        pairs = dataset.nobody_speaking(SILENT_CALLS, np.random.default_rng(seed), babble)
        dataset.save(dataset.collect(pairs), folder / "examples.npz")

    return [work.stage("silence", {"seed": seed}, write, (source.product,))]


def _learnt(
    settings: Settings,
    work: Work,
    clear: list[Product],
    features: Sequence[tuple[list[Product], float]],
    progress: learning.Progress,
) -> Product:
    def learn(folder: Path) -> None:
        sets = [(_examples(products), weight) for products, weight in features]
        started = (
            model_folder.load_network(settings.start)
            if settings.start
            else _settled(settings, _examples(clear), folder)
        )
        plan = replace(settings.plan, seed=settings.seed)
        learnt = learning.learn(started, sets, plan, folder / "checkpoint.pt", progress)
        network.save(learnt, folder / "network.pt")

    described: dict[str, Any] = {
        "start": _made(settings.start) if settings.start else asdict(FIRST),
        "plan": asdict(settings.plan),
        "shape": asdict(settings.shape),
        "seed": settings.seed,
    }
    described["weights"] = [weight for _, weight in features]
    return work.stage("learnt", described, learn, tuple(p for products, _ in features for p in products))


def _made(model: Path) -> str:
    """Names the network of a model."""
    return hashlib.sha256((model / model_folder.NETWORK).read_bytes()).hexdigest()


def _settled(settings: Settings, clear: dataset.Examples, folder: Path) -> network.Network:
    """A network that has found the phones in one clear voice, without which a mixture of voices teaches it nothing."""
    if not (folder / "settled.pt").exists():
        torch.manual_seed(settings.seed)
        started = network.Network(settings.shape)
        learning.normalise(started, clear)
        plan = replace(FIRST, seed=settings.seed, threads=settings.plan.threads)
        found = learning.learn(started, [(clear, 1.0)], plan, folder / "first.pt", lambda *_: None)
        network.save(found, folder / "settled.pt")
    return network.load(folder / "settled.pt")


def _examples(products: Sequence[Product]) -> dataset.Examples:
    return dataset.load([product.folder / "examples.npz" for product in products])


def _report(
    settings: Settings, sources: Sequence[Source], features: Sequence[tuple[list[Product], float]]
) -> dict[str, Any]:
    """What the model was made of, in figures."""
    rows = []
    for source, (products, weight) in zip(sources, features, strict=True):
        said = Corpus(source.product.folder)
        rows.append(
            {
                "stage": source.product.folder.name,
                "voices": sorted({said[index].voice for index in range(0, len(said), max(1, len(said) // 200))}),
                "utterances": len(said),
                "hours_over_the_telephone": round(_examples(products).hours, 2),
                "weight": weight,
            }
        )
    return {"settings": json.loads(json.dumps(asdict(settings), default=str)), "sources": rows}
