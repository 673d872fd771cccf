"""What the network is taught with: over the telephone, seeded, and never with a text it cannot hold."""

import numpy as np
import pytest

pytest.importorskip("soxr")

from speech.training import corpus, dataset
from speech.training.augment import augmented, paced, warped
from speech.training.corpus import Utterance
from speech.training.dataset import Recipe, nobody_speaking, telephoned
from speech.training.features import BANDS, log_mel
from speech.training.phones import NUMBER


@pytest.fixture
def said(tmp_path):
    rng = np.random.default_rng(0)
    sounds = [(rng.standard_normal(16000) * 2000).astype(np.int16) for _ in range(6)]
    return corpus.write(tmp_path / "said", [Utterance("好", ("h", "ao"), sound, "x") for sound in sounds])


def made(said, seed, **recipe):
    return list(telephoned(said, Recipe(16_000, **recipe), np.random.default_rng(seed)))


def test_every_utterance_is_heard_once_with_its_phones(said):
    pairs = made(said, 1, chain=(1.0, 0.0, 0.0))
    assert len(pairs) == len(said)
    assert all(phones.tolist() == [NUMBER["h"], NUMBER["ao"]] for _, phones in pairs)
    assert all(frames.shape[1] == BANDS and frames.dtype == np.float16 for frames, _ in pairs)


def test_utterances_said_in_one_breath_keep_all_their_phones(said):
    pairs = made(said, 1, chain=(0.0, 0.0, 1.0))
    assert [len(phones) for _, phones in pairs] == [6, 6]


def test_the_same_seed_gives_the_same_examples_and_another_does_not(said):
    first, again, other = (made(said, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0][0], other[0][0])


def test_a_text_too_long_for_its_sound_is_left_out(tmp_path):
    sound = np.ones(1600, np.int16)
    short = corpus.write(tmp_path, [Utterance("x", ("h", "ao") * 60, sound, "x")])
    assert made(short, 1) == []


def test_examples_are_kept_in_a_file(said, tmp_path):
    examples = dataset.collect(made(said, 1))
    dataset.save(examples, tmp_path / "kept" / "examples.npz")
    read = dataset.load([tmp_path / "kept" / "examples.npz"] * 2)
    assert len(read) == 2 * len(examples)
    assert np.array_equal(read.example(len(examples))[0], examples.example(0)[0])
    assert read.hours == pytest.approx(2 * examples.hours)


def test_a_line_on_which_nobody_speaks_has_no_phones():
    pairs = list(nobody_speaking(12, np.random.default_rng(0), [np.ones(4000, np.float32)]))
    assert len(pairs) == 12
    assert all(len(frames) > 40 and not len(phones) for frames, phones in pairs)


def formant(hz):
    seconds = np.arange(8000) / 8000
    return log_mel((8000 * np.sin(2 * np.pi * hz * seconds)).astype(np.float32))


def test_a_longer_vocal_tract_lowers_the_formants():
    lower = warped(formant(1500), 1.15)
    assert lower.mean(axis=0).argmax() < formant(1500).mean(axis=0).argmax()
    assert warped(formant(1500), 1.0) == pytest.approx(formant(1500), abs=1e-3)


def test_a_faster_pace_takes_fewer_frames():
    assert len(paced(formant(500), 1.25)) == round(98 / 1.25)
    assert np.array_equal(paced(formant(500), 1.0)[:-1], formant(500)[:-1])


def test_variety_is_seeded_finite_and_of_the_same_width():
    frames = formant(700)
    for seed in range(50):
        varied = augmented(frames, np.random.default_rng(seed))
        assert varied.shape[1] == BANDS
        assert np.isfinite(varied).all()
    again = [augmented(frames, np.random.default_rng(5)) for _ in range(2)]
    assert np.array_equal(*again)
