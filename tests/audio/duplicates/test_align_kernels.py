import numpy as np

from curator_audio.duplicates.align_kernels import correlate

LOUDNESS = np.arange(256.0)
LOWER, WEIGHT = np.arange(4), np.zeros(4)


def _levels(seed, windows=50):
    return np.random.default_rng(seed).integers(0, 200, (windows, 4)).astype(np.uint8)


def test_a_part_correlates_at_its_place():
    whole = np.pad(_levels(0), ((0, 0), (0, 1)))
    found = correlate(whole[20:40, :4], whole, LOUDNESS, LOUDNESS, 20.0, 1.0, LOWER, WEIGHT, 1)
    assert found == (1.0, 20)


def test_the_mean_and_size_of_levels_do_not_count():
    whole = np.pad(_levels(0), ((0, 0), (0, 1)))
    value, _ = correlate(
        whole[:, :4], whole, LOUDNESS, 3 * LOUDNESS + 7, 0.0, 1.0, LOWER, WEIGHT, 1
    )
    assert value == 1.0


def test_nothing_over_each_other_and_constant_levels_give_none():
    whole = np.pad(_levels(0), ((0, 0), (0, 1)))
    flat = np.full_like(whole, 9)
    assert correlate(whole[:, :4], whole, LOUDNESS, LOUDNESS, 70.0, 1.0, LOWER, WEIGHT, 1) == (
        0.0,
        0,
    )
    assert correlate(whole[:, :4], flat, LOUDNESS, LOUDNESS, 0.0, 1.0, LOWER, WEIGHT, 1)[0] == 0.0
