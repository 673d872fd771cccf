"""The simulated telephone keeps the promises that training and measurement rest on."""

import numpy as np
import pytest

from speech.telephone import RATE, Line, a_law, draw, mu_law, noise_of, telephone


def sine(hz, seconds=1.0):
    return (8000 * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def power_db(samples, low, high):
    spectrum = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    return 10 * np.log10(spectrum[(hz >= low) & (hz < high)].mean() + 1e-9)


def rms_db(samples):
    return 20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32768 + 1e-9)


@pytest.mark.parametrize("level", [-36.0, -22.0, -14.0])
def test_a_line_delivers_at_the_level_it_was_given(level):
    line = Line(level_db=level, before_s=0, after_s=0)
    heard = telephone(sine(800), line, np.random.default_rng(0))
    assert rms_db(heard) == pytest.approx(level, abs=1.0)


def test_silence_of_the_given_length_stands_before_and_after_the_voice():
    heard = telephone(sine(800), Line(before_s=0.25, after_s=0.5, noise="none"), np.random.default_rng(0))
    assert heard.dtype == np.int16
    assert len(heard) == int(RATE * 1.75)
    assert rms_db(heard[:1000]) < -60
    assert rms_db(heard[3000:8000]) > -30


def test_what_lies_outside_the_band_is_cut():
    hiss = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    heard = telephone(hiss, Line(noise="none"), np.random.default_rng(0))
    inside = power_db(heard, 500, 3000)
    assert inside - power_db(heard, 50, 100) > 18
    assert inside - power_db(heard, 3750, 4000) > 12


def test_a_line_of_full_band_leaves_the_spectrum_alone():
    hiss = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    heard = telephone(hiss, Line(low=0.0, high=4000.0, noise="none"), np.random.default_rng(0))
    assert abs(power_db(heard, 100, 300) - power_db(heard, 3600, 3900)) < 2


def test_a_handset_tilts_the_spectrum_as_asked():
    hiss = np.random.default_rng(0).standard_normal(8 * RATE).astype(np.float32)
    heard = telephone(hiss, Line(tilt_db=-9, noise="none", low=0, high=4000), np.random.default_rng(0))
    assert power_db(heard, 3300, 3500) - power_db(heard, 290, 310) == pytest.approx(-9, abs=2.5)


@pytest.mark.parametrize(("kind", "codec"), [("white", "mu-law"), ("pink", "a-law"), ("babble", "mu-law")])
def test_noise_stands_the_given_distance_under_the_voice(kind, codec):
    voice = sine(1000, 2)
    line = Line(low=0, high=4000, noise=kind, snr_db=10, codec=codec, before_s=0, after_s=0)
    others = [np.random.default_rng(7).standard_normal(RATE).astype(np.float32)]
    heard = telephone(voice, line, np.random.default_rng(0), others).astype(float)
    tone = np.abs(np.fft.rfft(heard)) ** 2
    peak = tone[1990:2011].sum()
    assert 10 * np.log10(peak / (tone.sum() - peak)) == pytest.approx(10, abs=1.0)


def test_lost_packets_fade_out_instead_of_clicking():
    line = Line(noise="none", loss=0.3, before_s=0, after_s=0)
    whole = telephone(sine(500, 4), Line(noise="none", before_s=0, after_s=0), np.random.default_rng(5))
    heard = telephone(sine(500, 4), line, np.random.default_rng(5))
    packets = (heard != whole).reshape(-1, RATE // 50).any(axis=1)
    assert 0.2 < packets.mean() < 0.4


def test_clipping_cuts_the_peaks():
    rng = np.random.default_rng(0)
    speech = rng.laplace(size=RATE).astype(np.float32)
    plain = telephone(speech, Line(noise="none"), rng)
    clipped = telephone(speech, Line(noise="none", clip_db=3), rng)
    assert np.abs(clipped.astype(int)).max() < 0.6 * np.abs(plain.astype(int)).max()


@pytest.mark.parametrize("codec", [mu_law, a_law])
def test_the_codecs_stay_within_a_step_and_change_nothing_the_second_time(codec):
    samples = np.arange(-32000, 32000, 7).astype(np.float32)
    once = codec(samples)
    assert np.abs(once - samples).max() <= np.abs(samples).max() / 30
    assert np.array_equal(codec(once), once)
    assert len(np.unique(once)) <= 256


def test_the_mobile_codec_keeps_the_voice_but_not_the_waveform():
    line = Line(noise="none", codec="mobile", before_s=0, after_s=0)
    plain = telephone(sine(700), Line(noise="none", before_s=0, after_s=0), np.random.default_rng(0))
    heard = telephone(sine(700), line, np.random.default_rng(0))
    alike = np.corrcoef(plain.astype(float), heard.astype(float))[0, 1]
    assert 0.8 < alike < 0.999


def test_the_same_seed_gives_the_same_call():
    calls = []
    for _ in range(2):
        rng = np.random.default_rng(11)
        calls.append(telephone(sine(600), draw(rng), rng))
    assert np.array_equal(*calls)


def test_a_hundred_drawn_lines_are_all_usable():
    rng = np.random.default_rng(3)
    for _ in range(100):
        heard = telephone(sine(440, 0.5), draw(rng), rng, [sine(300, 0.2)])
        assert len(heard) > RATE // 2
        assert -60 < rms_db(heard) < -5


def test_silence_stays_finite():
    heard = telephone(np.zeros(RATE, np.float32), Line(), np.random.default_rng(0))
    assert np.isfinite(heard).all()


def test_pink_noise_falls_by_three_decibels_an_octave():
    noise = noise_of("pink", 60 * RATE, np.random.default_rng(0))
    assert power_db(noise, 400, 500) - power_db(noise, 1600, 2000) == pytest.approx(6, abs=1)
