"""Each kernel against the same in numpy or Pillow; what is made of them is tested at `measure`'s parts."""

import numpy as np
import pytest

from curator_image.scores import measure_kernels as kernels

RGB = np.random.default_rng(0).integers(0, 256, (43, 61, 3), np.uint8)
LUMA = RGB[..., 0].copy()


def test_levels_are_counted():
    assert np.array_equal(kernels.level_counts(LUMA), np.bincount(LUMA.ravel(), minlength=256))


def test_cells_of_strokes_are_those_with_edges_to_both_sides():
    marks, low, high = kernels.stroke_cells(LUMA, 8, 60, 2)
    slope = np.zeros(LUMA.shape, np.int64)
    slope[:, 1:-1] = LUMA[:, 2:].astype(np.int64) - LUMA[:, :-2]
    slope[:, 55] = 0
    for row in range(5):
        for column in range(7):
            part = np.s_[row * 8 : row * 8 + 8 : 2, column * 8 : column * 8 + 8]
            expected = (slope[part] > 60).sum() >= 2 and (slope[part] < -60).sum() >= 2
            assert marks[row, column] == expected
            if expected:
                assert (low[row, column], high[row, column]) == (LUMA[part].min(), LUMA[part].max())


@pytest.mark.parametrize("axis", [0, 1])
def test_steps_are_means_over_some_lines(axis):
    steps = (kernels.steps_down, kernels.steps_across)[axis](LUMA, 4, 32)
    lines = LUMA[:, ::4] if axis == 0 else LUMA[::4]
    expected = np.minimum(np.abs(np.diff(lines.astype(int), axis=axis)), 32).mean(axis=1 - axis)
    assert steps == pytest.approx(expected)


def test_colours_are_counted_on_some_points():
    counts, sums, points = kernels.colour_sums(RGB, 3)
    red, green, blue = RGB[::3, ::3].reshape(-1, 3).T.astype(int)
    assert points == len(red)
    assert np.array_equal(counts[1], np.bincount(green, minlength=256))
    assert sums.tolist() == [
        *((red - green).sum(), ((red - green) ** 2).sum()),
        *((red + green - 2 * blue).sum(), ((red + green - 2 * blue) ** 2).sum()),
    ]
    grey, uniform = kernels.near_colours(RGB, 3, np.array([128, 128, 128]), 60)
    apart = np.abs(np.stack([red, green, blue]) - 128).max(axis=0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    assert (grey, uniform) == ((spread <= 60).sum(), (apart <= 60).sum())
