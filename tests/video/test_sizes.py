"""Videos that change their size are cut there, and pixels that are not square are said and sorted."""

from typing import Any

import pyarrow as pa
import pytest
from video.clips import numbers
from video.media import draw_video
from video.patches import join_sizes
from video.runs import split

from curator_video.clip_table import read_clips
from curator_video.shard import plan_shards
from curator_video.summary import notes_line, read_summary

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
    rows = read_clips(str(tmp_path / "out")).to_pylist()
    assert [(row["start_frame"], row["end_frame"]) for row in rows] == [(0, 48), (48, 96)]
    assert [(row["width"], row["height"]) for row in rows] == [(160, 90), (120, 120)]
    for row in rows:
        assert numbers(str(tmp_path / "out" / row["path"])) == list(range(48))
        with av.open(str(tmp_path / "out" / row["path"])) as file:
            frame = next(file.decode(video=0))
        assert (frame.width, frame.height) == (row["width"], row["height"])
    assert "1 that change their size" in notes_line(read_summary(str(tmp_path / "out")))


@pytest.mark.parametrize(("rotation", "aspect"), [(0, 4 / 3), (90, 3 / 4)])
def test_the_shape_of_pixels_is_a_column(tmp_path, rotation, aspect):
    options = {"x264-params": "sar=4/3"}
    path = draw_video(
        tmp_path / "a.mp4", [(1, 24)], size=(96, 64), options=options, rotation=rotation
    )
    split(path, tmp_path / "out")
    (row,) = read_clips(str(tmp_path / "out")).to_pylist()
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
