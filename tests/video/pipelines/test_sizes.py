"""Videos that change their size are cut there, and pixels that are not square are said and sorted."""

from typing import Any

import pyarrow as pa
import pytest
from video.drawn_clips import numbers, video_task
from video.media import draw_video
from video.patches import join_sizes
from video.runs import split

from curator_engine.items.shards import plan_shards
from curator_video.captions.windows import Sampling, split_windows, window_frames
from curator_video.clips.clip_table import CLIPS
from curator_video.read.track import open_track
from curator_video.report.summary import notes_line, read_summary
from curator_video.scores.embed_clips import EmbedClips
from curator_video.scores.score_clips import ScoreClips

av: Any = pytest.importorskip("av")


def test_clips_do_not_go_across_a_change_of_size_and_keep_their_own(tmp_path):
    wide = draw_video(
        tmp_path / "a.ts", [(1, 48)], size=(160, 90), numbered=True, options={"bf": "0"}
    )
    high = draw_video(
        tmp_path / "b.ts", [(1, 48)], size=(120, 120), numbered=True, options={"bf": "0"}
    )
    path = join_sizes(tmp_path / "c.ts", wide, high)
    split(path, tmp_path / "out", detector="fixed")
    rows = CLIPS.read(str(tmp_path / "out")).to_pylist()
    assert [(row["start_frame"], row["end_frame"]) for row in rows] == [(0, 48), (48, 96)]
    assert [(row["width"], row["height"]) for row in rows] == [(160, 90), (120, 120)]
    for row in rows:
        assert numbers(str(tmp_path / "out" / row["path"])) == list(range(48))
        with av.open(str(tmp_path / "out" / row["path"])) as file:
            frame = next(file.decode(video=0))
        assert (frame.width, frame.height) == (row["width"], row["height"])
    assert "1 that change their size" in notes_line(read_summary(str(tmp_path / "out")))


def joined(folder, frames):
    """A wide video and a high one as one file, and the high one alone."""
    wide, high = (
        draw_video(folder / f"{name}.ts", [(1, frames)], size=size, options={"bf": "0"})
        for name, size in (("wide", (640, 360)), ("high", (240, 320)))
    )
    return join_sizes(folder / "joined.ts", wide, high), high


def test_scores_after_a_change_of_size_are_those_of_a_file_of_that_size(tmp_path):
    both, alone = joined(tmp_path, 48)
    tasks = [video_task(both, (0, 48), (48, 96)), video_task(alone, (0, 48))]
    for task in tasks:
        ScoreClips().process(task)
        EmbedClips().process(task)
    clip, expected = tasks[0].data.clips[1], tasks[1].data.clips[0]
    assert clip.scores.keys() == expected.scores.keys()
    for name in ("motion_global_mean", "motion_per_patch_min_256", "sharpness", "blockiness"):
        assert clip.scores[name] == pytest.approx(expected.scores[name], rel=1e-3), name
    for name in ("letterbox_ratio", "text_ratio", "frame_difference"):
        assert clip.scores[name] == pytest.approx(expected.scores[name], abs=0.01), name
    ((_, vector),) = clip.embeddings.items()
    ((_, other),) = expected.embeddings.items()
    assert float(vector @ other) > 0.99


def test_pictures_after_a_change_of_size_have_its_shape_and_begin_with_it(tmp_path):
    both, _ = joined(tmp_path, 42)
    task = video_task(both, (0, 42), (42, 84))
    track = open_track(task.data.track)
    assert 42 in track.still_frames
    shapes = [track.pictures(track.stills_within(clip.frames)).shape for clip in task.data.clips]
    assert [shape[1:] for shape in shapes] == [(144, 256, 3), (256, 192, 3)]
    sampling = Sampling(fps=1, side=128)
    (window,) = split_windows(42)
    shown = window_frames(track, task.data.clips[1], window, sampling)
    assert shown.pictures.shape[1:] == (128, 96, 3)


@pytest.mark.parametrize(("rotation", "aspect"), [(0, 4 / 3), (90, 3 / 4)])
def test_the_shape_of_pixels_is_a_column(tmp_path, rotation, aspect):
    options = {"x264-params": "sar=4/3"}
    path = draw_video(
        tmp_path / "a.mp4", [(1, 24)], size=(96, 64), options=options, rotation=rotation
    )
    split(path, tmp_path / "out")
    (row,) = CLIPS.read(str(tmp_path / "out")).to_pylist()
    assert row["pixel_aspect"] == pytest.approx(aspect)
    with av.open(str(tmp_path / "out" / row["path"])) as file:
        ratio = file.streams.video[0].sample_aspect_ratio
    assert float(ratio) == pytest.approx(aspect)


@pytest.mark.parametrize(
    ("aspect", "bins"),
    [
        (64 / 45, "resolution_480/aspect_ratio_16_9"),
        (16 / 15, "resolution_480/aspect_ratio_4_3"),
        (None, "resolution_480/aspect_ratio_4_3"),
    ],
)
def test_shards_are_sorted_by_what_is_shown(aspect, bins):
    row = {"uuid": "a", "path": "clips/a.mp4", "num_bytes": 1, "width": 720, "height": 576}
    row |= {"num_frames": 50, "keep": True, "pixel_aspect": aspect}
    (shard,) = plan_shards(pa.Table.from_pylist([row]), bins=["res", "aspect"], max_bytes=10)
    assert shard.bins == bins
