import numpy as np
from video.media import Shot
from video.thumbs import draw_thumbs, flash

from curator_video.shots.changes import measure_changes
from curator_video.shots.detectors import (
    adaptive_cuts,
    candidates,
    content_cuts,
    find_jumps,
    peaks,
    standing_out,
)


def test_a_cut_is_the_first_frame_of_the_new_shot():
    thumbs = draw_thumbs([(1, 31), (2, 29), (3, 20)])
    found = measure_changes(thumbs)
    for cuts in (content_cuts(found, thumbs, 10), adaptive_cuts(found, thumbs, 3)):
        assert [(cut.frame, cut.kind) for cut in cuts] == [(31, "hard"), (60, "hard")]


def test_a_flash_is_no_cut():
    thumbs = flash(draw_thumbs([(1, 60)]), 30, 2)
    found = measure_changes(thumbs)
    assert content_cuts(found, thumbs, 10) == adaptive_cuts(found, thumbs, 3) == []


def test_a_cut_that_light_hides_two_frames_before_it_is_a_candidate():
    thumbs = draw_thumbs([(1, 40), (2, 40)])
    thumbs[34:38] = 0
    found = measure_changes(thumbs)
    assert 40 not in peaks(found, step=2.5, ratio=1)
    assert 40 in candidates(found, step=2.5, ratio=1)


def test_a_higher_threshold_finds_fewer_cuts():
    thumbs = draw_thumbs([Shot(seed=seed, frames=20, speed=0) for seed in range(8)])
    found = measure_changes(thumbs)
    counts = [len(content_cuts(found, thumbs, threshold)) for threshold in (5, 30, 255)]
    assert counts[0] == 7
    assert counts[0] >= counts[1] >= counts[2] == 0


def test_the_first_frame_is_never_a_cut():
    thumbs = draw_thumbs([(1, 12)])
    assert 0 not in find_jumps(measure_changes(thumbs), thumbs, step=0, ratio=0).frames


def test_a_step_does_not_stand_out_from_steps_of_its_size():
    assert standing_out(np.full(30, 12, np.float32)).max() < 1
