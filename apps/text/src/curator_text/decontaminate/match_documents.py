"""Read documents and look for n-grams of evaluation sets in them: the first step of `decontaminate`.

Writes three files per block: `<task id>.arrow` with a row per document (`id`, which is null where the document
has none; `position`, `length` and `line` as in `sign.py`), `<task id>.hits.npy` with what was found, as
`EvaluationIndex.find` gives it, and `<task id>.npz` with `position` by document and `bad`, which removal needs.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_text.decontaminate.evaluation_index import load_index
from curator_text.read.blocks_of_text import DocumentBlock, DocumentReader
from curator_text.removal.array_files import (
    load_array,
    save_array,
    save_table,
)
from curator_text.removal.block_stage import BlockStage, rows_of, save_places
from curator_text.removal.corpus import Block, Corpus

HITS_ENDING = ".hits.npy"


@dataclass(kw_only=True)
class MatchDocuments(BlockStage):
    """Look for n-grams of an index in the documents of a file or span, block by block."""

    index: str
    """Folder of the index."""
    index_key: str
    """Changes with what the index is made of."""
    cuts: bool = False
    """Whether passages are cut out of the texts, which are written back then."""
    with_ids = True

    @property
    def reader(self) -> DocumentReader:
        """As for all blocks; where passages are cut, only of texts that can be written back."""
        return replace(super().reader, derives=not self.cuts)

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write what was found in a block."""
        save_table(f"{stem}.arrow", pa.table(rows_of(block)))
        save_array(f"{stem}{HITS_ENDING}", load_index(self.index).find(block.values))
        save_places(stem, block)


def hits_of(corpus: Corpus, block: Block, ignored: NDArray[np.bool_]) -> NDArray[np.int64]:
    """What was found in a block, documents numbered from its first one.

    Args:
        corpus: The documents.
        block: One of its blocks.
        ignored: Which n-grams do not count.
    """
    hits = load_array(corpus.path(block, HITS_ENDING))
    if block.joined:
        low, high = np.searchsorted(hits[:, 0], (block.first, block.first + block.documents))
        hits = hits[low:high] - np.array([block.first, 0, 0, 0])
    return np.ascontiguousarray(hits[~ignored[hits[:, 1]]])
