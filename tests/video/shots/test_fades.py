import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs

from curator_video.shots.changes import measure_changes
from curator_video.shots.cuts import hard
from curator_video.shots.fades import fade_cuts, runs


def faded(black=0):
    parts = [Shot(seed=1, frames=60, fade_out=12), Shot(seed=2, frames=60, fade_in=12)]
    middle = [Shot(seed=3, frames=black, colour=(0, 0, 0))] if black else []
    return draw_thumbs([parts[0], *middle, parts[1]])


def fades(thumbs, jumps=()):
    return fade_cuts(measure_changes(thumbs), thumbs, jumps)


def test_a_fade_is_split_in_the_black_and_takes_all_dark_frames():
    [cut] = fades(faded(black=10))
    assert cut.kind == "fade"
    assert 59 <= cut.frame <= 71
    assert 46 <= cut.start <= 54
    assert 76 <= cut.end <= 84


def test_a_fade_without_a_black_frame_between_is_found():
    [cut] = fades(faded())
    assert 57 <= cut.frame <= 62


def test_black_at_the_beginning_or_the_end_is_no_change():
    black = Shot(seed=3, frames=20, colour=(0, 0, 0))
    assert fades(draw_thumbs([black, Shot(seed=1, frames=40), black])) == []


def test_a_cut_to_black_is_a_part_of_the_fade_and_one_further_off_is_not():
    black = Shot(seed=3, frames=10, colour=(0, 0, 0))
    shots = [Shot(seed=1, frames=60, fade_out=12), black, Shot(seed=2, frames=60)]
    cuts = fades(draw_thumbs(shots), [hard(20, 8.0), hard(70, 9.0)])
    assert [(cut.kind, cut.end) for cut in cuts] == [("hard", 20), ("fade", 70)]


def test_a_cut_to_black_before_a_fade_in_bounds_the_fade():
    black = Shot(seed=3, frames=10, colour=(0, 0, 0))
    shots = [Shot(seed=1, frames=60), black, Shot(seed=2, frames=60, fade_in=12)]
    [cut] = fades(draw_thumbs(shots), [hard(60, 9.0)])
    assert (cut.kind, cut.start) == ("fade", 60)
    assert cut.end > 74


@pytest.mark.parametrize("frames", [3, 20])
def test_dark_frames_after_which_the_same_picture_is_back_are_no_fade(frames):
    thumbs = draw_thumbs([Shot(seed=1, frames=80, speed=0)])
    thumbs[30 : 30 + frames] = 0
    jumps = [hard(30, 9.0), hard(30 + frames, 9.0)]
    assert fades(thumbs, jumps) == []


def test_a_dark_shot_that_is_not_plain_is_no_fade():
    thumbs = draw_thumbs([(1, 40), (2, 40), (3, 40)])
    thumbs[40:80] = (thumbs[40:80] * 0.08).astype(np.uint8) + 4
    jumps = [hard(40, 9.0), hard(80, 9.0)]
    assert fades(thumbs, jumps) == jumps


def test_a_long_plain_stretch_is_a_shot_of_its_own():
    out, back = fades(faded(black=100))
    assert (out.end, back.start) == (pytest.approx(60, abs=4), pytest.approx(160, abs=4))


def test_runs_are_the_stretches_that_are_marked():
    assert runs(np.array([1, 1, 0, 0, 1], bool)) == [(0, 2), (4, 5)]
    assert runs(np.zeros(0, bool)) == []


def test_a_cut_behind_dark_frames_and_a_light_one_is_no_part_of_a_fade():
    thumbs = draw_thumbs([(1, 40), (2, 40)])
    thumbs[35:39] = 0
    cuts = fade_cuts(measure_changes(thumbs), thumbs, [hard(35, 1.0), hard(39, 1.0), hard(40, 1.0)])
    assert [cut.frame for cut in cuts] == [40]
