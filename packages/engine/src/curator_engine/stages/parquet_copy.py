"""Copy Parquet files without some rows: what stays keeps its values and types."""

import shutil
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.storage import open_atomic, open_read
from curator_engine.stages.parquet_files import (
    OLD_TIME,
    AnyParquet,
    RejectRows,
    group_rows,
    open_parquet,
    pieces,
)
from curator_engine.task import select_rows


def copy_rows(
    path: str,
    out: str,
    drop: NDArray[np.int64],
    *,
    groups: Sequence[int] | None = None,
    max_rows: int | None = None,
    schema: pa.Schema | None = None,
    change: Callable[[int, pa.Table], pa.Table] | None = None,
    reject: RejectRows | None = None,
) -> tuple[int, int]:
    """Copy a Parquet file without some rows; schema, types and compression stay, small row groups too.

    Of an Arrow file or a Lance dataset the copy is Parquet.

    Args:
        path: The file.
        out: The copy, which appears when it is complete; the same bytes if all rows stay.
        drop: Sorted numbers of the rows to leave out, from 0.
        groups: Copy only these row groups, in order.
        max_rows: Stop after so many rows of the file.
        schema: Of the copy, if `change` gives another.
        change: Called with a row group or a piece of one, and the number of its first row; gives
            its rows anew.
        reject: Told what is left out of a damaged row group; None makes that an error.

    Returns:
        Rows written and rows left out.

    Raises:
        InputError: There are fewer rows than `drop` says: the file has changed.
        StorageError: A file cannot be read or written.
    """
    written = left_out = 0

    def damaged(row: int, rows: int, reason: str) -> None:
        nonlocal left_out
        low, high = np.searchsorted(drop, (row, row + rows))
        left_out += int(high - low)
        if reject:
            reject(row, rows, reason)

    with open_parquet(path, arrow_extensions_enabled=True) as file, open_atomic(out) as target:
        total = file.metadata.num_rows
        everything = groups is None or list(groups) == list(range(file.num_row_groups))
        as_is = everything and isinstance(file, pq.ParquetFile)
        if as_is and not len(drop) and not change and (max_rows or total) >= total:
            with open_read(path) as source:
                shutil.copyfileobj(source, target, 1 << 20)
            return total, 0
        schema = schema or file.schema_arrow
        with pq.ParquetWriter(target, schema, **copy_options(file)) as writer:
            firsts = np.cumsum([0, *group_rows(file)]).tolist()
            for i in range(file.num_row_groups) if groups is None else groups:
                size = firsts[i + 1] - firsts[i]
                most = size if max_rows is None else min(size, max(0, max_rows - firsts[i]))
                for at, piece in pieces(
                    file, i, firsts[i], None, most=most, reject=damaged if reject else None
                ):
                    table = change(at, piece) if change else piece
                    low, high = np.searchsorted(drop, (at, at + table.num_rows))
                    keep = np.ones(table.num_rows, dtype=bool)
                    keep[drop[low:high] - at] = False
                    left_out += int(high - low)
                    kept = table if keep.all() else select_rows(table, keep)
                    written += kept.num_rows
                    if kept.num_rows:
                        writer.write_table(kept, row_group_size=kept.num_rows)
        if left_out != len(drop):
            raise InputError(
                f"{path} has changed during the run: it has fewer rows than when it was read."
            )
    return written, left_out


def copy_options(file: AnyParquet) -> dict[str, Any]:
    """What makes a writer use the file's codecs and physical types."""
    if not isinstance(file, pq.ParquetFile):
        return {"compression": "zstd"}
    leaves: list[Any] = [file.schema.column(i) for i in range(len(file.schema))]
    times = [c.physical_type for c in leaves if c.physical_type == OLD_TIME or _is_time(c)]
    decimals = [
        c.physical_type for c in leaves if c.logical_type.type == "DECIMAL" and c.precision <= 18
    ]
    return {
        "compression": _compression(file),
        "use_deprecated_int96_timestamps": bool(times) and set(times) == {OLD_TIME},
        "store_decimal_as_integer": bool(decimals) and set(decimals) <= {"INT32", "INT64"},
    }


def _is_time(leaf: Any) -> bool:
    return leaf.logical_type.type == "TIMESTAMP"


def _compression(file: pq.ParquetFile) -> Any:
    """The codec of each column, as the first row group has it."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    names = {"UNCOMPRESSED": "none"}
    return {c.path_in_schema: names.get(c.compression, c.compression.lower()) for c in columns}
