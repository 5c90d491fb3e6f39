"""Columns of Lance: places of rows, and blobs."""

import lance
import pyarrow as pa
import pytest

from curator_text.read.lance_columns import (
    add_lance_metadata_columns,
    encode_lance_blob_columns,
    materialize_lance_blob_columns,
)

SCHEMA = pa.schema([pa.field("id", pa.string()), lance.blob_field("image")])
BLOBS = [b"one", None, b"three" * 40_000]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Rows with blobs, in two fragments."""
    table = pa.table({"id": ["a", "b", "c"], "image": pa.array(BLOBS, pa.large_binary())})
    path = tmp_path_factory.mktemp("lance") / "a.lance"
    return lance.write_dataset(
        encode_lance_blob_columns(table, SCHEMA),
        path,
        max_rows_per_file=2,
        data_storage_version="2.2",
    )


def test_rows_know_their_fragment(dataset):
    scan = dataset.scanner(columns=["id"], with_row_id=True, with_row_address=True).to_table()
    table = add_lance_metadata_columns(scan)
    assert table.column("__lance_fragid").to_pylist() == [0, 0, 1]
    assert table.column("__lance_rowaddr").to_pylist() == [0, 1, 1 << 32]
    assert set(table.column_names) == {
        *("id", "__lance_rowid", "__lance_rowaddr", "__lance_fragid"),
    }


def test_without_addresses_it_says_so(dataset):
    scan = dataset.scanner().to_table()
    with pytest.raises(ValueError, match="no _rowid and no _rowaddr"):
        add_lance_metadata_columns(scan)
    with pytest.raises(ValueError, match="no _rowaddr, by which blobs are found"):
        materialize_lance_blob_columns(dataset, scan)


def test_blobs_come_as_bytes_and_become_blobs_again(dataset):
    scan = dataset.scanner(filter="id != 'a'", with_row_address=True).to_table()
    table = materialize_lance_blob_columns(dataset, scan)
    assert table.column("image").to_pylist() == BLOBS[1:]
    assert table.schema.field("image").type == pa.large_binary()
    again = encode_lance_blob_columns(table, SCHEMA)
    assert again.schema.field("image").type == SCHEMA.field("image").type
    assert encode_lance_blob_columns(again, SCHEMA) is again
    names = dataset.scanner(columns=["id"]).to_table()
    assert materialize_lance_blob_columns(dataset, names) is names
