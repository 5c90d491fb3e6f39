"""How rows change workers on CPUs: through Arrow files that all workers see.

Each task is one file, sorted by partition; a worker reads its partitions from all of them. Which
rows go where is `shuffle.py`'s.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_atomic, open_read, storage_errors
from curator_engine.task import id_key, short_hash

type Span = tuple[int, int, int]
"""A partition, and its rows [start, end) of a table that is sorted by partition."""

_NOTE = b".shuffle"


class Exchange(Protocol):
    """One worker's end of one iteration of a shuffle."""

    def insert(self, task_id: str, table: pa.Table, spans: Sequence[Span]) -> None:
        """Hand over a task's rows, sorted by partition."""
        ...

    def insert_finished(self) -> None:
        """Note that this worker hands over nothing more."""
        ...

    def extract(self) -> Iterator[tuple[int, pa.Table]]:
        """This worker's partitions that have rows, in the order of their tasks."""
        ...

    def close(self) -> None:
        """Let go of what is held outside this process's memory."""
        ...


@dataclass(kw_only=True)
class FileExchange:
    """An exchange through files."""

    folder: str
    """Where the files are; of this iteration alone."""
    partitions: int
    rank: int = 0
    size: int = 1
    _files: list[tuple[str, str, list[int]]] = field(
        default_factory=list[tuple[str, str, list[int]]], init=False
    )
    """Task id, file and the partition of each of its batches, in the order of tasks."""

    def insert(self, task_id: str, table: pa.Table, spans: Sequence[Span]) -> None:
        """Write a task's rows to a file."""
        batches = [
            (partition, batch)
            for partition, start, end in spans
            for batch in table.slice(start, end - start).to_batches()
        ]
        note = {"task": task_id, "partitions": [partition for partition, _ in batches]}
        metadata = {**(table.schema.metadata or {}), _NOTE: json.dumps(note).encode()}
        path = join(self.folder, f"{short_hash(task_id)}.arrow")
        with (
            open_atomic(path) as file,
            pa.ipc.new_file(cast("Any", file), table.schema.with_metadata(metadata)) as writer,
        ):
            for _, batch in batches:
                writer.write_batch(batch)

    def insert_finished(self) -> None:
        """Find what all workers have written; to be called when the last insert is done."""
        self._files = []
        for name in list_names(self.folder):
            if name.endswith(".arrow"):
                path = join(self.folder, name)
                with _opened(path) as reader:
                    note = json.loads((reader.schema.metadata or {})[_NOTE])
                self._files.append((note["task"], path, note["partitions"]))
        self._files.sort(key=lambda each: id_key(each[0]))

    def extract(self) -> Iterator[tuple[int, pa.Table]]:
        """Every `size`-th partition that has rows, one at a time in memory."""
        for partition in range(self.rank, self.partitions, self.size):
            tables = [
                _part(path, [i for i, each in enumerate(present) if each == partition])
                for _, path, present in self._files
                if partition in present
            ]
            if tables:
                table = pa.concat_tables(tables, promote_options="permissive")
                yield partition, table.combine_chunks()

    def close(self) -> None:
        """Nothing to do: the files go when all workers are done."""


@contextmanager
def _opened(path: str) -> Generator[Any]:
    with storage_errors(path, "reading"), open_read(path) as file:
        yield pa.ipc.open_file(cast("Any", file))


def _part(path: str, positions: list[int]) -> pa.Table:
    """Some batches of a task's file."""
    with _opened(path) as reader:
        table = pa.Table.from_batches([reader.get_batch(i) for i in positions])
        metadata: dict[bytes, bytes] = dict(reader.schema.metadata or {})
    metadata.pop(_NOTE)
    return table.replace_schema_metadata(metadata or None)
