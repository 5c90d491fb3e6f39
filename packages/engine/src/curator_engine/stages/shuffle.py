"""Bring the rows with the same key together: one Parquet file per partition.

A row's partition follows from its keys alone and its place from its task and position, so the files
are the same, byte for byte, for any number of workers. Each task is spilled, sorted by partition, to
`<path>/.shuffle`, from where each worker reads its partitions; workers on several nodes need a `path`
that all of them see. Who runs several workers is `executors/shuffle.py`'s. There is no form for GPUs
(rapidsmpf over UCXX) yet.
"""

import hashlib
import itertools
import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.checkpoint import fingerprint
from curator_engine.errors import PipelineError
from curator_engine.runner import group_id
from curator_engine.stage import PoolKind, ProcessingStage, Shuffle, kind_of
from curator_engine.stages.partition import partition_of
from curator_engine.storage import (
    exists,
    join,
    list_names,
    open_atomic,
    open_read,
    read_bytes,
    remove,
    remove_tree,
    storage_errors,
    write_atomic,
)
from curator_engine.task import LINE_COLUMN, FileGroupTask, TableTask, id_key, short_hash

_FOLDER = ".shuffle"


@dataclass(kw_only=True)
class ShuffleStage(ProcessingStage[TableTask, FileGroupTask]):
    """Write rows to `<path>/<group>_<partition>.parquet`, those with equal keys to the same file.

    The group is a hash of the input tasks' ids. Rows are in the order of their tasks' ids, then of
    their positions; a partition without rows has no file.
    """

    keys: list[str]
    """Columns whose values together are the key: numbers, text, bytes, times; null is a value."""
    path: str
    """Output folder."""
    num_partitions: int | None = None
    """None: what `pool_kind` says, or else one per input task."""
    batch_size: int | None = None
    pool_kind: ClassVar[PoolKind] = Shuffle()
    aligned: ClassVar[bool] = False
    _now: "_Shuffle | None" = field(default=None, init=False, repr=False)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The keys."""
        return ["data"], self.keys

    def process(self, task: TableTask) -> FileGroupTask:
        """Never called: rows of several tasks come together.

        Raises:
            PipelineError: Always.
        """
        raise PipelineError(f"{self.name} takes all tasks at once; call process_batch().")

    def process_batch(self, tasks: list[TableTask]) -> list[FileGroupTask]:
        """The shuffle in one process, band range after band range.

        Returns:
            A task per file, in the order of band ranges, then of partitions.
        """
        tasks = sorted(tasks, key=lambda task: id_key(task.task_id))
        group, outputs = group_id(tasks), list[FileGroupTask]()
        for bands in self.band_ranges():
            kept = self.kept(group, bands, map(self.digest, tasks)) if bands else None
            if kept is None:
                self.clear(group, bands)
                self.begin(group, num_tasks=len(tasks), bands=bands)
                digests = [self.insert(task) for task in tasks]
                self.insert_finished()
                kept = self.extract_and_write()
                self.finish(group, bands, digests, kept)
            outputs += kept
        return outputs

    def band_ranges(self) -> Sequence[tuple[int, int] | None]:
        """The bands [start, end) of each iteration; one None where there are no bands."""
        kind = kind_of(self)
        return (isinstance(kind, Shuffle) and kind.band_ranges) or [None]

    def cut(self, table: pa.Table, bands: tuple[int, int]) -> pa.Table:
        """The rows of the bands [start, end), for a stage whose `pool_kind` has band ranges.

        Raises:
            PipelineError: The stage has not defined it.
        """
        raise PipelineError(f"{self.name} has band ranges, so it must define cut(table, bands).")

    def begin(
        self,
        group: str,
        *,
        num_tasks: int,
        rank: int = 0,
        size: int = 1,
        bands: tuple[int, int] | None = None,
    ) -> None:
        """Start to insert, in one of `size` workers.

        Args:
            group: Names the shuffle: `runner.group_id` of all tasks in order.
            num_tasks: Their number.
            rank: Which worker this is.
            size: The number of workers.
            bands: The range [start, end) of this iteration, if there are bands.

        Raises:
            PipelineError: The number of partitions is below 1.
        """
        kind = kind_of(self)
        wanted = kind.num_partitions if isinstance(kind, Shuffle) else None
        partitions = next(
            n for n in (self.num_partitions, wanted, max(1, num_tasks)) if n is not None
        )
        if partitions < 1:
            raise PipelineError(f"{self.name}: num_partitions={partitions} is below 1.")
        self._now = _Shuffle(
            group=_name(group, bands), partitions=partitions, rank=rank, size=size, bands=bands
        )

    def insert(self, task: TableTask) -> str:
        """Spill a task's rows by partition; returns a digest of them."""
        now = self._shuffle()
        table = task.data if now.bands is None else self.cut(task.data, now.bands)
        table = table.select([name for name in table.column_names if name != LINE_COLUMN])
        parts = partition_of(table, self.keys, now.partitions)
        order = np.argsort(parts, kind="stable")
        table = table.take(order).combine_chunks()
        present, starts = np.unique(parts[order], return_index=True)
        cuts = itertools.pairwise([*starts.tolist(), table.num_rows])
        batches = [
            (partition, batch)
            for partition, (start, end) in zip(present.tolist(), cuts, strict=True)
            for batch in table.slice(start, end - start).to_batches()
        ]
        note = {"task": task.task_id, "partitions": [partition for partition, _ in batches]}
        metadata = {**(table.schema.metadata or {}), _FOLDER.encode(): json.dumps(note).encode()}
        path = join(self._spill(now.group), f"{short_hash(task.task_id)}.arrow")
        with (
            open_atomic(path) as file,
            pa.ipc.new_file(cast("Any", file), table.schema.with_metadata(metadata)) as writer,
        ):
            for _, batch in batches:
                writer.write_batch(batch)
        return self.digest(task)

    def digest(self, task: TableTask) -> str:
        """32 hexadecimal digits of a task's rows and schema."""
        sink = pa.BufferOutputStream()
        table = task.data.combine_chunks()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return hashlib.blake2b(memoryview(sink.getvalue()), digest_size=16).hexdigest()

    def insert_finished(self) -> None:
        """Find what all workers have spilled; to be called when the last insert is done."""
        now = self._shuffle()
        now.files = []
        for name in list_names(self._spill(now.group)):
            if name.endswith(".arrow"):
                path = join(self._spill(now.group), name)
                with _spilled(path) as reader:
                    note = json.loads((reader.schema.metadata or {})[_FOLDER.encode()])
                now.files.append((note["task"], path, note["partitions"]))
        now.files.sort(key=lambda each: id_key(each[0]))

    def extract_and_write(self) -> list[FileGroupTask]:
        """Write this worker's partitions, one at a time in memory; a task for each that has rows."""
        now = self._shuffle()
        outputs: list[FileGroupTask] = []
        for partition in range(now.rank, now.partitions, now.size):
            tables = [
                _part(path, [i for i, each in enumerate(present) if each == partition])
                for _, path, present in now.files
                if partition in present
            ]
            if tables:
                path = join(self.path, f"{now.group}_{partition:05d}.parquet")
                table = pa.concat_tables(tables, promote_options="permissive").combine_chunks()
                with open_atomic(path) as file:
                    pq.write_table(table, file, compression="zstd")
                outputs.append(FileGroupTask(data=[path], _metadata={"partition": partition}))
        return outputs

    def clear(self, group: str, bands: tuple[int, int] | None) -> None:
        """Remove what an earlier attempt at this iteration left behind."""
        name = _name(group, bands)
        remove(self._marker(name))
        remove_tree(self._spill(name))
        for each in list_names(self.path):
            if each.rpartition("_")[0] == name:
                remove(join(self.path, each))

    def finish(
        self,
        group: str,
        bands: tuple[int, int] | None,
        digests: Sequence[str],
        outputs: Sequence[FileGroupTask],
    ) -> None:
        """Remove what was spilled; an iteration over bands leaves a marker, so that it is kept.

        Args:
            group: Names the shuffle.
            bands: The iteration.
            digests: Of all tasks in order.
            outputs: Of all workers.
        """
        name = _name(group, bands)
        if bands is not None:
            record = {"stamp": self._stamp(digests), "files": [task.data[0] for task in outputs]}
            write_atomic(self._marker(name), json.dumps(record).encode())
        remove_tree(self._spill(name))

    def has_marker(self, group: str, bands: tuple[int, int]) -> bool:
        """Whether this iteration was once finished."""
        return exists(self._marker(_name(group, bands)))

    def kept(
        self, group: str, bands: tuple[int, int], digests: Iterator[str] | Sequence[str]
    ) -> list[FileGroupTask] | None:
        """What an earlier run made of the same rows with the same settings, or None."""
        if not self.has_marker(group, bands):
            return None
        record = json.loads(read_bytes(self._marker(_name(group, bands))))
        files: list[str] = record["files"]
        if record["stamp"] != self._stamp(list(digests)) or not all(map(exists, files)):
            return None
        number = [int(path.removesuffix(".parquet").rpartition("_")[2]) for path in files]
        return [
            FileGroupTask(data=[path], _metadata={"partition": partition})
            for path, partition in zip(files, number, strict=True)
        ]

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files of a killed run that neither a finished source nor a marker stands for."""
        folder = join(self.path, _FOLDER)
        kept: set[str] = set(committed)
        for name in list_names(folder):
            if name.endswith(".done"):
                kept |= set(json.loads(read_bytes(join(folder, name)))["files"])
        for name in list_names(self.path):
            if name.endswith((".parquet", ".tmp")) and join(self.path, name) not in kept:
                remove(join(self.path, name))

    def _stamp(self, digests: Sequence[str]) -> str:
        return short_hash(fingerprint([self]), *digests)

    def _shuffle(self) -> "_Shuffle":
        if self._now is None:
            raise PipelineError(f"{self.name}: call begin() first.")
        return self._now

    def _spill(self, name: str) -> str:
        return join(self.path, _FOLDER, name)

    def _marker(self, name: str) -> str:
        return join(self.path, _FOLDER, f"{name}.done")


@dataclass(kw_only=True)
class _Shuffle:
    """One iteration, in one worker."""

    group: str
    partitions: int
    rank: int
    size: int
    bands: tuple[int, int] | None
    files: list[tuple[str, str, list[int]]] = field(
        default_factory=list[tuple[str, str, list[int]]]
    )
    """Task id, spilled file and its partitions, in the order of tasks."""


def _name(group: str, bands: tuple[int, int] | None) -> str:
    return group if bands is None else f"{group}_bands{bands[0]}-{bands[1]}"


@contextmanager
def _spilled(path: str) -> Generator[Any]:
    with storage_errors(path, "reading"), open_read(path) as file:
        yield pa.ipc.open_file(cast("Any", file))


def _part(path: str, positions: list[int]) -> pa.Table:
    """Some batches of a spilled task."""
    with _spilled(path) as reader:
        table = pa.Table.from_batches([reader.get_batch(i) for i in positions])
        metadata: dict[bytes, bytes] = dict(reader.schema.metadata or {})
    metadata.pop(_FOLDER.encode())
    return table.replace_schema_metadata(metadata or None)
