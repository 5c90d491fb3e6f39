"""Columns that are Lance's own: where a row lies, and blobs.

A blob lies beside its row's data, so that rows are read without it.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.files.lance_datasets import blob_names, need_lance

LANCE_ROWID_COLUMN, LANCE_ROWADDR_COLUMN = "__lance_rowid", "__lance_rowaddr"
LANCE_FRAGID_COLUMN = "__lance_fragid"
LANCE_COLUMNS = (LANCE_ROWID_COLUMN, LANCE_ROWADDR_COLUMN, LANCE_FRAGID_COLUMN)
"""A row's id, its address, and the fragment that it is in; uint64."""
_ROWID, ROWADDR = "_rowid", "_rowaddr"
"""How a scan of Lance calls the first two."""
_FRAGMENT_SHIFT = 32
"""Bits of an address below the fragment's number."""
_compute: Any = pc


def add_lance_metadata_columns(table: pa.Table) -> pa.Table:
    """A scan with row ids and addresses under the names of `LANCE_COLUMNS`, and the fragment of each row.

    Args:
        table: With `_rowid` and `_rowaddr`.

    Raises:
        ValueError: One is missing.

    Example:
        >>> scan = dataset.scanner(with_row_id=True, with_row_address=True).to_table()
        >>> add_lance_metadata_columns(scan).column("__lance_fragid")[0].as_py()
        0
    """
    missing = [name for name in (_ROWID, ROWADDR) if name not in table.column_names]
    if missing:
        raise ValueError(f"the scan has no {' and no '.join(missing)}; scan with both.")
    names = {_ROWID: LANCE_ROWID_COLUMN, ROWADDR: LANCE_ROWADDR_COLUMN}
    table = table.rename_columns([names.get(name, name) for name in table.column_names])
    addresses = table.column(LANCE_ROWADDR_COLUMN).cast(pa.uint64())
    fragments = _compute.shift_right(addresses, pa.scalar(_FRAGMENT_SHIFT, pa.uint64()))
    return table.append_column(LANCE_FRAGID_COLUMN, fragments)


def materialize_lance_blob_columns(dataset: Any, table: pa.Table) -> pa.Table:
    """A scan with the bytes of its blobs (large_binary) instead of where they lie.

    Args:
        dataset: What was scanned.
        table: With `_rowaddr`.

    Raises:
        ValueError: The addresses are missing.
    """
    names = [name for name in blob_names(dataset.schema) if name in table.column_names]
    if not names:
        return table
    if ROWADDR not in table.column_names:
        raise ValueError(f"the scan has no {ROWADDR}, by which blobs are found; scan with it.")
    addresses: list[Any] = table.column(ROWADDR).to_pylist()
    for name in names:
        found = dict(dataset.read_blobs(name, addresses=addresses)) if addresses else {}
        values = pa.array([found.get(each) for each in addresses], pa.large_binary())
        place = table.column_names.index(name)
        nullable = dataset.schema.field(name).nullable
        table = table.set_column(place, pa.field(name, pa.large_binary(), nullable), values)
    return table


def encode_lance_blob_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table whose columns that are blobs in a schema are blobs again, to be written.

    Args:
        table: With bytes in these columns.
        schema: Of the dataset.
    """
    lance = need_lance()
    for name in blob_names(schema):
        if name in table.column_names and table.schema.field(name).type != schema.field(name).type:
            blobs = lance.blob_array(table.column(name).to_pylist())
            table = table.set_column(table.column_names.index(name), schema.field(name), blobs)
    return table
