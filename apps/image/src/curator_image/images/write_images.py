"""Write the pictures that are kept: out of the input files again, byte for byte.

Which those are is read from a table of marks, so that it can change without anything being decoded.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import pyarrow as pa

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.listing import check_unchanged
from curator_engine.files.paths import join, utf8_name
from curator_engine.files.storage import remove_others
from curator_engine.stage import ProcessingStage
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe
from curator_image.images.as_folder import write_loose
from curator_image.images.as_input import copy_picture, copy_samples, copy_table
from curator_image.images.counts import with_counts
from curator_image.images.kept import Kept, Placed, read_marks
from curator_image.images.packed import pack_tables, pack_tars
from curator_image.images.reencode import Kind, reencode_as
from curator_image.read.images import kind_of

type OutputFormat = Literal["as-input", "webdataset", "parquet", "folder"]
DATA = "data"
"""The folder of the kept pictures."""
PLACED = pa.schema([pa.field("uuid", pa.string()), pa.field("path", pa.string())])
"""Where each written picture lies, from the folder of the run."""


@dataclass(kw_only=True)
class WriteImages(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the kept pictures of input files; gives a reference to a table of where each lies.

    That table comes last: where it is, what it speaks of is complete. The same input and marks give the
    same files, also after a run that was killed.
    """

    marks: str
    """A Parquet file that says which pictures are kept: columns `source` (name of the input file),
    `position` (number of the picture in it), `member`, `keep`, `uuid`."""
    output: str
    """Folder of the run; pictures go into `data/` below it."""
    parts: str
    """Folder for the tables, of `PLACED`, with counts of what is stored with pictures and not written."""
    output_format: OutputFormat = "as-input"
    """As-input: a copy of each loose picture, a tar of a tar, a table of a table, tars of a list."""
    reencode: Kind = "off"
    """What pictures are written as; off keeps their bytes. As-input keeps them always."""
    quality: int = 90
    """Of a picture that is written anew, from 1 to 100."""
    max_side: int | None = None
    """Pixels of its longer side, at most."""
    images_per_file: int = 1000
    """Pictures in a webdataset tar or Parquet file, at most."""
    max_bytes: int = 1 << 30
    """Bytes in such a file, unless a single sample is larger."""
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def __post_init__(self) -> None:
        """Look at the numbers.

        Raises:
            SettingsError: One is out of range.
        """
        if self.images_per_file < 1 or self.max_bytes < 1:
            raise SettingsError("WriteImages needs images_per_file and max_bytes of at least 1.")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write what is kept of the task's files.

        Raises:
            InputError: A file has changed since it was measured.
            UnreadableFileError: A file cannot be read.
            StorageError: A file cannot be written.
        """
        files = files_of(task)
        kept = list(zip(files, read_marks(self.marks, files), strict=True))
        for file, marks in kept:
            if marks.ids:
                check_unchanged(file.data[0], file.stamp)
        left_out = Counter[str]()
        placed = [self._told(each) for each in self._write(kept, left_out)]
        wanted = {uuid for _, marks in kept for uuid in marks.ids.values()}
        if missing := wanted - {each.uuid for each in placed}:
            raise InputError(
                f"{len(missing):,} kept pictures are not in {task.data[0]} any more: it has changed "
                "since it was measured; run again."
            )
        part = join(self.parts, f"{file_safe(task.task_id)}.parquet")
        rows = {"uuid": [e.uuid for e in placed], "path": [e.path for e in placed]}
        write_table(part, with_counts(pa.table(rows, PLACED), left_out))
        self.log_metric("images_written", len(placed))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _write(
        self, files: list[tuple[FileGroupTask, Kept]], left_out: Counter[str]
    ) -> Iterator[Placed]:
        folder = join(self.output, DATA)
        if self.output_format == "as-input":
            yield from self._copy(files, folder, left_out)
            return
        how = reencode_as(self.reencode, quality=self.quality, max_side=self.max_side)
        if self.output_format == "folder":
            yield from write_loose(files, folder, reencode=how, left_out=left_out)
            return
        pack = pack_tars if self.output_format == "webdataset" else pack_tables
        yield from pack(
            files,
            folder,
            most=self.images_per_file,
            max_bytes=self.max_bytes,
            reencode=how,
            left_out=left_out,
        )

    def _copy(
        self, files: list[tuple[FileGroupTask, Kept]], folder: str, left_out: Counter[str]
    ) -> Iterator[Placed]:
        for file, kept in files:
            kind = kind_of(file.data[0]) if kept.ids else "none"
            if kind == "list":
                stem = name_of(file).partition(".")[0]
                yield from pack_tars(
                    [(file, kept)],
                    folder,
                    most=self.images_per_file,
                    max_bytes=self.max_bytes,
                    left_out=left_out,
                    stem=stem,
                )
            elif kind != "none":
                yield from _COPIES[kind](file, kept, folder)

    def _told(self, placed: Placed) -> Placed:
        """With its path from the folder of the run."""
        return Placed(
            uuid=placed.uuid,
            path=utf8_name(placed.path.removeprefix(f"{self.output.rstrip('/')}/")),
        )


_COPIES = {"picture": copy_picture, "tar": copy_samples, "table": copy_table}
