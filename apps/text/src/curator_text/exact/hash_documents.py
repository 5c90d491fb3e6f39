"""Read documents and hash their texts: the first step of exact deduplication.

Writes two files per block: `<task id>.arrow` with a row per document, sorted by `high`, so that the
documents of a range of hashes lie together (`high` and `low`: the halves of the text's 128-bit XXH3;
`row`: its number in the block; `position`, `length` and `line` as in `sign.py`; `order` for the keep
policy; `id`); and `<task id>.npz` with `position` by document and `bad`, as `sign.py` does, so that
removal works the same.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from curator_text.read.blocks_of_text import DocumentBlock, DocumentReader
from curator_text.read.normalize import Normalize, normalized
from curator_text.removal.array_files import save_arrays, save_table
from curator_text.removal.block_stage import BlockStage
from curator_text.removal.text_hashes import hash_texts


@dataclass(kw_only=True)
class HashDocuments(BlockStage):
    """Hash the documents of a file or span, block by block."""

    normalize: Normalize = "off"
    with_ids = True

    @property
    def reader(self) -> DocumentReader:
        """As for all blocks."""
        # To load compiled kernels for this alone takes longer than they save.
        return replace(super().reader, compiled=False)

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the hashes of a block, sorted."""
        hashes, _ = hash_texts(normalized(block.values, self.normalize))
        columns: dict[str, Any] = {
            "high": hashes[:, 0],
            "low": hashes[:, 1],
            "row": np.arange(len(hashes)),
            "position": block.position,
            "length": block.length,
            "line": block.line,
            "order": block.order.keys,
            "id": pa.nulls(len(hashes), pa.string()) if block.ids is None else block.ids,
        }
        by_hash = pa.array(np.argsort(hashes[:, 0], kind="stable"), pa.int64())
        save_table(f"{stem}.arrow", pa.table(columns).take(by_hash))
        save_arrays(f"{stem}.npz", {"position": block.position, "bad": block.bad})
