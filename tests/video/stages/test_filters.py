"""Filters of clips by motion and by how they look."""

from typing import Any

import pytest
from tiny_models import write_clip, write_head
from video.media import draw_frames
from video.tracks import video_task, write_track

from curator_engine.errors import SettingsError
from curator_video.stages.filters import (
    ClipAestheticFilterStage,
    MotionFilterStage,
    MotionVectorDecodeStage,
)


def task_with(folder, motion):
    track = write_track(folder / "track", draw_frames([(1, 24)], size=(64, 36)), motion=motion)
    return video_task(track, [(0, 24)])


@pytest.mark.parametrize(
    ("motion", "score_only", "dropped"),
    [(0.0, False, "motion"), (0.0, True, ""), (0.01, False, ""), (None, False, "")],
)
def test_clips_that_hardly_move_are_dropped(tmp_path, motion, score_only, dropped):
    task = MotionVectorDecodeStage().process(task_with(tmp_path, motion))
    done = MotionFilterStage(score_only=score_only).process(task)
    [clip] = done.data.clips
    assert clip.drop_stage == dropped
    assert ("motion_global_mean" in clip.scores) == (motion is not None)


def test_clips_below_the_aesthetic_threshold_are_dropped(tmp_path):
    write_clip(tmp_path / "openai/clip-vit-large-patch14")
    (tmp_path / "ttj/sac-logos-ava1-l14-linearMSE").mkdir(parents=True)
    write_head(tmp_path / "ttj/sac-logos-ava1-l14-linearMSE/model.safetensors")
    stage = ClipAestheticFilterStage(model_dir=str(tmp_path), score_threshold=3.5, device="cpu")
    stage.setup()
    [clip] = stage.process(task_with(tmp_path, None)).data.clips
    assert (clip.drop_stage == "aesthetic") == (clip.scores["aesthetic"] < 3.5)
    stage.score_threshold = clip.scores["aesthetic"] + 1
    [clip] = stage.process(task_with(tmp_path, None)).data.clips
    assert clip.drop_stage == "aesthetic"
    stage.teardown()


def test_a_reduction_that_is_not_known_is_refused():
    other: Any = "max"
    with pytest.raises(SettingsError, match="mean or min"):
        ClipAestheticFilterStage(reduction=other)
