"""Stages that read documents block by block and write files per block: signing and hashing."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import CuratorError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of
from curator_engine.task import FileGroupTask
from curator_engine.trouble import raise_if_fatal
from curator_text.read.blocks_of_text import BLOCK_BYTES, DocumentBlock, DocumentReader, joined
from curator_text.read.columns import utf8
from curator_text.read.keep import KeepPolicy
from curator_text.removal.array_files import save_arrays

_PLACES = ("position", "length", "line")

type _Piece = tuple[FileGroupTask, DocumentBlock]
"""A block and the file that it is of."""


@dataclass(kw_only=True)
class BlockStage(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Read the documents of a file or span, block by block; a subclass writes what is kept of each."""

    path: str
    """Folder for the files."""
    text_field: str = "text"
    id_field: str | None = None
    keep: KeepPolicy = field(default_factory=KeepPolicy)
    block_bytes: int = BLOCK_BYTES
    max_row: int = MAX_ROW_BYTES
    """Bytes of the longest line that is read."""
    writes_to: ClassVar[tuple[str, ...]] = ("path",)
    with_ids: ClassVar[bool] = False
    """Whether the users' ids are read as well."""

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block, or per some blocks of small files; what cannot be read is rejected."""
        for given, pieces in enumerate(self._pieces(task)):
            stem = join(self.path, f"{task.task_id}_{given}")
            block = joined([each for _, each in pieces])
            long = self.write(stem, block)
            facts = self._facts(
                pieces, block, np.arange(len(block.values)) if long is None else long
            )
            metadata = {"blocks": facts} if len(facts) > 1 else {"block": facts[0]}
            yield FileGroupTask(data=[f"{stem}.npz"], _metadata=metadata)

    def _pieces(self, task: FileGroupTask) -> Iterator[list[_Piece]]:
        """The blocks that are written together: one of a large file, those of some small files."""
        together, size = list[_Piece](), 0
        files = files_of(task)
        for file in files:
            for block in self._read(file, of_several=len(files) > 1):
                together.append((file, block))
                size += block.size
                if len(files) == 1 or size > self.block_bytes:
                    yield together
                    together, size = [], 0
        if together:
            yield together

    def _read(self, file: FileGroupTask, *, of_several: bool) -> Iterator[DocumentBlock]:
        try:
            yield from self.reader.read(file, self)
        except Exception as error:
            if not of_several or isinstance(error, CuratorError):
                raise
            raise_if_fatal(error, self.name)
            # Its neighbours must not go with it.
            reason = f"{type(error).__name__}: {error}"
            self.reject(Rejection(file=file.data[0], reason=reason, rest=True))

    def _facts(
        self, pieces: list[_Piece], block: DocumentBlock, long: NDArray[np.int64]
    ) -> list[dict[str, Any]]:
        """What `corpus.Block` says of each piece."""
        counts = [len(each.values) for _, each in pieces]
        firsts = np.cumsum([0, *counts])
        firsts_long = np.searchsorted(long, firsts)
        firsts_bad = np.cumsum([0, *(len(each.bad) for _, each in pieces)])
        ends = utf8(block.values)[1]
        facts: list[dict[str, Any]] = []
        for i, (file, each) in enumerate(pieces):
            first, after = int(firsts[i]), int(firsts[i + 1])
            facts.append(
                each.facts(file)
                | {
                    "short": counts[i] - int(firsts_long[i + 1] - firsts_long[i]),
                    "text_bytes": int(ends[after] - ends[first]),
                }
                | self.more_facts
            )
            if self.max_row != MAX_ROW_BYTES:
                facts[-1]["max_row"] = self.max_row
            if len(pieces) > 1:
                facts[-1] |= {
                    "joined": True,
                    "first": first,
                    "first_long": int(firsts_long[i]),
                    "first_bad": int(firsts_bad[i]),
                }
        return facts

    @property
    def reader(self) -> DocumentReader:
        """What reads the blocks."""
        return DocumentReader(
            field=self.text_field,
            id_field=self.id_field,
            with_ids=self.with_ids,
            keep=self.keep,
            block_bytes=self.block_bytes,
            max_row=self.max_row,
        )

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the arrays of sources that are not done."""
        remove_uncommitted(self.path, committed)

    @property
    def more_facts(self) -> dict[str, Any]:
        """What else is to be known of each block."""
        return {}

    @abstractmethod
    def write(self, stem: str, block: DocumentBlock) -> NDArray[np.int64] | None:
        """Write what is kept of a block.

        Args:
            stem: Path of its files, without their endings.
            block: The documents.

        Returns:
            Those that have windows, sorted; None for all.
        """


def rows_of(block: DocumentBlock) -> dict[str, Any]:
    """Columns of a row per document: `id`, null where it has none, and where it lies, as `read_documents` takes them."""
    ids = pa.nulls(len(block.position), pa.string()) if block.ids is None else block.ids
    return {"id": ids, **{name: getattr(block, name) for name in _PLACES}}


def save_places(stem: str, block: DocumentBlock) -> None:
    """Write `<stem>.npz`: where documents lie, and the lines that are none, which removal needs."""
    save_arrays(f"{stem}.npz", {name: getattr(block, name) for name in (*_PLACES, "bad")})


def remove_uncommitted(path: str, committed: frozenset[str]) -> None:
    """Remove the files of blocks that no finished source has.

    Args:
        path: Folder for the files of blocks.
        committed: Results of finished sources.
    """
    for name in list_names(path):
        stem = name.partition(".")[0]
        if join(path, f"{stem}.npz") not in committed:
            remove(join(path, name))
