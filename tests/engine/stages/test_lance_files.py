"""Lance datasets as Parquet files."""

from pathlib import Path

import lance
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import OtherFormatError
from curator_engine.stages import lance_files
from curator_engine.stages.parquet import copy_rows, count_rows, iter_row_groups, schema_of

TABLE = pa.table({"n": pa.array(range(50), pa.int16()), "text": [f"row {i}" for i in range(50)]})


@pytest.fixture
def path(tmp):
    lance.write_dataset(TABLE, f"{tmp}/a.lance", max_rows_per_file=20)
    return f"{tmp}/a.lance"


def numbers(path, **options):
    return [n for _, t in iter_row_groups(path, **options) for n in t.column("n").to_pylist()]


def test_rows_come_in_order_with_their_types(path):
    assert schema_of(path).equals(TABLE.schema)
    assert [row for row, _ in iter_row_groups(path, ["text"])] == [0, 20, 40]
    assert numbers(path) == list(range(50))
    assert count_rows(path) == [20, 20, 10]


def test_a_large_fragment_is_several_groups(path, monkeypatch):
    monkeypatch.setattr(lance_files, "_GROUP_ROWS", 15)
    assert count_rows(path) == [15, 5, 15, 5, 10]
    assert numbers(path, span=(1, 3)) == list(range(15, 35))
    assert numbers(path, max_rows=17) == list(range(17))
    group = lance_files.LanceFile(path).read_row_group(2, columns=["n"])
    assert group.column("n").to_pylist() == list(range(20, 35))


def test_rows_that_were_deleted_are_not_counted(path, tmp):
    lance.dataset(path).delete("n >= 5 and n < 30")
    assert count_rows(path) == [5, 10, 10]
    assert numbers(path) == [*range(5), *range(30, 50)]
    out = f"{tmp}/out.parquet"
    assert copy_rows(path, out, np.array([0, 24])) == (23, 2)
    assert pq.read_table(out).column("n").to_pylist() == [*range(1, 5), *range(30, 49)]


def test_a_damaged_fragment_is_left_out_and_the_others_stay(path):
    first = lance.dataset(path).get_fragments()[1].metadata.files[0].path
    Path(path, "data", first).write_bytes(b"nonsense")
    found = []
    assert numbers(path, reject=lambda *facts: found.append(facts)) == [*range(20), *range(40, 50)]
    assert [each[:2] for each in found] == [(20, 20)]
    assert found[0][2].startswith("row group 1 is damaged: ")


def test_blobs_are_refused(tmp):
    lance.write_dataset(
        pa.table({"image": lance.blob_array([b"one"])}),
        f"{tmp}/b.lance",
        data_storage_version="2.2",
    )
    with pytest.raises(OtherFormatError, match="has the column 'image' of blobs"):
        count_rows(f"{tmp}/b.lance")
