"""The same shots at other frame rates are cut at the same times."""

import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs

from curator_video.shots.cuts import hard
from curator_video.shots.detect import find_cuts
from curator_video.shots.frame_stride import among_all, frames_at, stride_for


def scenes(times=1.0):
    """A hard cut, a dissolve of 1.7 s, a fade of 1 s through black, at 24 frames per second times so much."""

    def shot(seed, frames, **more):
        long = {name: round(n * times) for name, n in more.items()}
        return Shot(seed=seed, frames=round(frames * times), speed=0.5 / times, **long)

    return draw_thumbs(
        [shot(1, 48), shot(2, 60), shot(3, 100, dissolve=40, fade_out=12), shot(4, 60, fade_in=12)]
    )


@pytest.mark.parametrize("times", [2, 2.5, 5])
def test_shots_of_fast_videos_are_those_of_slow_ones(times):
    usual = find_cuts(scenes(), rate=24)
    assert [cut.kind for cut in usual] == ["hard", "dissolve", "fade"]
    fast = find_cuts(scenes(times), rate=24 * times)
    assert [cut.kind for cut in fast] == [cut.kind for cut in usual]
    assert fast[0].frame == 48 * times
    for name in ("start", "end"):
        seconds = [getattr(cut, name) / times for cut in fast]
        assert seconds == pytest.approx([getattr(cut, name) for cut in usual], abs=4)


def test_a_long_dissolve_of_a_fast_video_needs_its_frame_rate():
    """As the limits are in frames, without it a change of 200 frames is too long."""
    assert [cut.kind for cut in find_cuts(scenes(5))] != ["hard", "dissolve", "fade"]


def test_a_plain_stretch_of_a_slow_video_is_a_shot_by_its_seconds():
    """Twenty black frames are part of a fade at 24 per second, and 4 s of video at 5."""
    black = Shot(seed=3, frames=20, colour=(0, 0, 0))
    shots = [Shot(seed=1, frames=60, fade_out=3), black, Shot(seed=2, frames=60, fade_in=3)]
    thumbs = draw_thumbs(shots)
    assert [cut.kind for cut in find_cuts(thumbs, detector="fade", rate=24)] == ["fade"]
    slow = find_cuts(thumbs, detector="fade", rate=5)
    assert len(slow) == 2
    assert slow[1].start - slow[0].end >= 16


@pytest.mark.parametrize("old", [61, 62, 63, 64])
def test_a_hard_cut_is_at_its_own_frame_whichever_is_looked_at(old):
    thumbs = np.concatenate([draw_thumbs([(1, old)]), draw_thumbs([(2, 90)])])
    assert among_all([hard(16, 1.0)], thumbs, 4) == [hard(old, 1.0)]


@pytest.mark.parametrize(
    ("rate", "stride"), [(0, 1), (5, 1), (24, 1), (30, 1), (48, 2), (50, 2), (60, 2), (120, 4)]
)
def test_fast_videos_are_looked_at_in_steps(rate, stride):
    assert stride_for(rate) == stride


def test_slow_videos_have_fewer_frames_in_the_same_time():
    assert [frames_at(rate, 48) for rate in (0, 6, 24, 30)] == [48, 12, 48, 48]
