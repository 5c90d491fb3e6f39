"""Averages over fractions of a grid."""

import numpy as np
import pytest

from curator_video.scores.resample import averaged, averaging


def test_parts_that_divide_the_cells_are_their_means():
    assert averaging(6, 3) @ np.arange(6.0) == pytest.approx([0.5, 2.5, 4.5])


def test_a_cell_on_a_border_counts_for_both_parts():
    assert averaging(3, 2).tolist() == pytest.approx(np.array([[2, 1, 0], [0, 1, 2]]) / 3)


def test_the_range_may_begin_inside_a_cell():
    assert averaging(4, 1, start=0.5, end=2.0)[0] == pytest.approx([1 / 3, 2 / 3, 0, 0])


def test_more_parts_than_cells_repeat_them():
    assert averaging(2, 4) @ np.array([1.0, 9.0]) == pytest.approx([1, 1, 9, 9])


def test_averages_are_taken_along_the_axis_that_is_said():
    values = np.arange(24.0).reshape(2, 4, 3)
    expected = np.tensordot(averaging(4, 3), values, (1, 1)).swapaxes(0, 1)
    assert averaged(values, 3, axis=1) == pytest.approx(expected)
