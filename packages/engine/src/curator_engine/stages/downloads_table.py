"""`downloads.parquet`: what became of each address, joined out of a table for each part of the list."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, open_atomic, open_read

DOWNLOADS_FILE = "downloads.parquet"
_MARK = b"curator.parts"
"""Key of the table's metadata that says of which parts it is."""


def join_downloads(parts: str, output: str, schema: pa.Schema, mark: str) -> dict[str, Any]:
    """Write the table of all addresses, a row group for each part.

    Args:
        parts: Folder with the tables of the parts, named in their order.
        output: Folder of the run.
        schema: Has `reason`, which is empty for what came, `path` and `num_bytes`.
        mark: Identifies the parts; kept in the table.

    Returns:
        Facts for `run.json`: how many addresses there are and came, why the others did not, and bytes.

    Raises:
        StorageError: It cannot be written.
    """
    rows, size, reasons = 0, 0, Counter[str]()
    marked = schema.with_metadata({_MARK: mark.encode()})
    with (
        open_atomic(join(output, DOWNLOADS_FILE)) as file,
        pq.ParquetWriter(file, marked, compression="zstd") as table,
    ):
        for name in list_names(parts):
            with open_read(join(parts, name)) as part:
                each = pq.read_table(part, use_threads=False)
            table.write_table(each.replace_schema_metadata(marked.metadata))
            rows += each.num_rows
            reasons.update(filter(None, each.column("reason").to_pylist()))
            there = zip(
                *(each.column(name).to_pylist() for name in ("path", "num_bytes")), strict=True
            )
            size += sum(count for path, count in there if path)
    return {
        "urls": rows,
        "downloaded": rows - reasons.total(),
        "failed": reasons.total(),
        "failed_by": dict(reasons.most_common()),
        "bytes": size,
    }


def mark_of_downloads(output: str) -> str | None:
    """Of which parts the table of a run is; None without one."""
    file = join(output, DOWNLOADS_FILE)
    if not exists(file):
        return None
    with open_read(file) as data:
        return ((pq.read_schema(data).metadata or {}).get(_MARK) or b"").decode()


def downloads_that_came(table: str, part: int) -> dict[str, dict[str, Any]]:
    """The rows of what came of a part, by their keys.

    Args:
        table: What `join_downloads` wrote; empty for none.
        part: Number of the part.
    """
    if not table:
        return {}
    with open_read(table) as data:
        rows = pq.ParquetFile(data).read_row_group(part, use_threads=False).to_pylist()
    return {row["key"]: row for row in rows if not row["reason"]}
