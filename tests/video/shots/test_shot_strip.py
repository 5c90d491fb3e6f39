import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs

from curator_video.shots.cuts import hard
from curator_video.shots.shot_strip import draw_strip

RED = (255, 82, 82)


def test_every_cut_is_marked():
    thumbs = draw_thumbs([Shot(seed=1, frames=200)])
    picture = np.asarray(draw_strip(thumbs, [hard(50, 1.0), hard(120, 1.0)], most=64))
    marks = (picture == RED).all(-1)
    columns = [marks[row : row + 5].any(0).sum() for row in range(0, len(picture), 33)]
    assert sum(columns) == 2 * 24


@pytest.mark.parametrize("frames", [1, 3, 500])
def test_a_picture_shows_no_more_frames_than_asked(frames):
    thumbs = np.full((frames, 27, 48, 3), 200, np.uint8)
    picture = np.asarray(draw_strip(thumbs, [], most=32))
    assert ((picture == 200).all(-1).sum() / (27 * 48)) == min(frames, 32)


def test_a_shots_first_frame_is_shown():
    thumbs = np.zeros((100, 27, 48, 3), np.uint8)
    thumbs[37] = (1, 200, 3)
    picture = np.asarray(draw_strip(thumbs, [hard(37, 1.0)], most=20))
    assert (picture == (1, 200, 3)).all(-1).any()
