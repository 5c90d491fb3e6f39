"""`shard` of an app without metas of its own: the rows are the metas."""

import json
import tarfile

import picture_app
import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_settings import ShardSettings
from curator_engine.commands.item_shards import shard_items
from curator_engine.errors import SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_engine.items.item import Item

PICTURES = picture_app.PICTURES


@pytest.fixture
def run(tmp_path):
    """A run of two pictures, one dropped."""
    items = [Item(uuid="a", scores={"brightness": 0.5}), Item(uuid="b")]
    items[1].drop("exposure", "dark")
    about = {"width": 640, "height": 480, "num_bytes": 1}
    with take(str(tmp_path / "run"), job="curate"):
        for item in items:
            write_atomic(str(tmp_path / f"run/pictures/{item.uuid}.png"), b"x")
        table = PICTURES.of(items, lambda item: {**about, "path": f"pictures/{item.uuid}.png"})
        PICTURES.write(str(tmp_path / "run"), table)
    return tmp_path / "run"


def shard(run, target, **options):
    settings = ShardSettings(inputs=[str(run), str(target)], **options)
    return shard_items(picture_app.APP, settings, Console(quiet=True))


def test_kept_ones_are_packed_with_their_rows(run, tmp_path):
    assert shard(run, tmp_path / "tars").summary["pictures"] == 1
    with tarfile.open(tmp_path / "tars/v0/picture/part_000000/000000.tar") as tar:
        assert tar.getnames() == ["a.png"]
    with tarfile.open(tmp_path / "tars/v0/metas/part_000000/000000.tar") as tar:
        data = tar.extractfile("a.json").read()
    assert json.loads(data)["brightness"] == 0.5


def test_bins_go_by_the_columns_that_are_there(run, tmp_path):
    assert list(shard(run, tmp_path / "tars", bins="res").summary["bins"]) == ["resolution_480"]


def test_bins_by_a_column_that_is_not_there_are_refused(run, tmp_path):
    with pytest.raises(SettingsError, match="no bins by num_frames"):
        shard(run, tmp_path / "tars", bins="frames")
