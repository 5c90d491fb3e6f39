"""Motion by vectors and by differences, of grids and frames whose motion is known."""

import numpy as np
import pytest

from curator_video.scores.motion import frame_difference, pairs_apart, vector_motion

FULL_HD = (1080, 1920)


def grid(value=0.002, stills=4):
    return np.full((stills, 8, 8), value, np.float32)


def test_the_global_mean_is_over_time_and_picture():
    motion = grid(0.0)
    motion[1, :4] = 0.008
    assert vector_motion(motion, FULL_HD)["motion_global_mean"] == pytest.approx(0.001)


def test_the_patch_minimum_is_that_of_the_stillest_part():
    motion = grid(0.01)
    motion[:, :2, :2] = 0.0
    assert vector_motion(motion, FULL_HD)["motion_per_patch_min_256"] == 0
    motion[0, :2, :2] = 0.004
    assert vector_motion(motion, FULL_HD)["motion_per_patch_min_256"] == pytest.approx(0.001)


def test_a_small_source_is_one_patch():
    motion = grid(0.01)
    motion[:, :4] = 0.0
    scores = vector_motion(motion, (240, 320))
    assert scores["motion_per_patch_min_256"] == pytest.approx(scores["motion_global_mean"])


def test_stills_without_vectors_do_not_count():
    motion = grid(0.01)
    motion[::2] = np.nan
    assert vector_motion(motion, FULL_HD)["motion_global_mean"] == pytest.approx(0.01)


def test_a_codec_without_vectors_gives_no_vector_scores():
    assert vector_motion(grid(np.nan), FULL_HD) == {}


def frames(step, count=24, fps=24.0):
    luma = np.arange(count, dtype=np.float32)[:, None, None] * step * np.ones((27, 48), np.float32)
    return luma, np.arange(count) / fps


def test_the_difference_is_that_of_a_tenth_of_a_second():
    slow = frame_difference(*frames(1.0, fps=30.0))["frame_difference"]
    assert slow == pytest.approx(3 / 255)
    fast = frame_difference(*frames(0.5, fps=60.0))["frame_difference"]
    assert fast == pytest.approx(slow)


def test_a_moving_corner_leaves_the_stillest_patch_at_zero():
    luma, times = frames(0.0)
    luma[::2, :9, :16] = 255
    scores = frame_difference(luma, times)
    assert scores["frame_difference"] > 0.01
    assert scores["frame_difference_per_patch_min"] == 0


def test_one_frame_has_no_difference():
    assert frame_difference(*frames(1.0, count=1))["frame_difference"] == 0


def test_pairs_go_by_time_where_the_rate_varies():
    first, later = pairs_apart(np.array([0.0, 0.05, 0.3, 0.35, 0.41]), 0.1)
    assert list(zip(first, later, strict=True)) == [(0, 2), (1, 2), (2, 4)]


def test_frames_that_lie_closer_together_are_one_pair():
    first, later = pairs_apart(np.array([0.0, 0.01, 0.02]), 0.1)
    assert (first.tolist(), later.tolist()) == ([0], [2])
