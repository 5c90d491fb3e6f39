import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs, flash

from curator_video.shots import changes
from curator_video.shots.changes import cells_of, lasting, measure_changes, steady


def test_the_step_is_highest_at_a_cut():
    found = measure_changes(draw_thumbs([(1, 20), (2, 20)]))
    assert np.argmax(found.step) == 20


def test_motion_of_a_pixel_or_two_hardly_counts():
    grey = np.repeat(draw_thumbs([(1, 1)])[0].mean(axis=2, keepdims=True), 3, axis=2)
    moved = np.stack([np.roll(grey, (2 * i, -2 * i), axis=(0, 1)) for i in range(2)])
    plain = np.abs(moved[1] - moved[0]).mean()
    assert measure_changes(moved.astype(np.uint8)).step[1] < 0.4 * plain


def test_contrast_is_zero_in_black_whatever_the_bars():
    thumbs = np.full((3, 27, 48, 3), 200, np.uint8)
    thumbs[:, :3] = thumbs[:, -3:] = 0
    assert measure_changes(thumbs).contrast.max() < 1


def test_the_middle_of_a_dissolve_looks_mixed_and_a_cut_does_not():
    found = measure_changes(
        draw_thumbs([(1, 40), Shot(seed=2, frames=60, dissolve=16, speed=0.5), (3, 40)])
    )
    assert found.mixed[40:56].max() > 0.25
    assert found.mixed[96:105].max() < 0.05


def test_the_pieces_in_which_frames_are_read_do_not_show(monkeypatch):
    thumbs = draw_thumbs([(1, 40), Shot(seed=2, frames=40, dissolve=16, speed=0.5), (3, 20)])
    whole = measure_changes(thumbs)
    monkeypatch.setattr(changes, "_PIECE", 7)
    parts = measure_changes(thumbs)
    for name in ("step", "contrast", "mixed", "speed"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("frames", [0, 1, 2, 9])
def test_a_video_of_few_frames_is_measured(frames):
    found = measure_changes(np.zeros((frames, 27, 48, 3), np.uint8))
    assert [len(x) for x in (found.step, found.contrast, found.mixed)] == [frames] * 3
    assert found.mixed.shape == (frames, len(changes.REACHES))


def test_the_speed_is_that_of_the_whole_picture():
    wide = np.concatenate(draw_thumbs([(1, 1), (2, 1)]), axis=1)
    moved = np.stack([wide[:, x : x + 48] for x in range(0, 30, 3)])
    assert measure_changes(moved).speed[1:-1, 1] == pytest.approx(np.full(8, -3), abs=0.2)


def test_a_flat_picture_has_no_speed():
    assert not measure_changes(np.full((9, 27, 48, 3), 7, np.uint8)).speed.any()


def test_a_cut_lasts_and_a_flash_does_not():
    thumbs = flash(draw_thumbs([(1, 30), (2, 30)]), 10, 3)
    assert lasting(thumbs, [30])[0] > 0.7
    assert lasting(thumbs, [10, 13]).max() < 0.3


def test_flicker_is_taken_out_and_a_change_of_light_stays():
    thumbs = draw_thumbs([Shot(seed=1, frames=40, speed=0)]) * 0.7
    light = np.random.default_rng(1).normal(1, 0.04, 40) * np.repeat([1, 0.5], 20)
    flickering = (thumbs * light[:, None, None, None]).astype(np.uint8)
    before, after = (cells[..., 0].mean((1, 2)) for cells in _both(flickering))
    assert np.abs(np.diff(after[:20])).mean() < 0.5 * np.abs(np.diff(before[:20])).mean()
    assert after[19] - after[20] > 0.4 * before[19]


def _both(thumbs):
    """The cells as they are, and without flicker."""
    return cells_of(thumbs), steady(cells_of(thumbs))
