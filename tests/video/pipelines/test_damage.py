"""Frames that are damaged or missing are counted by clip, said, and a reason to drop if one wants."""

from typing import Any

import numpy as np
import pytest
from video.drawn_clips import video_task
from video.media import draw_video
from video.patches import overwrite_packet
from video.runs import SIZE, split

from curator_video.clips.clip_table import CLIPS
from curator_video.read.analyse import missing_times
from curator_video.report.summary import notes_line, read_summary
from curator_video.scores.score_clips import ScoreClips

av: Any = pytest.importorskip("av")


def scored(path):
    """The clips of frames 0..30 and 30..60, with their scores."""
    task = video_task(path, (0, 30), (30, 60))
    stage = ScoreClips()
    stage.setup()
    return stage.process(task).data


def test_frames_that_the_decoder_makes_up_are_counted_in_their_clip(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 60)], size=SIZE, gop=30, options={"bf": "0"})
    video = scored(overwrite_packet(path, 40))
    before, after = video.clips
    assert (before.damaged_frames, before.scores["damaged_ratio"]) == (0, 0.0)
    assert after.damaged_frames > 0
    assert after.scores["damaged_ratio"] == after.damaged_frames / 30
    assert "damaged" in video.notes["damage"]


def test_frames_that_cannot_be_decoded_are_missing_in_their_clip(tmp_path):
    path = draw_video(
        tmp_path / "a.mkv", [(1, 61)], size=SIZE, codec="mjpeg", pixel_format="yuvj420p"
    )
    before, after = scored(overwrite_packet(path, 40, whole=True)).clips
    assert (before.missing_frames, after.missing_frames) == (0, 1)


def test_stamps_that_are_only_moved_are_not_missing():
    found = np.arange(100) / 24
    assert not len(missing_times(found + 0.4 / 24, found))
    assert missing_times(found, np.delete(found, 50)) == pytest.approx([50 / 24])


def test_clips_with_damage_can_be_dropped_and_are_said(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 48), (2, 48)], size=SIZE, gop=48)
    overwrite_packet(path, 70)
    split(path, tmp_path / "out", damage="filter")
    rows = CLIPS.read(str(tmp_path / "out")).to_pylist()
    assert [row["drop_stage"] for row in rows] == ["", "damage"]
    assert rows[1]["damaged_frames"] + rows[1]["missing_frames"] > 0
    assert "1 with damaged or missing frames" in notes_line(read_summary(str(tmp_path / "out")))
