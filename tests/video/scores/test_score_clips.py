"""Scores of clips whose truth is known, through the stage."""

from pathlib import Path

import numpy as np
import pytest
from video.media import Shot, draw_frames
from video.tracks import flat, still_frames, video_task, write_track

from curator_engine.errors import SettingsError
from curator_video.score_table import SWITCHES
from curator_video.scores.score_clips import ScoreClips


def moving(frames=24, seed=5):
    return list(draw_frames([Shot(seed=seed, frames=frames)]))


def scores_of(folder: Path, frames, spans, *, motion=None, stage=None):
    task = video_task(write_track(folder / "track", frames, motion=motion), spans)
    return [clip.scores for clip in (stage or ScoreClips()).process(task).data.clips]


def test_each_clip_is_scored_by_its_own_frames(tmp_path: Path):
    frames = [*still_frames(flat(0), 24), *moving(), *still_frames(flat(200), 24)]
    dark, alive, bright = scores_of(tmp_path, frames, [(0, 24), (24, 48), (48, 72)])
    assert [s["black_ratio"] for s in (dark, alive, bright)] == [1, 0, 0]
    assert [s["frozen_ratio"] for s in (dark, alive, bright)] == [1, 0, 1]
    assert bright["brightness"] == pytest.approx(200 / 255, abs=0.01)
    assert alive["frame_difference"] > 0.005 > dark["frame_difference"] == 0
    assert alive["contrast"] > 0.02 > bright["contrast"] == pytest.approx(0, abs=1e-5)
    assert alive["sharpness"] > 1 > bright["sharpness"]


def test_vectors_are_scored_where_the_codec_has_them(tmp_path: Path):
    (with_vectors,) = scores_of(tmp_path / "a", moving(), [(0, 24)], motion=0.002)
    (without,) = scores_of(tmp_path / "b", moving(), [(0, 24)])
    assert with_vectors["motion_global_mean"] == pytest.approx(0.002)
    assert with_vectors["motion_per_patch_min_256"] == pytest.approx(0.002)
    assert "motion_global_mean" not in without
    assert without["frame_difference"] == with_vectors["frame_difference"]


def test_what_is_left_out_is_absent(tmp_path: Path):
    stage = ScoreClips(**dict.fromkeys(set(SWITCHES) - {"blockiness", "frozen"}, False))
    (scores,) = scores_of(tmp_path, moving(), [(0, 24)], stage=stage)
    assert sorted(scores) == ["blockiness", "frozen_ratio"]


def test_a_clip_of_one_frame_is_scored(tmp_path: Path):
    (scores,) = scores_of(tmp_path, moving(), [(7, 8)])
    assert all(np.isfinite(value) for value in scores.values())
    assert scores["frame_difference"] == scores["frozen_ratio"] == 0


def test_the_same_track_gives_the_same_scores(tmp_path: Path):
    frames = moving()
    first = scores_of(tmp_path / "a", frames, [(0, 24)])
    assert scores_of(tmp_path / "b", frames, [(0, 24)]) == first


def test_all_scores_are_plain_numbers(tmp_path: Path):
    (scores,) = scores_of(tmp_path, moving(), [(0, 24)], motion=0.002)
    assert {type(value) for value in scores.values()} == {float}


def test_a_chunk_without_clips_needs_no_track():
    task = video_task("nowhere", [])
    assert ScoreClips().process(task) is task


def test_the_aesthetic_score_needs_model_and_head():
    with pytest.raises(SettingsError, match="both"):
        ScoreClips(aesthetic_model="clip/")
