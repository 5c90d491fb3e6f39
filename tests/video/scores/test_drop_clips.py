"""Clips are dropped by their scores, with a reason."""

import pytest
from video.tracks import video_task

from curator_video.pipelines.split import drop_clips
from curator_video.scores.drop_clips import DropClips
from curator_video.settings import SplitSettings


def by(**changes) -> DropClips:
    """The stage that these settings give."""
    return drop_clips(SplitSettings(**changes))


def dropped(stage: DropClips, **scores: float):
    task = video_task("", [(0, 24)])
    clip = task.data.clips[0]
    clip.scores |= scores
    assert stage.process(task) is task
    return clip.drop_stage, clip.drop_reason


def test_a_still_clip_goes_with_both_numbers():
    found = dropped(by(motion="filter"), motion_global_mean=0.0003)
    assert found == ("motion", "motion_global_mean 0.0003 < 0.00098")


def test_scoring_alone_drops_nothing():
    assert dropped(by(), motion_global_mean=0.0, sharpness=0.0) == ("", "")


def test_a_still_patch_goes():
    scores = {"motion_global_mean": 0.01, "motion_per_patch_min_256": 0.0}
    stage, reason = dropped(by(motion="filter"), **scores)
    assert (stage, reason) == ("motion", "motion_per_patch_min_256 0 < 1e-06")


def test_differences_count_only_without_vectors():
    stage = by(motion="filter")
    assert dropped(stage, frame_difference=0.0)[0] == "motion"
    assert dropped(stage, frame_difference=0.0, motion_global_mean=0.01)[0] == ""


def test_a_score_on_the_limit_is_kept():
    assert dropped(by(frozen="filter", max_frozen_ratio=0.5), frozen_ratio=0.5)[0] == ""


def test_a_score_next_to_the_limit_is_told_apart_from_it():
    _, reason = dropped(by(text="filter", max_text_ratio=0.08), text_ratio=0.0800004)
    assert reason == "text_ratio 0.0800004 > 0.08"


@pytest.mark.parametrize(
    ("group", "scores"),
    [
        ("sharpness", {"sharpness": 1.0}),
        ("exposure", {"brightness": 0.01, "contrast": 0.2}),
        ("exposure", {"brightness": 0.99, "contrast": 0.2}),
        ("exposure", {"brightness": 0.5, "contrast": 0.001}),
        ("black", {"black_ratio": 0.9}),
        ("frozen", {"frozen_ratio": 1.0}),
        ("blockiness", {"blockiness": 0.8}),
        ("letterbox", {"letterbox_ratio": 0.4}),
        ("text", {"text_ratio": 0.3}),
        ("aesthetic", {"aesthetic": 2.0}),
    ],
)
def test_each_score_can_drop(group, scores):
    stage = by(**{group: "filter"})
    assert dropped(stage, **scores)[0] == group


def test_the_first_reason_stays_and_an_earlier_one_is_not_replaced():
    task = video_task("", [(0, 24)])
    task.data.clips[0].drop("transcode", "no encoder")
    task.data.clips[0].scores["frozen_ratio"] = 1.0
    stage = by(frozen="filter")
    stage.process(task)
    assert task.data.clips[0].drop_stage == "transcode"
    assert stage.take_notes()[1] == {}


def test_drops_are_counted_by_stage_for_the_report():
    task = video_task("", [(0, 24), (24, 48), (48, 72)])
    for clip, frozen in zip(task.data.clips, (1.0, 0.0, 1.0), strict=True):
        clip.scores["frozen_ratio"] = frozen
    stage = by(frozen="filter")
    stage.process(task)
    assert stage.take_notes()[1] == {"frozen": 2}
