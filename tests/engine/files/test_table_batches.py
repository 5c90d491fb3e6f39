import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError
from curator_engine.files.table_batches import (
    ColumnError,
    byte_column,
    bytes_and_path,
    plain_columns,
    table_batches,
)

TABLE = pa.table(
    {
        "sound": [{"bytes": b"a", "path": "a.wav"}] * 5,
        "mask": [b"x"] * 5,
        "boxes": [[1]] * 5,
        "n": list(range(5)),
    }
)


def test_rows_come_in_batches_with_what_is_not_read(tmp_path):
    pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=3)
    path = str(tmp_path / "t.parquet")
    found = list(table_batches(path, plain_columns, rows=2))
    assert [each.first for each in found] == [0, 2, 4]
    assert [row["n"] for each in found for row in each.rows.to_pylist()] == [0, 1, 2, 3, 4]
    assert found[0].others == ("sound", "mask", "boxes")
    [last] = table_batches(path, plain_columns, span=(1, 2))
    assert (last.first, last.rows.num_rows) == (3, 2)


def test_bytes_are_found_by_name_or_by_type():
    assert byte_column(TABLE.schema, ["mask"]) == "mask"
    assert byte_column(TABLE.schema, ["other"]) == "sound"
    assert byte_column(TABLE.schema.remove(0).remove(0), ["mask"]) == ""
    assert bytes_and_path({"bytes": None, "path": "a.wav"}) == (None, "a.wav")
    assert bytes_and_path(b"x") == (b"x", "")


def test_a_table_without_the_columns_is_named(tmp_path):
    def none(schema):
        raise ColumnError("has no such column")

    pq.write_table(TABLE, tmp_path / "t.parquet")
    with pytest.raises(DamagedFileError, match=r"t\.parquet has no such column\."):
        list(table_batches(str(tmp_path / "t.parquet"), none))
