import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs, push

from curator_video.shots.changes import measure_changes
from curator_video.shots.pushes import find_pushes


def found(thumbs):
    return find_pushes(measure_changes(thumbs), thumbs)


def still(*seeds, frames=1):
    return draw_thumbs([Shot(seed=seed, frames=frames, speed=0) for seed in seeds])


def through_a_window(wide, way):
    """The frames at which a window that is moved to the right by so many pixels looks."""
    at = (np.clip((np.arange(60) - 20) / 12, 0, 1) * way).round().astype(int)
    return np.stack([wide[:, x : x + 48] for x in at])


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("length", [8, 24])
def test_a_push_is_found_where_it_is(axis, back, length):
    start = 50 - length // 2
    [cut] = found(push(draw_thumbs([(1, 50), (2, 50)]), start, length, axis=axis, back=back))
    assert cut.kind == "wipe"
    assert [abs(cut.start - start) <= 1, abs(cut.end - start - length) <= 1] == [True, True]


@pytest.mark.parametrize("way", [24, 36, 60, 80])
def test_a_fast_pan_is_no_push(way):
    wide = np.concatenate(still(1, 2, 3), axis=1)
    assert found(through_a_window(wide, way)) == []


def test_a_picture_that_comes_again_is_not_pushed_away():
    wide = np.concatenate(still(1, 1), axis=1)
    assert found(through_a_window(wide, 48)) == []


def test_a_page_that_scrolls_on_is_not_pushed():
    page = np.concatenate(still(*range(8)), axis=0)
    at = np.cumsum(np.repeat([0, 2, 3, 1], 15))
    assert found(np.stack([page[y : y + 27] for y in at])) == []


@pytest.mark.parametrize("frames", [0, 1, 6])
def test_a_video_of_few_frames_has_no_push(frames):
    assert found(np.zeros((frames, 27, 48, 3), np.uint8)) == []
