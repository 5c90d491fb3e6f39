"""Read documents and hash their n-grams: the first step of `train`.

Writes one file per block, `<task id>.npz`: `hashes` (of the texts; shape (documents,)), `places` of the n-grams of
all documents, `ends`: where those of each document end, and `text` with `offsets`: the texts in lower case.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_text.models.linear_model import lowered
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.removal.array_files import save_arrays
from curator_text.removal.block_stage import BlockStage
from curator_text.removal.text_hashes import hash_texts


@dataclass(frozen=True, kw_only=True)
class Ngrams:
    """How n-grams of texts are made."""

    order: int = 2
    """Tokens of the longest one."""
    most: int = 5000
    """Tokens of a text that count, from its beginning."""
    bits: int = 20
    """Bits of a place."""

    def places(
        self, text: NDArray[np.uint8], offsets: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The places of the n-grams of some texts, and where those of each end.

        Args:
            text: UTF-8 of all, in lower case.
            offsets: Where each begins, and where the last one ends.
        """
        from curator_text.kernels import linear_kernels

        room = int(offsets[-1] - offsets[0]) * self.order
        hashes, ends = np.empty(room, np.uint64), np.zeros(len(offsets) - 1, np.int64)
        linear_kernels.hash_ngrams(text, offsets, self.order, self.most, hashes, ends)
        count = int(ends[-1]) if len(ends) else 0
        return (hashes[:count] >> np.uint64(64 - self.bits)).astype(np.uint32), ends


@dataclass(kw_only=True)
class ReadNgrams(BlockStage):
    """Hash the n-grams of the documents of a file or span, block by block."""

    ngrams: Ngrams

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write those of a block."""
        text, offsets = lowered(block.values)
        places, ends = self.ngrams.places(text, offsets)
        arrays = {
            "hashes": hash_texts(block.values)[0][:, 0],
            "places": places,
            "ends": ends,
            "text": text[offsets[0] : offsets[-1]],
            "offsets": offsets - offsets[0],
        }
        save_arrays(f"{stem}.npz", arrays)
