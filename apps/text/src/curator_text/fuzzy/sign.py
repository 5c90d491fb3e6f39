"""Read documents and sign them: the first step of fuzzy deduplication.

Writes three or four files per block:

- `<task id>.npy`: the lower half of each signature row, shape (documents with windows, hashes).
- `<task id>.keys.npy`: the keys of each band, shape (bands, documents with windows).
- `<task id>.order.arrow`: what the keep policy compares, unless that is the place of a document.
- `<task id>.npz`: per document `position` (byte offset or row), `length` (bytes of its line), `line` (in
  the block) and `hash` (two halves of the text's 128-bit XXH3); per document with windows `long` (its
  index); per unreadable line `bad` (its position).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.task import ArrowArray, short_hash
from curator_text.fuzzy.lsh import band_keys
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.read.columns import utf8
from curator_text.removal.array_files import save_array, save_arrays, save_table
from curator_text.removal.block_stage import BlockStage
from curator_text.removal.corpus import ORDER_ENDING
from curator_text.removal.text_hashes import hash_texts
from curator_text.signatures.minhash import Method
from curator_text.signatures.signer import sign_texts

_ROWS_AT_A_TIME = 1 << 21
"""Rows of signatures that are in memory in full, at ten bytes each."""


@dataclass(kw_only=True)
class SignDocuments(BlockStage):
    """Sign the documents of a file or span, block by block."""

    method: Method = "fast"
    char_ngrams: int = 24
    num_bands: int = 20
    minhashes_per_band: int = 13
    seed: int = 42
    device: Device = "cpu"
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)

    @property
    def more_facts(self) -> dict[str, str]:
        """What identifies the settings."""
        settings = [self.text_field, self.method, self.char_ngrams, self.seed, self.keep]
        bands = [self.num_bands, self.minhashes_per_band]
        return {"signing": short_hash(repr([*settings, *bands]))}

    def write(self, stem: str, block: DocumentBlock) -> NDArray[np.int64]:
        """Write the signatures of a block and the keys of their bands."""
        long = np.flatnonzero(_have_windows(block.values, self.char_ngrams))
        with_windows = block.values
        if len(long) < len(with_windows):
            with_windows = with_windows.take(pa.array(long, pa.int64()))
        signed, keys = self._signatures(with_windows)
        hashes, _ = hash_texts(block.values)
        save_array(f"{stem}.npy", signed)
        save_array(f"{stem}.keys.npy", keys)
        if self.keep.kind != "first":
            save_table(f"{stem}{ORDER_ENDING}", pa.table({"order": block.order.keys}))
        save_arrays(
            f"{stem}.npz",
            {
                "position": block.position,
                "length": block.length,
                "line": block.line,
                "hash": hashes,
                "long": long,
                "bad": block.bad,
            },
        )
        return long

    def _signatures(self, texts: ArrowArray) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
        """Rows of signatures, and keys of bands, of texts with windows; a part of them at a time."""
        bands, rows = self.num_bands, self.minhashes_per_band
        signed = np.empty((len(texts), bands * rows), np.uint16)
        keys = np.empty((bands, len(texts)), np.uint64)
        step = max(1, _ROWS_AT_A_TIME // (bands * rows))
        for at in range(0, len(texts), step):
            part = slice(at, at + step)
            whole = sign_texts(
                texts.slice(at, step),
                char_ngrams=self.char_ngrams,
                num_hashes=bands * rows,
                seed=self.seed,
                method=self.method,
                device=self.device,
            )
            # Two rows that differ have the same lower half once in 65,536 times: enough for an estimate.
            signed[part] = whole.astype(np.uint16)
            keys[:, part] = band_keys(whole, num_bands=bands, minhashes_per_band=rows)
        return signed, keys


def count_characters(texts: ArrowArray) -> NDArray[np.int64]:
    """Characters of each text."""
    from curator_text.kernels import hash_kernels

    text, offsets = utf8(texts)
    counts = np.empty(len(offsets) - 1, np.int64)
    hash_kernels.count_characters(text, offsets, counts)
    return counts


def _have_windows(texts: ArrowArray, char_ngrams: int) -> NDArray[np.bool_]:
    """Whether each text has at least so many characters."""
    sizes = np.diff(utf8(texts)[1])
    have = sizes >= char_ngrams
    # A character has at most four bytes, so only the texts in between must be counted.
    unsure = np.flatnonzero(have & (sizes < 4 * char_ngrams))
    if len(unsure):
        have[unsure] = count_characters(texts.take(pa.array(unsure, pa.int64()))) >= char_ngrams
    return have
