"""Counts that stand in the file of a part of a table, so that a run that goes on has those of before too."""

import json
from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_read, storage_errors

_KEY = b"curator.counts"


def with_counts(table: pa.Table, counts: Mapping[str, int]) -> pa.Table:
    """A table with counts by name, to be written."""
    if not counts:
        return table
    return table.replace_schema_metadata({_KEY: json.dumps(dict(counts)).encode()})


def counts_in(folder: str) -> Counter[str]:
    """The counts of all tables in a folder, added up.

    Raises:
        StorageError: A table cannot be read.
    """
    found = Counter[str]()
    for name in list_names(folder):
        path = join(folder, name)
        with storage_errors(path, "reading"), open_read(path) as file:
            about = pq.read_schema(file).metadata or {}
        found.update(json.loads(about.get(_KEY, b"{}")))
    return found


def said(counts: Mapping[str, int]) -> str:
    """Counts as words: "2 npy, 1 seg.png"."""
    return ", ".join(sorted(f"{count:,} {name}" for name, count in counts.items() if count))
