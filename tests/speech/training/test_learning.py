"""Learning learns, goes on where it stopped, and repeats itself exactly."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pypinyin")

from speech.training import learning, model_folder, network  # noqa: E402
from speech.training.adapt import AdaptError, Manner, adapt, heard  # noqa: E402
from speech.training.corpus import Utterance  # noqa: E402
from speech.training.dataset import collect  # noqa: E402
from speech.training.network import Network, Shape  # noqa: E402

SHAPE = Shape(width=32, bottleneck=12, reach=(1,))
PLAN = learning.Plan(hours=0.03, batch_frames=500, threads=1, vary=False)


def example(number, rng):
    """Two tones in a row, each standing for a phone."""
    frames = rng.normal(0, 0.3, (60, 40)).astype(np.float32)
    first, second = 1 + number % 3, 5 + number % 2
    frames[10:25, first * 6 : first * 6 + 5] += 8
    frames[30:50, second * 6 : second * 6 + 5] += 8
    return frames.astype(np.float16), np.array([first, second], np.int16)


@pytest.fixture(scope="module")
def examples():
    rng = np.random.default_rng(0)
    return collect(example(number, rng) for number in range(60))


def started(examples):
    torch.manual_seed(1)
    fresh = Network(SHAPE)
    learning.normalise(fresh, examples)
    return fresh


def test_the_loss_falls(examples, tmp_path):
    losses = []
    learning.learn(started(examples), [(examples, 1.0)], PLAN, tmp_path / "c", lambda _, loss: losses.append(loss))
    assert losses[-1] < 0.75 * losses[0]
    assert not (tmp_path / "c").exists()


def test_the_same_seed_makes_the_same_network(examples, tmp_path):
    made = [
        learning.learn(started(examples), [(examples, 1.0)], PLAN, tmp_path / "c", lambda *_: None) for _ in range(2)
    ]
    for one, other in zip(made[0].parameters(), made[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_interrupted_run_goes_on_from_its_checkpoint(examples, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "_CHECKPOINT_EVERY", 5)
    shares = []

    def interrupted(share, _loss):
        shares.append(share)
        if len(shares) == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learning.learn(started(examples), [(examples, 1.0)], PLAN, tmp_path / "c", interrupted)
    again = []
    learning.learn(started(examples), [(examples, 1.0)], PLAN, tmp_path / "c", lambda share, _: again.append(share))
    assert again[0] == pytest.approx(shares[5], abs=0.02)
    assert again[-1] == 1.0


def test_an_example_without_phones_can_be_learnt_from(examples, tmp_path):
    silent = collect([(np.zeros((90, 40), np.float16), np.zeros(0, np.int16))] * 5)
    made = learning.learn(started(examples), [(examples, 1.0), (silent, 2.0)], PLAN, tmp_path / "c", lambda *_: None)
    assert all(torch.isfinite(parameter).all() for parameter in made.parameters())


def test_the_edges_of_a_batch_repeat_its_first_and_last_frames(examples):
    batch = learning.assemble([examples.example(0)], 7, None)
    frames = examples.example(0)[0].astype(np.float32)
    assert batch.frames.shape == (1, 60 + 14, 40)
    assert np.array_equal(batch.frames[0, :8].numpy(), np.repeat(frames[:1], 8, axis=0))
    assert np.array_equal(batch.frames[0, -8:].numpy(), np.repeat(frames[-1:], 8, axis=0))
    assert batch.lengths.tolist() == [20]


def test_an_even_alignment_gives_finals_twice_the_time_of_initials_and_none_to_silence():
    frames = np.zeros((90, 40), np.float32)
    frames[30:66] = 9
    aligned = learning.evenly_aligned(frames, np.array([3, 30], np.int16))
    assert aligned.tolist() == [0] * 10 + [3] * 4 + [30] * 8 + [0] * 8
    assert not learning.evenly_aligned(frames, np.zeros(0, np.int16)).any()


def test_a_network_is_kept_whole(examples, tmp_path):
    network.save(started(examples), tmp_path / "network.pt")
    read = network.load(tmp_path / "network.pt")
    assert read.shape == SHAPE
    assert torch.equal(read.output.weight, started(examples).output.weight)


def test_a_model_folder_keeps_the_network_well_enough_to_go_on_from(examples, tmp_path):
    kept = started(examples).eval()
    model_folder.save_network(kept, tmp_path / model_folder.NETWORK)
    read = model_folder.load_network(tmp_path)
    batch = learning.assemble([examples.example(3)], kept.shape.context, None)
    with torch.no_grad():
        assert read(batch.frames) == pytest.approx(kept(batch.frames), abs=0.03)


def test_a_folder_without_a_network_is_refused(tmp_path):
    with pytest.raises(model_folder.ModelError, match="no network"):
        model_folder.load_network(tmp_path)


def test_adaptation_learns_the_new_without_forgetting_the_old(examples, tmp_path):
    rng = np.random.default_rng(5)
    taught = learning.learn(started(examples), [(examples, 1.0)], PLAN, tmp_path / "c", lambda *_: None)
    shifted = [(np.roll(frames, 3, axis=1), phones) for frames, phones in (example(n, rng) for n in range(20))]
    new = collect(shifted)
    adapted = adapt(taught, new, examples, Manner(steps=120, rate=2e-3, batch=8), lambda *_: None)
    assert loss(adapted, new) < 0.8 * loss(taught, new)
    assert loss(adapted, examples) < loss(taught, examples) + 0.3


def loss(of, examples):
    batch = learning.assemble([examples.example(index) for index in range(20)], of.shape.context, None)
    with torch.no_grad():
        return float(learning._losses(of(batch.frames), batch)[0])


def test_recordings_shorter_than_their_text_cannot_be_adapted_to():
    with pytest.raises(AdaptError, match="long enough"):
        heard([Utterance("救命", ("j", "iu", "m", "ing"), np.zeros(1600, np.int16), "x")], 16_000)
