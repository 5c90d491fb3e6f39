"""Stages that read documents block by block and write files per block: signing and hashing."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_text.read.blocks_of_text import BLOCK_BYTES, DocumentBlock, DocumentReader
from curator_text.read.keep import KeepPolicy


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

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block; what cannot be read is rejected."""
        for given, block in enumerate(self.reader.read(task, self)):
            yield self.write(task, block, given)

    @property
    def reader(self) -> DocumentReader:
        """What reads the blocks."""
        return DocumentReader(
            field=self.text_field,
            id_field=self.id_field,
            keep=self.keep,
            block_bytes=self.block_bytes,
            max_row=self.max_row,
        )

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the arrays of sources that are not done."""
        for name in list_names(self.path):
            stem = name.partition(".")[0]
            if join(self.path, f"{stem}.npz") not in committed:
                remove(join(self.path, name))

    @abstractmethod
    def write(self, task: FileGroupTask, block: DocumentBlock, given: int) -> FileGroupTask:
        """Write what is kept of a block, and return its reference.

        Args:
            task: What the block was read from.
            block: The documents.
            given: Blocks of the task before this one.
        """
