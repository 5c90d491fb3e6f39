"""The files of signed documents in the part of an index: their ids, and the same without some documents."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.files.storage import link_or_copy, open_atomic, open_read
from curator_engine.stages.table_files import write_table
from curator_text.dedup.index import PartFiles
from curator_text.fuzzy.index_blocks import ENDINGS
from curator_text.removal.array_files import load_arrays, mapped_array, save_array, save_arrays
from curator_text.removal.corpus import Block

type Mask = NDArray[np.bool_]


def _ids(stem: str) -> pa.Table:
    with open_read(f"{stem}.ids") as file:
        return pq.read_table(file)


def _ids_column(stem: str) -> Any:
    return _ids(stem).column("id")


def _copy(source: str, stem: str, block: Block, stays: Mask) -> Block:
    """Write the files of a block without some documents."""
    if stays.all():
        for ending in ENDINGS:
            link_or_copy(source + ending, stem + ending)
        return block
    rows = np.flatnonzero(stays)
    arrays: dict[str, Any] = load_arrays(f"{source}.npz")
    long = np.isin(arrays["long"], rows)
    save_array(f"{stem}.npy", mapped_array(f"{source}.npy")[long])
    save_array(f"{stem}.keys.npy", mapped_array(f"{source}.keys.npy")[:, long])
    write_table(f"{stem}.ids", _ids(source).filter(pa.array(stays)))
    kept = {name: arrays[name][rows] for name in ("position", "length", "line", "hash")}
    kept["long"] = np.searchsorted(rows, arrays["long"][long])
    kept["ends"] = _copy_windows(source, stem, arrays["ends"], rows)
    save_arrays(f"{stem}.npz", kept)
    return replace(block, documents=len(rows), short=len(rows) - int(long.sum()))


def _copy_windows(source: str, stem: str, ends: NDArray[np.int64], rows: Any) -> NDArray[np.int64]:
    """Copy the windows of some documents; where each ends in the copy."""
    starts = np.concatenate(([0], ends[:-1]))[rows]
    with open_read(f"{source}.windows") as old, open_atomic(f"{stem}.windows") as new:
        for start, end in zip(starts.tolist(), ends[rows].tolist(), strict=True):
            old.seek(8 * start)
            new.write(old.read(8 * (end - start)))
    return np.cumsum(ends[rows] - starts)


SIGNED_FILES = PartFiles(endings=ENDINGS, ids=_ids_column, without=_copy)
"""What `fuzzy` has in the part of an index."""
