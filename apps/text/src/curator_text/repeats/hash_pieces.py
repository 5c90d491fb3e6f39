"""Hash the lines of documents, or their windows: the first step of `lines` and `substring`.

Writes two files per block, or three: `<task id>.pieces.npy`, see `pieces.py`; `<task id>.npz` with
`position`, `length`, `line` and `bad` as `sign.py` does; `<task id>.order.arrow` as there.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.task import short_hash
from curator_text.read.blocks_of_text import DocumentBlock, DocumentReader
from curator_text.read.columns import utf8
from curator_text.removal.array_files import save_table
from curator_text.removal.block_stage import BlockStage, save_places
from curator_text.removal.corpus import ORDER_ENDING
from curator_text.repeats.pieces import save_pieces

type Columns = list[NDArray[Any]]
type Fill = Callable[..., int]
_KINDS = (np.uint64, np.uint64, np.int64, np.int64, np.int64)


@dataclass(kw_only=True)
class HashPieces(BlockStage):
    """Hash pieces of documents, block by block."""

    cuts: bool = False
    """Whether passages are cut out of the texts, which are written back then."""
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)

    @property
    def reader(self) -> DocumentReader:
        """As for all blocks; where passages are cut, only of texts that can be written back."""
        return replace(super().reader, derives=not self.cuts)

    @property
    def more_facts(self) -> dict[str, str]:
        """What identifies the settings."""
        return {"signing": short_hash(repr([self.text_field, self.keep, *self.settings]))}

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the pieces of a block."""
        text, offsets = utf8(block.values)
        save_pieces(stem, *self.hashed(text, offsets))
        if self.keep.kind != "first":
            save_table(f"{stem}{ORDER_ENDING}", pa.table({"order": block.order.keys}))
        save_places(stem, block)

    @property
    @abstractmethod
    def settings(self) -> list[Any]:
        """What the pieces depend on."""

    @abstractmethod
    def hashed(self, text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Columns:
        """The columns of `pieces.PIECE` of some texts."""


@dataclass(kw_only=True)
class HashWindows(HashPieces):
    """Hash the windows of documents: runs of neighbours with the same smallest gram together."""

    window: int
    """Bytes."""

    @property
    def settings(self) -> list[Any]:
        """The windows' size."""
        return ["windows", self.window]

    def hashed(self, text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Columns:
        """The gram's hash, that of all bytes of a run, text, first window, number of windows."""
        from curator_text.kernels import repeat_kernels

        gram = gram_of(self.window)

        def fill(*out: NDArray[Any]) -> int:
            return int(repeat_kernels.sample(text, offsets, self.window, gram, *out))

        return _filled(fill, len(text) * 3 // (self.window - gram + 1))


def gram_of(window: int) -> int:
    """Bytes of the grams that runs of windows are told by: few runs with short ones, few chance hits with long ones."""
    return max(1, min(window // 2, 64))


@dataclass(kw_only=True)
class HashUnits(HashPieces):
    """Hash the lines or paragraphs of documents."""

    unit: Literal["line", "paragraph"]
    least: int
    """Bytes of the shortest one that counts, without the white space around it."""

    @property
    def settings(self) -> list[Any]:
        """What a unit is."""
        return [self.unit, self.least]

    def hashed(self, text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Columns:
        """Two hashes, text, start, bytes with the line feeds."""
        from curator_text.kernels import repeat_kernels

        feeds = 1 if self.unit == "line" else 2

        def fill(*out: NDArray[Any]) -> int:
            return int(repeat_kernels.hash_units(text, offsets, feeds, self.least, *out))

        return _filled(fill, len(text) // max(self.least, 32))


def _filled(fill: Fill, room: int) -> Columns:
    """What `fill` puts into columns, which get twice the room until it is enough."""
    room += 64
    while True:
        columns = [np.empty(room, kind) for kind in _KINDS]
        found = fill(*columns)
        if found >= 0:
            return [column[:found] for column in columns]
        room *= 2
