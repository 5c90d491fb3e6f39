"""Remove the documents whose id is on a list, and note which ids of the list were met.

The list is kept as sorted 128-bit hashes of the ids, 16 bytes each, in every worker. Ids are compared
as texts, so the number 5 and the text "5" are the same id.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import BrokenFileError, iter_blocks
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import find_inputs, format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.task import ArrowArray, TableTask
from curator_text.read.columns import as_ids
from curator_text.read.line_values import line_ids
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays, save_arrays
from curator_text.removal.text_hashes import hash_texts


@dataclass(frozen=True, kw_only=True)
class ListedIds:
    """Ids by the halves of their hashes, sorted, each once."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]

    def find(self, ids: ArrowArray) -> NDArray[np.int64]:
        """Place of each id on the list, -1 if it is not there.

        Args:
            ids: Texts without nulls.
        """
        hashes, _ = hash_texts(ids)
        first = np.searchsorted(self.high, hashes[:, 0])
        last = np.searchsorted(self.high, hashes[:, 0], side="right")
        places = np.full(len(ids), -1, np.int64)
        # Nearly always one; two ids of a list of 10^9 may share half of their hash.
        for step in range(int(np.max(last - first, initial=0))):
            there = np.flatnonzero(first + step < last)
            match = there[self.low[first[there] + step] == hashes[there, 1]]
            places[match] = first[match] + step
        return places


def read_listed_ids(paths: list[str], field: str) -> ListedIds:
    """Read the ids from files of JSON lines or Parquet; missing ids are passed over.

    Args:
        paths: Files, folders, globs or URLs.
        field: The field with the id.

    Raises:
        InputError: A path is missing, the field is in none of the files, or a file cannot be read
            to its end: then it is not known what should go.
    """
    files = find_inputs(paths).files
    check_text_field(files, field, option="duplicate id")
    parts = [hash_texts(ids.drop_null())[0] for file in files for ids in read_ids(file, field)]
    hashes = np.concatenate([np.empty((0, 2), np.uint64), *parts])
    hashes = np.unique(hashes, axis=0)
    return ListedIds(high=hashes[:, 0].copy(), low=hashes[:, 1].copy())


def read_ids(file: FileInfo, field: str) -> Iterator[ArrowArray]:
    """The ids in a file of JSON lines or Parquet, null where there are none.

    Raises:
        InputError: It cannot be read to its end.
    """
    if format_of(file.path) == "parquet":
        for _, table in iter_row_groups(file.path, [field]):
            if field in table.column_names:
                yield as_ids(table.column(field))
        return
    try:
        for offset, data in iter_blocks(file.path):
            block = read_block(data)
            if block.bad:
                bad = block.bad[0]
                raise InputError(
                    f"{file.path}: the line at byte {offset + bad.start} is {bad.reason}; "
                    "mend the list of ids first."
                )
            yield line_ids(data, block, field)
    except BrokenFileError as error:
        raise InputError(f"{file.path} is {error.reason}; mend the list of ids first.") from error


@dataclass(kw_only=True)
class RemoveListed(ProcessingStage[TableTask, TableTask]):
    """Remove the documents that are listed.

    A result's metadata has `num_documents`, `num_removed` and `met`: a file with `listed`, the places
    on the list of the ids that the task's documents have.
    """

    ids_file: str
    """Of `ListedIds`, written by `save_arrays`."""
    ids_key: str
    """Changes with the list."""
    path: str
    """Folder for the files of `met`."""
    id_field: str
    drop_fields: list[str] = field(default_factory=list[str])
    """Columns that are not handed on."""
    _ids: ListedIds | None = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the list."""
        self._ids = ListedIds(**load_arrays(self.ids_file))

    def teardown(self) -> None:
        """Let the list go."""
        self._ids = None

    def process(self, task: TableTask) -> TableTask:
        """The documents that stay, perhaps none: the counts travel with the task."""
        places = self._places(task.data)
        gone = places >= 0
        met = join(self.path, f"{task.task_id}.npz")
        save_arrays(met, {"listed": np.unique(places[gone])})
        task = task.select(~gone) if gone.any() else task.fork()
        removed = int(gone.sum())
        if removed:
            self.count_drops({"listed": removed})
        task._metadata |= {"num_documents": len(gone), "num_removed": removed, "met": met}
        unwanted = [name for name in self.drop_fields if name in task.data.column_names]
        task.data = task.data.drop_columns(unwanted)
        return task

    def _places(self, table: pa.Table) -> NDArray[np.int64]:
        """Place on the list of each document's id; -1 if it is not there, or there is no id."""
        places = np.full(table.num_rows, -1, np.int64)
        if self._ids is not None and self.id_field in table.column_names:
            ids = as_ids(table.column(self.id_field))
            named = ids.is_valid().to_numpy(zero_copy_only=False)
            places[named] = self._ids.find(ids.drop_null())
        return places
