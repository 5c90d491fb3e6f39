"""The light of drawn frames: black, clipped, frozen."""

import numpy as np
import pytest

from curator_video.scores.exposure import black_ratio, clipped_ratio, frozen_ratio


def luma(levels, size=(27, 48)):
    return np.array(levels, np.float32)[:, None, None] * np.ones(size, np.float32)


def times(count, fps=24.0):
    return np.arange(count) / fps


def test_black_frames_are_counted():
    assert black_ratio(luma([0, 5, 16, 200])) == 0.75


def test_a_frame_with_something_bright_in_it_is_not_black():
    frames = luma([0])
    frames[0, :5, :10] = 200
    assert black_ratio(frames) == 0


def test_burnt_and_crushed_points_are_clipped():
    stills = np.full((1, 4, 4, 3), 120, np.uint8)
    stills[0, 0] = 255
    stills[0, 1] = 0
    stills[0, 2] = (0, 0, 90)
    assert clipped_ratio(stills) == 0.5


def test_frames_that_stay_are_frozen():
    assert frozen_ratio(luma([90] * 48), times(48)) == 1


def test_slow_motion_is_not_frozen():
    moving = luma([50] * 48)
    moving += np.arange(48, dtype=np.float32)[:, None, None] / 2
    assert frozen_ratio(moving, times(48)) == 0


def test_every_frame_shown_twice_is_not_frozen():
    levels = np.repeat(np.random.default_rng(0).integers(0, 255, 24), 2)
    assert frozen_ratio(luma(levels), times(48)) < 0.1


def test_half_a_clip_that_stands_is_half_frozen():
    levels = [*range(0, 240, 5), *([240] * 48)]
    assert frozen_ratio(luma(levels), times(96)) == pytest.approx(0.43, abs=0.02)


def test_a_mouth_that_moves_is_not_frozen():
    frames = luma([90] * 48)
    frames[::2, 14, 20:22] = 110
    assert frozen_ratio(frames, times(48)) == 0
