"""Tars of kept clips."""

import tarfile
from pathlib import Path

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError, StorageError
from curator_engine.items.shards import Sample, Shard, parse_bins, plan_shards, write_shard
from curator_video.clips.clip_table import CLIPS

ALL = ["res", "aspect", "frames"]


def clips(*rows: dict) -> pa.Table:
    common = {"width": 1280, "height": 720, "num_frames": 100, "keep": True, "num_bytes": 10}
    filled = [
        {"uuid": f"u{i}", "path": f"clips/u{i}.mp4", **common, **row} for i, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(filled, schema=CLIPS.schema())


def bins_of(**row) -> str:
    (shard,) = plan_shards(clips(row), bins=ALL, max_bytes=100)
    return shard.bins


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, "resolution_720/aspect_ratio_16_9/frames_0_255"),
        ({"width": 1080, "height": 1920}, "resolution_1080/aspect_ratio_9_16/frames_0_255"),
        ({"width": 640, "height": 480}, "resolution_480/aspect_ratio_4_3/frames_0_255"),
        ({"width": 500, "height": 500}, "resolution_480/aspect_ratio_1_1/frames_0_255"),
        ({"width": 96, "height": 128}, "resolution_0/aspect_ratio_3_4/frames_0_255"),
        ({"num_frames": 256}, "resolution_720/aspect_ratio_16_9/frames_256_511"),
        ({"num_frames": 5000}, "resolution_720/aspect_ratio_16_9/frames_1024_inf"),
    ],
)
def test_a_clip_has_bins(row, expected):
    assert bins_of(**row) == expected


def test_only_kept_clips_with_a_file_are_packed():
    table = clips({}, {"keep": False}, {"path": None})
    (shard,) = plan_shards(table, bins=[], max_bytes=100)
    assert [sample.uuid for sample in shard.samples] == ["u0"]


def test_a_tar_is_closed_before_it_is_too_large():
    shards = plan_shards(clips({}, {}, {}, {"num_bytes": 99}, {}), bins=[], max_bytes=25)
    assert [[s.uuid for s in shard.samples] for shard in shards] == [
        ["u0", "u1"],
        ["u2"],
        ["u3"],
        ["u4"],
    ]
    assert [shard.number for shard in shards] == [0, 1, 2, 3]


def test_bins_are_counted_each_from_0():
    table = clips({}, {"num_frames": 300}, {})
    shards = plan_shards(table, bins=["frames"], max_bytes=1)
    assert [(s.bins, s.number) for s in shards] == [
        ("frames_0_255", 0),
        ("frames_0_255", 1),
        ("frames_256_511", 0),
    ]


def test_a_shard_lies_where_cosmos_looks_for_it():
    shard = Shard(bins="resolution_720/frames_0_255", number=1001, samples=())
    assert shard.path("video") == "v0/resolution_720/frames_0_255/video/part_000001/000001.tar"
    assert Shard(bins="", number=0, samples=()).path("metas") == "v0/metas/part_000000/000000.tar"


def test_bins_are_named():
    assert parse_bins("frames, res") == ["res", "frames"]
    assert parse_bins("") == []
    with pytest.raises(
        SettingsError, match="'size' are not known; choose from res, aspect, frames"
    ):
        parse_bins("res,size")


def run_folder(folder: Path) -> Shard:
    for name, data in (("clips/a.mp4", b"film"), ("metas/v0/a.json", b"{}")):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(data)
    sample = Sample(uuid="a", path="clips/a.mp4", num_bytes=4, bins="")
    return Shard(bins="", number=0, samples=(sample,))


def test_tars_hold_the_clip_and_its_record_under_one_name(tmp_path):
    shard = run_folder(tmp_path / "in")
    write_shard(str(tmp_path / "in"), str(tmp_path / "out"), shard, metas="metas/v0")
    found = {}
    for kind in ("video", "metas"):
        with tarfile.open(tmp_path / "out" / shard.path(kind)) as tar:
            found.update({m.name: tar.extractfile(m).read() for m in tar.getmembers()})
    assert found == {"a.mp4": b"film", "a.json": b"{}"}


def test_the_same_clips_give_the_same_bytes(tmp_path):
    shard = run_folder(tmp_path / "in")
    contents = []
    for out in ("x", "y"):
        write_shard(str(tmp_path / "in"), str(tmp_path / out), shard, metas="metas/v0")
        contents.append((tmp_path / out / shard.path("video")).read_bytes())
    assert contents[0] == contents[1]


def test_a_clip_that_is_gone_leaves_no_tar(tmp_path):
    shard = run_folder(tmp_path / "in")
    (tmp_path / "in/clips/a.mp4").unlink()
    with pytest.raises(StorageError, match=r"reading .*a.mp4"):
        write_shard(str(tmp_path / "in"), str(tmp_path / "out"), shard, metas="metas/v0")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
