import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs
from video.tracks import write_track

from curator_engine.errors import SettingsError
from curator_video.shots.cuts import Cut, hard
from curator_video.shots.find_shots import (
    FindShots,
    shots_between,
)
from curator_video.task import Video, VideoTask, clip_uuid

FPS = 10.0


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Shots of 3, 1, 12 and 5 seconds, ten frames each."""
    lengths = [30, 10, 120, 50]
    shots = [Shot(seed=i, frames=n, speed=0) for i, n in enumerate(lengths)]
    return str(write_track(tmp_path_factory.mktemp("track"), draw_thumbs(shots), fps=FPS))


def split(track, stage: Any = None, **settings):
    values: dict[str, Any] = {"detector": "content", **settings}
    stage = stage or FindShots(**values)
    stage.setup()
    return stage.process(VideoTask(data=Video(path="a.mp4", track=track))).data


def frames(video):
    return [clip.frames for clip in video.clips]


def test_clips_lie_between_the_cuts_and_long_shots_become_equal_parts(video):
    assert frames(split(video)) == [(0, 30), (40, 100), (100, 160), (160, 210)]


def test_what_lies_in_no_clip_is_counted_by_reason(video):
    assert split(video).left_out == pytest.approx({"too short": 1.0})
    found = split(video, limit_clips=3)
    assert found.left_out == pytest.approx({"too short": 1.0, "beyond --limit": 5.0})
    assert found.left_out_frames == {"too short": 10, "beyond --limit": 50}
    assert found.frames_in_clips == 150


def test_clips_and_what_is_left_out_make_the_whole_video(video):
    found = split(video, crop_s=0.2, max_length_mode="truncate")
    assert sum(clip.duration for clip in found.clips) + sum(found.left_out.values()) == (
        pytest.approx(21.0)
    )


def test_strides_that_overlap_count_once(video):
    found = split(video, detector="fixed", max_length_s=8, stride_s=4)
    assert sum(end - start for start, end in frames(found)) > 300
    assert (found.frames_in_clips, found.left_out_frames) == (210, {})


def test_spans_are_the_times_of_the_frames_and_ids_follow_from_them(video):
    clip = split(video).clips[1]
    assert clip.span == pytest.approx((4.0, 10.0))
    assert clip.uuid == clip_uuid("a.mp4", clip.span)
    assert clip.source_video == "a.mp4"


def test_the_shot_score_is_that_of_the_cut_before(video):
    first, *rest = [clip.scores for clip in split(video).clips]
    assert "shot_score" not in first
    assert rest[0]["shot_score"] == rest[1]["shot_score"] > 10


def test_long_shots_can_be_cut_one_part_after_the_other(video):
    found = split(video, max_length_mode="stride", max_length_s=5)
    assert frames(found) == [(0, 30), (40, 90), (90, 140), (140, 160), (160, 210)]


def test_long_shots_can_be_cut_off(video):
    found = split(video, max_length_mode="truncate", max_length_s=5)
    assert frames(found) == [(0, 30), (40, 90), (160, 210)]


def test_parts_that_would_be_too_short_are_not_made_equal(video):
    found = split(video, min_length_s=7, max_length_s=10)
    assert frames(found) == [(40, 140)]


def test_no_longest_clip_leaves_shots_whole(video):
    assert (40, 160) in frames(split(video, max_length_s=0))


def test_crop_takes_off_both_borders(video):
    assert frames(split(video, crop_s=0.5, max_length_s=0))[-1] == (165, 205)


def test_a_limit_leaves_the_first_clips(video):
    assert frames(split(video, limit_clips=2)) == [(0, 30), (40, 100)]


def test_fixed_cuts_at_equal_steps_and_leaves_out_a_short_rest(video):
    assert frames(split(video, detector="fixed", max_length_s=5)) == [
        (a, a + 50) for a in (0, 50, 100, 150)
    ]


def test_why_there_is_no_clip_is_said(video):
    found = split(video, min_length_s=60, max_length_s=0)
    assert found.clips == []
    assert found.notes["split"] == (
        "none of 4 shots is long enough: the longest has 12.000 s, a clip at least 60 s"
    )


def test_a_video_without_cuts_is_one_clip_unless_it_must_not_be(tmp_path: Path):
    track = write_track(tmp_path / "one", draw_thumbs([Shot(seed=1, frames=40, speed=0)]), fps=FPS)
    assert frames(split(track)) == [(0, 40)]
    assert "has no cut" in split(track, entire_scene_as_clip=False).notes["split"]


def test_times_of_a_varying_frame_rate_are_believed(tmp_path: Path):
    folder = tmp_path / "varying"
    track = write_track(folder, draw_thumbs([Shot(seed=1, frames=60, speed=0)]), fps=FPS)
    times = np.concatenate([np.arange(30) * 0.1, 3 + np.arange(30) * 0.3])
    np.save(folder / "times.npy", times)
    facts = json.loads((folder / "track.json").read_text()) | {"end": 12.0}
    (folder / "track.json").write_text(json.dumps(facts))
    found = split(track, detector="fixed", max_length_s=6)
    assert [clip.span for clip in found.clips] == [(0.0, 6.0), (6.0, 12.0)]
    assert frames(found) == [(0, 40), (40, 60)]


def test_clips_do_not_overlap_and_are_as_long_as_asked(video):
    found = split(video, min_length_s=1, max_length_s=1.7)
    assert all(a.frames[1] <= b.frames[0] for a, b in pairwise(found.clips))
    assert all(0.9 <= clip.duration <= 1.8 for clip in found.clips)


def test_frames_of_a_gradual_change_are_in_no_shot():
    fade = Cut(frame=50, start=40, end=60, kind="fade", score=1.0)
    shots = shots_between([fade, hard(80, 0.5)], 100)
    assert [(shot.start, shot.end) for shot in shots] == [(0, 40), (60, 80), (80, 100)]


def test_changes_that_overlap_make_no_empty_shot():
    cuts = [Cut(frame=5, start=0, end=10, kind="fade", score=1.0), hard(8, 1.0), hard(100, 1.0)]
    assert [(shot.start, shot.end) for shot in shots_between(cuts, 100)] == [(10, 100)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_length_s": 5, "max_length_s": 4}, "is below the shortest"),
        ({"crop_s": -1}, "not below 0"),
        ({"detector": "fixed", "threshold": 3}, "has no threshold"),
        ({"detector": "fixed", "max_length_s": 0}, "needs the longest clip"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        FindShots(**settings)
