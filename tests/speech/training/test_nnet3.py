"""The exported acoustic model computes what the trained network computes."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
torch = pytest.importorskip("torch")

from nnet3_reader import read  # noqa: E402

from speech.training import nnet3  # noqa: E402
from speech.training.features import log_mel, mfcc  # noqa: E402
from speech.training.learning import assemble  # noqa: E402
from speech.training.network import Network, Shape  # noqa: E402
from speech.training.phones import PHONES  # noqa: E402


@pytest.fixture
def network():
    """A small network whose normalisation is not trivial anywhere."""
    torch.manual_seed(3)
    network = Network(Shape(width=24, bottleneck=8, reach=(1, 2)))
    network.mean.normal_(10, 2)
    network.deviation.uniform_(2, 4)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.3, 3)
    return network.eval()


@pytest.fixture
def sound():
    return (np.random.default_rng(1).standard_normal(8000) * 900).astype(np.int16)


def answers(network, sound):
    batch = assemble([(log_mel(sound).astype(np.float32), np.zeros(0, np.int16))], network.shape.context, None)
    with torch.no_grad():
        return network(batch.frames)[0].numpy()


def test_the_exported_network_hears_in_mfcc_what_the_trained_one_hears_in_log_mel_energies(network, sound, tmp_path):
    nnet3.write(network, tmp_path / "final.mdl")
    expected = answers(network, sound)
    heard = read(tmp_path / "final.mdl").run(mfcc(sound), [0, 3, 30, 60, 96])
    assert np.abs(heard - expected[[0, 1, 10, 20, 32]]).max() < 2e-3


def test_the_context_written_is_the_context_used(network, tmp_path):
    nnet3.write(network, tmp_path / "final.mdl")
    written = read(tmp_path / "final.mdl")
    assert (written.left, written.right) == (network.shape.context, network.shape.context) == (12, 12)


def test_every_phone_has_one_state_whose_loop_and_way_on_are_numbered_in_pairs():
    model = nnet3.transition_model(len(PHONES))
    assert model.startswith(b"<TransitionModel> <Topology> \x04" + len(PHONES).to_bytes(4, "little"))
    probabilities = model[model.index(b"<LogProbs>") :]
    assert probabilities[14:19] == b"\x04" + (2 * len(PHONES) + 1).to_bytes(4, "little")


def test_writing_leaves_no_half_file_behind(network, tmp_path):
    nnet3.write(network, tmp_path / "am" / "final.mdl")
    assert [path.name for path in (tmp_path / "am").iterdir()] == ["final.mdl"]
