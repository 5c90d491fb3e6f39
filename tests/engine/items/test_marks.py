"""Marks: files, metas and the table agree, also after a stop half-way."""

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from picture_app import PICTURES

from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_engine.items.item import Item
from curator_engine.items.marks import apply_marks

RUN = replace(PICTURES, metas="metas")


@pytest.fixture
def own_run(tmp_path):
    """A run of three items with files and metas, one dropped."""
    items = [Item(uuid=name) for name in "abc"]
    items[2].drop("exposure", "dark")
    paths = {i.uuid: f"{'filtered_' * bool(i.drop_reason)}pictures/{i.uuid}.png" for i in items}
    with take(str(tmp_path), job="curate"):
        for name, path in paths.items():
            meta = {"clip_location": path, "errors": [], "keep": True, "valid": True}
            write_atomic(str(tmp_path / path), b"x")
            write_atomic(str(tmp_path / f"metas/{name}.json"), json.dumps(meta).encode())
        RUN.write(str(tmp_path), RUN.of(items, lambda item: {"path": paths[item.uuid]}))
    return tmp_path


def flipped(out):
    """The table with every kept clip dropped, and the other way round."""
    table = RUN.read(str(out))
    keep = pa.array([not value for value in table.column("keep").to_pylist()])
    return table.set_column(table.schema.get_field_index("keep"), "keep", keep)


def agrees(out):
    for row in RUN.read(str(out)).to_pylist():
        folder = "pictures" if row["keep"] else "filtered_pictures"
        meta = json.loads((out / f"metas/{row['uuid']}.json").read_text(encoding="utf-8"))
        if row["path"] is None:
            continue
        assert row["path"].startswith(f"{folder}/")
        assert (out / row["path"]).is_file()
        assert (meta["clip_location"], meta["keep"]) == (row["path"], row["keep"])
        assert meta["valid"] == (row["keep"] and not meta["errors"])
    return True


def test_files_metas_and_table_agree(own_run):
    table = flipped(own_run)
    assert apply_marks(str(own_run), table, RUN) == table.num_rows
    assert agrees(own_run)


def test_again_moves_nothing(own_run):
    table = flipped(own_run)
    apply_marks(str(own_run), table, RUN)
    assert apply_marks(str(own_run), table, RUN) == 0


def test_a_call_that_was_stopped_is_made_good_by_the_next(own_run):
    before = pq.read_table(own_run / "pictures.parquet")
    apply_marks(str(own_run), flipped(own_run), RUN)
    # As if it had been stopped before the table: the files have moved, the table is the old one.
    pq.write_table(before, own_run / "pictures.parquet")
    apply_marks(str(own_run), before, RUN)
    assert agrees(own_run)


def test_an_item_without_a_file_is_marked(own_run):
    table = flipped(own_run)
    at = table.schema.get_field_index("path")
    table = table.set_column(at, "path", pa.nulls(table.num_rows, pa.string()))
    assert apply_marks(str(own_run), table, RUN) == 0
    assert RUN.read(str(own_run)).column("path").null_count == table.num_rows


@pytest.mark.parametrize("prefix", ["", "somewhere/out/"])
def test_a_location_keeps_its_form(own_run, prefix):
    for path in (own_run / "metas").iterdir():
        meta = json.loads(path.read_text(encoding="utf-8"))
        meta["clip_location"] = prefix + meta["clip_location"]
        path.write_text(json.dumps(meta), encoding="utf-8")
    apply_marks(str(own_run), flipped(own_run), RUN)
    for row in RUN.read(str(own_run)).to_pylist():
        meta = json.loads((own_run / f"metas/{row['uuid']}.json").read_text(encoding="utf-8"))
        assert meta["clip_location"] == prefix + row["path"]


def test_a_remote_run_is_marked_too(own_run):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.put(str(own_run), "/marked", recursive=True)
    table = flipped(own_run)
    assert apply_marks("memory://marked", table, RUN) == table.num_rows
    names = {path.rpartition("/")[2] for path in memory.ls("/marked/pictures", detail=False)}
    rows = RUN.read("memory://marked").to_pylist()
    assert names == {row["path"].rpartition("/")[2] for row in rows if row["keep"]}
    memory.rm("/marked", recursive=True)
