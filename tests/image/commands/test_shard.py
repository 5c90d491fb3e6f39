"""`curator-image shard` as it is called."""

import json
import tarfile
from functools import partial

import pytest
from image.drawn_pictures import samples, write_table, write_tar
from image.runs import image, rows_of
from image.scenes import encoded, scene

from curator_engine.commands.cli import Console
from curator_engine.commands.item_shards import shard_items
from curator_engine.errors import SettingsError
from curator_image.commands.image_app import IMAGE_APP
from curator_image.result_settings import ShardSettings

run = partial(shard_items, IMAGE_APP)


def members(folder):
    """Of all tars below a folder: names and bytes."""
    found = {}
    for path in sorted(folder.rglob("*.tar")):
        with tarfile.open(path) as tar:
            found |= {(path.parts[-4], m.name): tar.extractfile(m).read() for m in tar}
    return found


def test_kept_pictures_of_files_tars_and_tables_are_packed_with_their_captions(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(encoded(scene(1)))
    source = [tmp_path / "in", write_tar(tmp_path / "s.tar", samples()), tmp_path / "t.parquet"]
    write_table(source[2], 1)
    assert image("curate", *source, "-o", tmp_path / "out", "--near", "off") == 0
    assert image("shard", tmp_path / "out", tmp_path / "tars") == 0
    rows = {row["uuid"]: row for row in rows_of(tmp_path / "out").values() if row["keep"]}
    found = members(tmp_path / "tars")
    pictures = {name.partition(".")[0] for _, name in found if name[-4:] in (".png", ".jpg")}
    assert pictures == rows.keys()
    captions = {n.partition(".")[0]: d.decode() for (_, n), d in found.items() if n[-4:] == ".txt"}
    assert captions == {uuid: row["caption"] for uuid, row in rows.items() if row["caption"]}
    metas = {n[:-5]: json.loads(d) for (_, n), d in found.items() if n.endswith(".json")}
    assert {uuid: meta["width"] for uuid, meta in metas.items()} == {
        uuid: row["width"] for uuid, row in rows.items()
    }


def test_a_run_is_packed_byte_for_byte(finished_images, tmp_path):
    settings = ShardSettings(inputs=[str(finished_images), str(tmp_path / "tars")], bins="res")
    summary = run(settings, Console(quiet=True)).summary
    rows = [row for row in rows_of(finished_images).values() if row["keep"]]
    assert summary["images"] == len(rows)
    found = {
        name.partition(".")[0]: data
        for (_, name), data in members(tmp_path / "tars").items()
        if not name.endswith(".json")
    }
    for row in rows:
        assert found[row["uuid"]] == (finished_images / row["path"]).read_bytes()


def test_pictures_have_no_bins_by_frames(finished_images, tmp_path):
    settings = ShardSettings(inputs=[str(finished_images), str(tmp_path / "x")], bins="frames")
    with pytest.raises(SettingsError, match="no bins by num_frames"):
        run(settings, Console(quiet=True))
