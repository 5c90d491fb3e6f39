"""Bring the rows with the same key together: one Parquet file per partition.

A row's partition follows from its keys alone and its place from its task and position, so the files
are the same, byte for byte, for any number of workers and with or without GPUs. On CPUs the rows
travel through `<path>/.shuffle` (`file_exchange.py`), so workers on several nodes need a `path` that
all of them see; on GPUs from one to the other (`gpu_exchange.py`). Who runs several workers is
`on_ray/shuffle_pool.py`'s.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.device import Device
from curator_engine.errors import PipelineError, ResourceError, SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_names,
    read_bytes,
    remove,
    remove_tree,
    write_atomic,
)
from curator_engine.resources import NodeInfo, WorkerMetadata
from curator_engine.running.checkpoint import fingerprint
from curator_engine.running.runner import group_id
from curator_engine.stage import PoolKind, ProcessingStage, Rejection, Shuffle, kind_of
from curator_engine.stages.file_exchange import Exchange, FileExchange, Span
from curator_engine.stages.gpu_exchange import GpuExchange, missing_package, why_not
from curator_engine.stages.partition import partition_of
from curator_engine.stages.table_files import write_table
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
    device: Device = "auto"
    """Where rows travel. "auto": from GPU to GPU where all workers have one with rapidsmpf and
    cudf-streaming; several workers have one if `resources` say so."""
    spill_above: float | None = None
    """Share of a GPU's memory beyond which rows wait in host memory; None for rapidsmpf's own."""
    batch_size: int | None = None
    pool_kind: ClassVar[PoolKind] = Shuffle()
    aligned: ClassVar[bool] = False
    _now: "_Shuffle | None" = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def __post_init__(self) -> None:
        if self.spill_above is not None and not 0.01 <= self.spill_above <= 1:
            raise SettingsError(
                f"{self.name}: spill_above={self.spill_above} is not from 0.01 to 1."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """The keys."""
        return ["data"], self.keys

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """See that the packages for GPUs are there if they are asked for.

        Raises:
            ResourceError: One is missing.
        """
        if self.device == "gpu" and (missing := missing_package()):
            raise ResourceError(f"{self.name}: device='gpu', but {missing}.")

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
        group, outputs, notes = group_id(tasks), list[FileGroupTask](), list[Notes]()
        for bands in self.band_ranges():
            kept = self.kept(group, bands, map(self.digest, tasks)) if bands else None
            if kept is None:
                self.clear(group, bands)
                self.begin(group, num_tasks=len(tasks), bands=bands)
                digests: list[str] = []
                for task in tasks:
                    self.take_up(task.task_id)
                    digests.append(self.insert(task))
                self.insert_finished()
                kept = self.extract_and_write()
                self.finish(group, bands, digests, kept)
            outputs += kept
            notes.append(self.take_notes())
        for each in notes:
            self.add_notes(*each)
        return outputs

    def log_metric(self, name: str, value: float) -> None:
        """Add to a number; the report has its sum over tasks, partitions, bands and workers."""
        super().log_metric(name, vars(self).get("_metrics", {}).get(name, 0.0) + value)

    def add_notes(
        self,
        metrics: Mapping[str, float],
        drops: Mapping[str, int],
        rejections: Sequence[Rejection],
    ) -> None:
        """Take over what `take_notes` gave, here or in another worker."""
        for name, value in metrics.items():
            self.log_metric(name, value)
        if drops:
            self.count_drops(dict(drops))
        if rejections:
            vars(self).setdefault("_rejections", []).extend(rejections)

    def is_joined(self) -> bool:
        """Whether several workers may use GPUs, and so need a `communicator`."""
        return self.device != "cpu" and self.resources.requires_gpu

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
        first: int = 0,
    ) -> None:
        """Start to insert, in one of `size` workers; all of them make this call.

        Args:
            group: Names the shuffle: `runner.group_id` of all tasks in order.
            num_tasks: Their number.
            rank: Which worker this is.
            size: The number of workers.
            bands: The range [start, end) of this iteration, if there are bands.
            first: Tasks that the workers before this one insert.

        Raises:
            PipelineError: The number of partitions is below 1.
            ResourceError: GPUs are asked for, and a worker has none or lacks a package.
        """
        kind = kind_of(self)
        wanted = kind.num_partitions if isinstance(kind, Shuffle) else None
        partitions = next(
            n for n in (self.num_partitions, wanted, max(1, num_tasks)) if n is not None
        )
        if partitions < 1:
            raise PipelineError(f"{self.name}: num_partitions={partitions} is below 1.")
        name = _name(group, bands)
        exchange: Exchange = FileExchange(
            folder=self._spill(name), partitions=partitions, rank=rank, size=size
        )
        if self._is_on_gpus(size):
            exchange = GpuExchange(
                self.communicator, partitions=partitions, first=first, spill_above=self.spill_above
            )
        self._now = _Shuffle(name=name, partitions=partitions, bands=bands, exchange=exchange)

    def _is_on_gpus(self, size: int) -> bool:
        """Whether rows travel from GPU to GPU; all workers come to the same answer."""
        if self.device == "cpu":
            return False
        if size > 1 and not self.is_joined():
            if self.device == "gpu":
                raise ResourceError(
                    f"{self.name}: device='gpu', but its {size} workers ask for none; use "
                    "with_(resources=Resources(gpus=1)), or a share."
                )
            return False
        why = why_not()
        able = int(self.communicator.all_reduce(np.array([not why], dtype=np.int64))[0])
        if able == size:
            return True
        if self.device == "gpu":
            why = why or f"only {able} of {size} workers have a GPU and its packages"
            raise ResourceError(
                f"{self.name}: device='gpu', but {why}. device='auto' does without."
            )
        return False

    def insert(self, task: TableTask) -> str:
        """Hand over a task's rows by partition; returns a digest of them."""
        now = self._shuffle()
        table = self.rows_of(task)
        table = table if now.bands is None else self.cut(table, now.bands)
        table = table.select([name for name in table.column_names if name != LINE_COLUMN])
        parts = partition_of(table, self.keys, now.partitions)
        order = np.argsort(parts, kind="stable")
        table = table.take(order).combine_chunks()
        present, starts = np.unique(parts[order], return_index=True)
        cuts = itertools.pairwise([*starts.tolist(), table.num_rows])
        spans: list[Span] = [
            (partition, start, end)
            for partition, (start, end) in zip(present.tolist(), cuts, strict=True)
        ]
        now.exchange.insert(task.task_id, table, spans)
        return self.digest(task)

    def rows_of(self, task: TableTask) -> pa.Table:
        """The rows of a task; a subclass may take them from where its tasks point to."""
        return task.data

    def finished(self, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
        """What is written of the rows of a partition, and what its task says of it."""
        return table, {}

    def digest(self, task: TableTask) -> str:
        """32 hexadecimal digits of a task's rows and schema."""
        sink = pa.BufferOutputStream()
        table = task.data.combine_chunks()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return hashlib.blake2b(memoryview(sink.getvalue()), digest_size=16).hexdigest()

    def insert_finished(self) -> None:
        """Note that the last insert of all workers is done."""
        self._shuffle().exchange.insert_finished()

    def extract_and_write(self) -> list[FileGroupTask]:
        """Write this worker's partitions, one at a time in memory; a task for each that has rows."""
        now, outputs = self._shuffle(), list[FileGroupTask]()
        for partition, table in now.exchange.extract():
            path = join(self.path, f"{now.name}_{partition:05d}.parquet")
            table, facts = self.finished(table)
            write_table(path, table)
            outputs.append(FileGroupTask(data=[path], _metadata={"partition": partition, **facts}))
        now.exchange.close()
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

        The marker has what the stage has noted by now: metrics, drops and rejections.

        Args:
            group: Names the shuffle.
            bands: The iteration.
            digests: Of all tasks in order.
            outputs: Of all workers.
        """
        name = _name(group, bands)
        if bands is not None:
            metrics, drops, rejections = self.take_notes()
            self.add_notes(metrics, drops, rejections)
            record = {
                "stamp": self._stamp(digests),
                "files": [task.data[0] for task in outputs],
                "facts": [task._metadata for task in outputs],
                "metrics": metrics,
                "dropped": drops,
                "rejected": [{**vars(r), "raw": r.raw.decode("latin-1")} for r in rejections],
            }
            write_atomic(self._marker(name), json.dumps(record).encode())
        remove_tree(self._spill(name))

    def has_marker(self, group: str, bands: tuple[int, int]) -> bool:
        """Whether this iteration was once finished."""
        return exists(self._marker(_name(group, bands)))

    def kept(
        self, group: str, bands: tuple[int, int], digests: Iterator[str] | Sequence[str]
    ) -> list[FileGroupTask] | None:
        """What an earlier run made of the same rows with the same settings, or None.

        The stage takes over what it noted in that run.
        """
        if not self.has_marker(group, bands):
            return None
        record = json.loads(read_bytes(self._marker(_name(group, bands))))
        files: list[str] = record["files"]
        if record["stamp"] != self._stamp(list(digests)) or not all(map(exists, files)):
            return None
        rejected = [
            Rejection(**{**r, "raw": r["raw"].encode("latin-1")}) for r in record["rejected"]
        ]
        self.add_notes(record["metrics"], record["dropped"], rejected)
        return [
            FileGroupTask(data=[path], _metadata=facts)
            for path, facts in zip(files, record["facts"], strict=True)
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


type Notes = tuple[dict[str, float], dict[str, int], list[Rejection]]


@dataclass(kw_only=True)
class _Shuffle:
    """One iteration, in one worker."""

    name: str
    partitions: int
    bands: tuple[int, int] | None
    exchange: Exchange


def _name(group: str, bands: tuple[int, int] | None) -> str:
    return group if bands is None else f"{group}_bands{bands[0]}-{bands[1]}"
