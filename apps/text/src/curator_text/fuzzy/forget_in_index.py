"""Take documents out of an index: their ids, signatures and windows, so that nothing is like them any more.

Files of a part never change. A part that has such a document is written anew without it under
another name, and `index.json`, written last, names the new one.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.files.storage import link_or_copy, open_atomic, open_read
from curator_engine.stages.table_files import write_table
from curator_engine.task import short_hash
from curator_text.fuzzy.index import (
    BLOCKS_FILE,
    Index,
    Part,
    load_index,
    remove_leftovers,
    save_blocks,
    save_index,
)
from curator_text.fuzzy.index_blocks import ENDINGS, part_bytes
from curator_text.removal.array_files import load_arrays, mapped_array, save_array, save_arrays
from curator_text.removal.corpus import Block, load_corpus
from curator_text.removal.forget_documents import Forgetting

type Mask = NDArray[np.bool_]


def forget_in_index(path: str, forgetting: Forgetting) -> None:
    """Take documents out of all parts of an index, whichever run has added them.

    Args:
        path: Its folder, which the caller has taken.
        forgetting: What goes; gets the count as `index`.

    Raises:
        InputError: There is no index.
    """
    index = load_index(path)
    parts = tuple(_without(index, part, forgetting) for part in index.parts)
    if parts == index.parts or forgetting.dry_run:
        return
    changed = replace(index, parts=parts)
    save_index(changed)
    remove_leftovers(changed, keep="")


def _without(index: Index, part: Part, forgetting: Forgetting) -> Part:
    """The part without the documents; the same part if it has none of them."""
    folder = index.folder(part.name)
    blocks = load_corpus(join(folder, BLOCKS_FILE)).blocks
    masks = [~forgetting.among(_ids(folder, block).column("id")) for block in blocks]
    gone = sum(len(mask) - int(mask.sum()) for mask in masks)
    forgetting.counts["index"] += gone
    if not gone or forgetting.dry_run:
        return part
    number = part.name.partition("-")[0]
    name = f"{number}-{short_hash(part.name, str(gone), *(m.tobytes().hex() for m in masks))[:12]}"
    target = index.folder(name)
    kept = [
        _copy(folder, target, block, mask)
        for block, mask in zip(blocks, masks, strict=True)
        if mask.any()
    ]
    save_blocks(target, kept)
    documents = part.documents - gone
    return replace(part, name=name, documents=documents, bytes=part_bytes(target, kept))


def _ids(folder: str, block: Block) -> pa.Table:
    with open_read(join(folder, f"{block.task_id}.ids")) as file:
        return pq.read_table(file)


def _copy(folder: str, target: str, block: Block, stays: Mask) -> Block:
    """Write the files of a block without some documents."""
    source, stem = join(folder, block.task_id), join(target, block.task_id)
    if stays.all():
        for ending in ENDINGS:
            link_or_copy(source + ending, stem + ending)
        return block
    rows = np.flatnonzero(stays)
    arrays: dict[str, Any] = load_arrays(f"{source}.npz")
    long = np.isin(arrays["long"], rows)
    save_array(f"{stem}.npy", mapped_array(f"{source}.npy")[long])
    save_array(f"{stem}.keys.npy", mapped_array(f"{source}.keys.npy")[:, long])
    write_table(f"{stem}.ids", _ids(folder, block).filter(pa.array(stays)))
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
