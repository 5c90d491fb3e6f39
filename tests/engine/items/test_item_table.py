"""The table of items."""

import pyarrow as pa
import pytest
from picture_app import PICTURES

from curator_engine.errors import InputError, StorageError
from curator_engine.files.storage import write_atomic
from curator_engine.items.item import Item
from curator_engine.stages.table_files import write_table


def table(*items, source="s"):
    return PICTURES.of(items, lambda _: {"source": source})


def test_a_dropped_item_has_a_row_with_reason_scores_and_errors():
    item = Item(uuid="a", scores={"brightness": 0.5}, errors={"read": "cut off"})
    item.drop("exposure", "dark")
    (row,) = table(item).to_pylist()
    told = [row[name] for name in ("keep", "drop_stage", "drop_reason", "brightness", "errors")]
    assert told == [False, "exposure", "dark", 0.5, ["read: cut off"]]


def test_a_score_that_was_not_computed_is_null():
    assert table(Item(uuid="a")).column("brightness").to_pylist() == [None]


def test_other_scores_have_columns_in_order_and_hide_no_column():
    found = table(Item(uuid="a", scores={"z": 1.0, "extra": 2.0, "path": 3.0}))
    assert PICTURES.score_names(found) == ["brightness", "extra", "z"]
    assert found.column("path").to_pylist() == [None]


def test_parts_are_sorted_and_an_item_in_two_is_taken_once(tmp_path):
    write_table(str(tmp_path / "parts/0.parquet"), table(Item(uuid="c"), Item(uuid="a")))
    write_table(str(tmp_path / "parts/1.parquet"), table(Item(uuid="a", scores={"extra": 1.0})))
    write_table(str(tmp_path / "parts/2.parquet"), table(Item(uuid="b"), source="r"))
    joined = PICTURES.join_parts(str(tmp_path / "parts"), str(tmp_path))
    assert joined.column("uuid").to_pylist() == ["b", "a", "c"]
    assert PICTURES.read(str(tmp_path)).equals(joined)


def test_no_parts_give_a_table_without_rows():
    assert PICTURES.sorted([]).equals(pa.Table.from_pylist([], schema=PICTURES.schema()))


def test_a_folder_without_a_table_or_with_a_broken_one_is_one_line(tmp_path):
    with pytest.raises(InputError, match="give the folder of a finished pictures curate"):
        PICTURES.read(str(tmp_path))
    write_atomic(str(tmp_path / "pictures.parquet"), b"no parquet")
    with pytest.raises(StorageError, match="is no Parquet file"):
        PICTURES.read(str(tmp_path))


def test_texts_that_are_no_utf8_are_in_the_table_as_it_can_hold_them():
    item = Item(uuid="a", errors={"read": "caf\udce9"})
    (row,) = table(item, source="caf\udce9 \ud800").to_pylist()
    assert (row["source"], row["errors"]) == ("caf%E9 \\ud800", ["read: caf%E9"])
