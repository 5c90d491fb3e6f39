"""`curator-video shard` as it is called."""

import json
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_shards import shard_items
from curator_engine.errors import InputError, SettingsError
from curator_video.clips.clip_table import CLIPS
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import ShardSettings

run = partial(shard_items, CLIP_APP)

QUIET = Console(quiet=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A run with three kept clips of ten bytes, and a dropped one."""
    folder = tmp_path / "run"
    rows = []
    for i in range(4):
        kept = "clips" if i < 3 else "filtered_clips"
        path = f"{kept}/u{i}.mp4"
        row = {"uuid": f"u{i}", "path": path, "keep": i < 3, "num_bytes": 10}
        rows.append(row | {"width": 640, "height": 360, "num_frames": 100 + 200 * (i == 2)})
        for name, data in ((path, b"0123456789"), (f"metas/v0/u{i}.json", b"{}")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    CLIPS.write(str(folder), pa.Table.from_pylist(rows, schema=CLIPS.schema()))
    return folder


def shard(source: Path, target: Path, **options):
    settings = ShardSettings(inputs=[str(source), str(target)], **options)
    settings.check()
    return run(settings, QUIET)


def tars(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.tar")}


def test_every_kept_clip_is_packed_and_counted(source, tmp_path):
    result = shard(source, tmp_path / "out", max_size="10B")
    assert result.summary == {
        "clips": 3,
        "left_out": 1,
        "bytes": 30,
        "tars": 3,
        "bins": {
            "resolution_360/aspect_ratio_16_9/frames_0_255": {"clips": 2, "bytes": 20, "tars": 2},
            "resolution_360/aspect_ratio_16_9/frames_256_511": {"clips": 1, "bytes": 10, "tars": 1},
        },
    }
    assert len(tars(tmp_path / "out")) == 6
    assert json.loads((tmp_path / "out/summary.json").read_text()) == result.summary
    assert result.exit_code == 0


def test_a_dry_run_writes_nothing(source, tmp_path):
    result = shard(source, tmp_path / "out", dry_run=True)
    assert "nothing was written" in result.lines[-1]
    assert not (tmp_path / "out").exists()


def test_earlier_shards_are_not_overwritten_unasked(source, tmp_path):
    shard(source, tmp_path / "out")
    with pytest.raises(InputError, match="is not empty"):
        shard(source, tmp_path / "out")
    assert shard(source, tmp_path / "out", overwrite=True).summary["clips"] == 3


def test_a_stopped_call_goes_on_and_gives_the_same(source, tmp_path):
    shard(source, tmp_path / "out", max_size="10B")
    whole = tars(tmp_path / "out")
    first = sorted(whole)[0]
    (tmp_path / "out" / first).unlink()
    (tmp_path / "out/summary.json").unlink()
    shard(source, tmp_path / "out", max_size="10B", resume=True)
    assert tars(tmp_path / "out") == whole


def test_going_on_with_other_settings_is_refused(source, tmp_path):
    shard(source, tmp_path / "out")
    with pytest.raises(InputError, match="begun with other items or settings"):
        shard(source, tmp_path / "out", bins="res", resume=True)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no clips\.parquet"):
        shard(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": ["a"]}, "1 given"),
        ({"inputs": ["a", "b"], "bins": "x"}, "not known"),
        ({"inputs": ["a", "b"], "max_size": "0"}, "no room"),
        ({"inputs": ["a", "b"], "resume": True, "overwrite": True}, "exclude each other"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        ShardSettings(**options).check()


def test_two_folders_are_needed():
    with pytest.raises(SettingsError, match="curator-video shard OUT SHARDS"):
        run(ShardSettings(), QUIET)
