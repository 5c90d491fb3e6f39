import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs

from curator_video.changes import measure_changes
from curator_video.fades import dissolve_cuts, fade_cuts, runs
from curator_video.shots import hard


def faded(black=0):
    parts = [Shot(seed=1, frames=60, fade_out=12), Shot(seed=2, frames=60, fade_in=12)]
    middle = [Shot(seed=3, frames=black, colour=(0, 0, 0))] if black else []
    return measure_changes(draw_thumbs([parts[0], *middle, parts[1]]))


def test_a_fade_is_split_in_the_black_and_takes_all_dark_frames():
    [cut] = fade_cuts(faded(black=10))
    assert cut.kind == "fade"
    assert 59 <= cut.frame <= 71
    assert 46 <= cut.start <= 54
    assert 76 <= cut.end <= 84


def test_a_fade_without_a_black_frame_between_is_found():
    [cut] = fade_cuts(faded())
    assert 57 <= cut.frame <= 62


def test_black_at_the_beginning_or_the_end_is_no_change():
    black = Shot(seed=3, frames=20, colour=(0, 0, 0))
    found = measure_changes(draw_thumbs([black, Shot(seed=1, frames=40), black]))
    assert fade_cuts(found) == []


def test_a_cut_to_black_is_a_part_of_the_fade_and_one_further_off_is_not():
    black = Shot(seed=3, frames=10, colour=(0, 0, 0))
    shots = [Shot(seed=1, frames=60, fade_out=12), black, Shot(seed=2, frames=60)]
    cuts = fade_cuts(measure_changes(draw_thumbs(shots)), [hard(20, 8.0), hard(70, 9.0)])
    assert [(cut.kind, cut.end) for cut in cuts] == [("hard", 20), ("fade", 70)]


def test_a_cut_to_black_before_a_fade_in_bounds_the_fade():
    black = Shot(seed=3, frames=10, colour=(0, 0, 0))
    shots = [Shot(seed=1, frames=60), black, Shot(seed=2, frames=60, fade_in=12)]
    [cut] = fade_cuts(measure_changes(draw_thumbs(shots)), [hard(60, 9.0)])
    assert (cut.kind, cut.start) == ("fade", 60)
    assert cut.end > 74


@pytest.mark.parametrize("length", [8, 16, 24])
def test_a_dissolve_is_found_within_its_frames(length):
    shots = [(1, 60), Shot(seed=2, frames=80, dissolve=length, speed=0.5)]
    thumbs = draw_thumbs(shots)
    [cut] = dissolve_cuts(measure_changes(thumbs), thumbs)
    assert cut.kind == "dissolve"
    assert 60 - 2 <= cut.frame <= 60 + length + 2


@pytest.mark.parametrize("speed", [0, 1, 2, 4])
def test_a_still_or_moving_shot_has_no_gradual_change(speed):
    thumbs = draw_thumbs([Shot(seed=4, frames=120, speed=speed)])
    found = measure_changes(thumbs)
    assert fade_cuts(found) == dissolve_cuts(found, thumbs) == []


def test_runs_are_the_stretches_that_are_marked():
    assert runs(np.array([1, 1, 0, 0, 1], bool)) == [(0, 2), (4, 5)]
    assert runs(np.zeros(0, bool)) == []
