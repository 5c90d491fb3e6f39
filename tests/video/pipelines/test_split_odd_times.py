"""Runs of `split` over files with odd time stamps: every frame is accounted for."""

import json
import shutil
from itertools import pairwise
from typing import Any

import pytest
from video import remux
from video.drawn_clips import frame_times, numbers
from video.media import cut_off, draw_video, fast_start
from video.runs import split

from curator_video.clips.clip_table import CLIPS
from curator_video.read.frame_account import LEFT_OUT
from curator_video.read.probe import probe_video
from curator_video.report.summary import read_videos

FIXED = {"detector": "fixed", "clip_len": "0.5..2", "motion": "off"}
OPTIONS: dict[str, Any] = {"size": remux.SIZE, "numbered": True}
JOINED = [list(range(48)), list(range(48, 60))] * 2
"""Numbers in the clips of a joined file: none lies across the joint."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Odd files, and the run over them."""
    place = tmp_path_factory.mktemp("odd")
    source = place / "in"
    source.mkdir()
    for second in (600, 0):
        remux.joined(source, second=second)
    remux.pts_as_dts(source)
    remux.edit_list(source)
    remux.untimed(source)
    remux.long_last(source)
    remux.paused(source / "paused.mp4")
    draw_video(source / "b.avi", [(1, 96)], options=remux.B_FRAMES, **OPTIONS)
    whole = draw_video(place / "whole.mp4", [(1, 96)], **OPTIONS)
    shutil.move(cut_off(fast_start(whole), 0.6), source / "short.mp4")
    data = draw_video(place / "headless.ts", [(1, 96)], gop=48, **OPTIONS).read_bytes()
    (source / "headless.ts").write_bytes(data[188 * 20 :])
    slow = [0.0, *(3 + i / 24 for i in range(30))]
    draw_video(source / "slow.mp4", [(1, 31)], times=slow, **OPTIONS)
    (source / "none.mp4").write_text("no video", encoding="utf-8")
    split(source, place / "out", **FIXED)
    return place


@pytest.fixture(scope="module")
def summary(folder):
    return json.loads((folder / "out/summary.json").read_text(encoding="utf-8"))


def rows(folder, video):
    return [row for row in CLIPS.read(str(folder / "out")).to_pylist() if row["video"] == video]


def clips(folder, video):
    """The numbers that are painted into the clips of a video."""
    return [numbers(str(folder / "out" / row["path"])) for row in rows(folder, video)]


def test_every_frame_is_accounted_for(folder, summary):
    assert len(read_videos(str(folder / "out"))) == 11
    for name in read_videos(str(folder / "out")):
        frames = summary[name]["frames"]
        assert set(frames["left_out"]) == set(LEFT_OUT)
        parts = [frames["kept"], frames["dropped"], *frames["left_out"].values()]
        assert sum(parts) == frames["input"], name
        assert frames["quarantined"] == 0
        facts = probe_video(str(folder / "in" / name)).metadata
        assert frames["input"] == facts.num_frames + facts.headless, name
    left_out = {each["reason"]: each["frames"] for each in summary["total_frames_left_out"]}
    parts = [summary[f"total_frames_{name}"] for name in ("kept", "dropped", "quarantined")]
    assert sum(parts) + sum(left_out.values()) == summary["total_frames_input"]
    assert {reason for reason, n in left_out.items() if n} == {"gap", "too short", "not decodable"}


def test_a_file_that_does_not_open_has_unknown_frames(summary):
    assert summary["num_videos_with_unknown_frames"] == 1


def test_kept_is_never_more_than_all(summary):
    assert 0.3 < summary["fraction_of_duration_passed"] <= 1


@pytest.mark.parametrize("video", ["joined_600.ts", "joined_0.ts"])
def test_both_parts_of_a_joined_file_are_used_and_no_clip_lies_across(folder, video):
    assert clips(folder, video) == JOINED
    starts = [row["start"] for row in rows(folder, video)]
    assert starts == pytest.approx([0, 2, 2.5, 4.5], abs=1e-3)


@pytest.mark.parametrize(
    ("video", "stamps"), [("pts_as_dts.mp4", "dts"), ("b.avi", "dts"), ("untimed.mkv", "rate")]
)
def test_clips_do_not_judder_where_stamps_are_wrong(folder, video, stamps):
    assert clips(folder, video) == [list(range(48)), list(range(48, 96))]
    assert {row["time_stamps"] for row in rows(folder, video)} == {stamps}
    for row in rows(folder, video):
        at = frame_times(str(folder / "out" / row["path"]))
        steps = [b - a for a, b in pairwise(at)]
        assert steps == pytest.approx([1 / 24] * 47, abs=0.003)


def test_an_edit_list_is_as_a_player_shows_it(folder, summary):
    assert clips(folder, "edit_list.mp4") == [list(range(36, 84)), list(range(84, 96))]
    assert summary["edit_list.mp4"]["frames"]["input"] == 60


def test_a_pause_is_in_no_clip(folder, summary):
    assert clips(folder, "paused.mp4") == [list(range(47)), list(range(48, 96))]
    assert summary["paused.mp4"]["frames"]["left_out"]["gap"] == 1
    assert max(row["end"] - row["start"] for row in rows(folder, "paused.mp4")) < 2.1


def test_a_clip_has_enough_frames_or_is_none(folder, summary):
    assert [row["start_frame"] for row in rows(folder, "slow.mp4")] == [1]
    assert summary["slow.mp4"]["frames"]["left_out"]["gap"] == 1


def test_frames_that_cannot_be_decoded_are_counted(summary):
    assert summary["headless.ts"]["frames"]["left_out"]["not decodable"] > 10
