import numpy as np
import pytest
from scipy.signal import lfilter

from curator_audio.scores.loudness import k_weighting
from curator_audio.scores.measure_kernels import note_levels, oversampled_peak, reduced, weigh

RATE = 11_025
"""A frame of 10 ms has 110 or 111 samples."""


def test_energies_of_frames_are_those_of_filtered_samples():
    samples = np.random.default_rng(0).normal(size=(3000, 2)).astype(np.float32)
    filters = k_weighting(RATE)
    expected = samples.astype(float)
    for each in filters:
        expected = np.asarray(lfilter(each[:3], (1, *each[3:]), expected, axis=0))
    frame = np.arange(3000) * 100 // RATE
    energies, memory = np.zeros(28), np.zeros((2, 6))
    weights = np.array((1.0, 0.5))
    for at, end in ((0, 100), (100, 2500), (2500, 3000)):
        first = at * 100 // RATE
        weigh(samples[at:end], at, RATE, filters, weights, memory, energies[first:])
    squares = (expected**2 * weights).sum(axis=1)
    assert energies == pytest.approx(np.bincount(frame, squares))


def test_a_filter_forgets_what_is_nearly_nothing():
    memory = np.full((1, 6), 1e-40)
    weigh(
        np.zeros((200, 1), np.float32), 0, RATE, k_weighting(RATE), np.ones(1), memory, np.zeros(9)
    )
    assert not memory[:, 2:].any()


def test_samples_in_a_row_at_the_highest_level_are_counted():
    block = np.array((0.5, 0.5, 0.5, 0.1, 1, 1, 1, 1, -1, -1, 0, 1, 1, 1), np.float32)[:, None]
    sums, highest = np.zeros(1), np.zeros(1, np.float32)
    runs, signs, clipped = (np.zeros(1, np.int64) for _ in range(3))
    for at in range(0, len(block), 5):
        note_levels(block[at : at + 5], sums, highest, runs, signs, clipped)
    assert (sums[0], highest[0], clipped[0]) == (pytest.approx(6.6), 1, 7)


def test_the_oversampled_peak_is_that_of_all_filters():
    random = np.random.default_rng(0)
    samples = random.normal(size=(501, 2)).astype(np.float32)
    phases = random.normal(size=(3, 12)).astype(np.float32)
    expected = max(
        np.abs(np.convolve(channel, phase[::-1], "valid")).max()
        for channel in samples.T
        for phase in phases
    )
    reach = np.float32(np.abs(phases).sum(axis=1).max())
    assert oversampled_peak(samples, phases, reach, np.float32(0)) == pytest.approx(expected)
    assert oversampled_peak(samples, phases, reach, np.float32(99)) == 99


def test_reduced_samples_are_means():
    block = np.arange(20, dtype=np.float32).reshape(10, 2)
    assert reduced(block, 3).tolist() == [2.5, 8.5, 14.5]
