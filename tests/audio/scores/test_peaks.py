import numpy as np
import pytest

from curator_audio.scores.peaks import Peaks


def scores(samples, block=1000):
    samples = samples.reshape(len(samples), -1).astype(np.float32)
    peaks = Peaks(channels=samples.shape[1])
    for at in range(0, len(samples), block):
        peaks.add(np.ascontiguousarray(samples[at : at + block]))
    return peaks.scores()


def sine(*, cycles=0.01, size=8000, level=1.0, phase=0.0):
    return level * np.sin(2 * np.pi * (cycles * np.arange(size)) + phase)


def test_a_peak_between_samples_is_found():
    # All samples of this sine are 3 dB below its peak.
    samples = sine(cycles=0.25, phase=np.pi / 4, level=0.5) * np.hanning(8000)
    assert np.abs(samples).max() < 0.36
    assert scores(samples)["true_peak"] == pytest.approx(20 * np.log10(0.5), abs=0.1)


def test_a_peak_at_the_last_sample_is_found():
    assert scores(np.r_[np.zeros(50), 0.5])["true_peak"] >= 20 * np.log10(0.5) - 1e-6
    assert scores(np.zeros(50))["true_peak"] == pytest.approx(-120)


def test_clipped_samples_are_counted():
    clipped = np.clip(sine(level=2.0), -1, 1)
    at_the_limit = float(np.mean(np.abs(clipped) == 1))
    assert scores(clipped)["clipping_ratio"] == pytest.approx(at_the_limit, abs=0.001)
    assert scores(0.3 * clipped)["clipping_ratio"] == pytest.approx(at_the_limit, abs=0.001)
    assert scores(sine(cycles=0.037))["clipping_ratio"] == 0
    assert scores(0.05 * clipped)["clipping_ratio"] == 0
    assert scores(np.zeros(100))["clipping_ratio"] == 0


def test_flat_tops_below_a_later_peak_are_no_clipping():
    assert scores(np.r_[np.full(100, 0.5), np.zeros(10), 0.9, np.zeros(10)])["clipping_ratio"] == 0


def test_offset_is_the_mean():
    assert scores(sine() * 0.5 - 0.1)["dc_offset"] == pytest.approx(0.1, abs=1e-4)


def test_silent_channels_and_copies_are_counted():
    sound, other = sine(level=0.3), sine(cycles=0.02, level=0.3)
    silence, copy = np.zeros_like(sound), sound + 1 / 32768
    found = scores(np.stack((sound, other, copy, silence, silence), axis=1))
    assert found["silent_channels"] == 2
    assert found["copied_channels"] == 1


def test_without_samples_there_is_nothing_to_say():
    assert Peaks(channels=2).scores() == {}
