"""Features are Kaldi's."""

import numpy as np
import pytest

from speech.training.features import BANDS, CEPSTRA, MFCC_CONF, log_mel, mfcc

SOUND = np.round(np.random.default_rng(0).standard_normal(8000) * 1000).astype(np.float32)
KALDI = np.load(__import__("pathlib").Path(__file__).with_name("kaldi_mfcc.npy"))
"""What Kaldi's feature extraction gives for `SOUND` with `MFCC_CONF`."""


def test_cepstra_are_those_of_kaldi():
    assert mfcc(SOUND) == pytest.approx(KALDI, abs=2e-3)


def test_a_second_of_sound_has_98_frames_and_24_milliseconds_none():
    assert mfcc(SOUND).shape == (98, BANDS)
    assert log_mel(SOUND[:199]).shape == (0, BANDS)


def test_integers_and_floats_are_heard_alike():
    assert np.array_equal(log_mel(SOUND), log_mel(SOUND.astype(np.int16)))


def test_silence_has_a_floor():
    assert np.isfinite(mfcc(np.zeros(4000, np.float32))).all()


def test_cepstra_can_be_turned_back_into_energies():
    assert mfcc(SOUND) @ np.linalg.inv(CEPSTRA).T == pytest.approx(log_mel(SOUND), abs=1e-2)


def test_the_configuration_given_to_vosk_names_the_same_bands():
    options = dict(line.removeprefix("--").split("=") for line in MFCC_CONF.split())
    assert (options["num-mel-bins"], options["low-freq"], options["high-freq"]) == ("40", "40", "-200")
    assert options["dither"] == "0"
