"""Shuffles on GPUs write the files of a shuffle on CPUs; with a fake device, and where there is one."""

import ctypes
import datetime
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import fake_rapids
import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import PipelineError, ResourceError, SettingsError, StageError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.stages.gpu_exchange import why_not
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import TableTask

needs_gpu = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def gpu(monkeypatch):
    """A fake GPU with fake RAPIDS."""
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    for module in fake_rapids.MODULES:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    fake_rapids.Options.last = {}


class Threads:
    """A communicator between threads."""

    def __init__(self, rank, size, meeting):
        self.rank, self.size, self._meeting = rank, size, meeting

    def broadcast(self, array, root=0):
        return self._exchange(array)[root]

    def all_reduce(self, array):
        return np.sum(self._exchange(array), axis=0)

    def barrier(self):
        self._exchange(np.zeros(0))

    def _exchange(self, array):
        barrier, shared = self._meeting
        shared[self.rank] = array
        barrier.wait(timeout=300)
        parts = [shared[rank] for rank in range(self.size)]
        barrier.wait(timeout=300)
        return parts


COLUMNS = {
    "long": (lambda i: "x" * (i % 5), pa.large_string()),
    "row": (lambda i: i, pa.int32()),
    "share": (lambda i: i / 3, pa.float64()),
    "flag": (lambda i: i % 2 == 0, pa.bool_()),
    "day": (lambda i: datetime.date(2026, 1, 1 + i % 28), pa.date32()),
    "time": (lambda i: datetime.datetime(2026, 2, 1 + i % 28), pa.timestamp("us", "UTC")),
    "list": (lambda i: [i, None], pa.list_(pa.int16())),
    "price": (lambda i: Decimal(i) / 4, pa.decimal128(9, 2)),
}
"""Every type that a GPU can carry: a value for a number, and the type."""


def tables(count=7, rows=60):
    """Tasks with a key and those columns; every seventh row has nulls, one task has no rows."""
    rng = np.random.default_rng(1)
    tasks = []
    for number in range(count):
        size = rows if number != 2 else 0
        at = [None if i % 7 == 3 else i + 100 * number for i in range(size)]
        columns: list[Any] = [pa.array([f"k{i}" for i in rng.integers(0, 25, size)], pa.string())]
        for value, kind in COLUMNS.values():
            columns.append(pa.array([None if i is None else value(i) for i in at], kind))
        table = pa.table(columns, names=["key", *COLUMNS]).replace_schema_metadata({"about": "it"})
        tasks.append(TableTask(data=table, task_id=str(number)))
    return tasks


def on_gpu(stage, share=1.0):
    return stage.with_(resources=Resources(gpus=share))


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.parquet")}


def on_cpu(folder, tasks=None, **settings):
    stage = ShuffleStage(keys=["key"], path=folder, device="cpu", **settings)
    with take(folder, job="test", mode="share"):
        stage.process_batch(tasks or tables())
    return files(folder)


def on_ranks(size, make, tasks):
    """A shuffle by hand, with a thread for each rank; the tasks of each rank."""
    meeting, shared = (
        (threading.Barrier(size), {}),
        list(np.array_split(np.arange(len(tasks)), size)),
    )

    def work(rank):
        stage = make()
        stage.communicator = Threads(rank, size, meeting)
        first = int(sum(map(len, shared[:rank])))
        stage.begin("g", num_tasks=len(tasks), rank=rank, size=size, first=first)
        for number in shared[rank]:
            stage.insert(tasks[number])
        stage.insert_finished()
        return stage.extract_and_write()

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(work, range(size)))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_files_are_those_of_the_cpu_for_any_number_of_ranks(size, gpu, tmp):
    expected = on_ranks(
        1, lambda: ShuffleStage(keys=["key"], path=f"{tmp}/cpu", device="cpu"), tables()
    )
    written = on_ranks(
        size,
        lambda: on_gpu(ShuffleStage(keys=["key"], path=f"{tmp}/gpu", device="gpu")),
        tables(),
    )
    assert len(files(f"{tmp}/cpu")) > 3
    assert files(f"{tmp}/gpu") == files(f"{tmp}/cpu")
    assert sum(map(len, written)) == sum(map(len, expected))
    assert fake_rapids.Options.last


def test_auto_takes_the_gpu_that_is_there(gpu, tmp):
    stage = ShuffleStage(keys=["key"], path=f"{tmp}/gpu")
    Pipeline("p", stages=[stage]).run(LocalExecutor(), tables())
    Pipeline("p", stages=[ShuffleStage(keys=["key"], path=f"{tmp}/cpu", device="cpu")]).run(
        LocalExecutor(), tables()
    )
    assert fake_rapids.Options.last
    assert files(f"{tmp}/gpu") == files(f"{tmp}/cpu")


def test_cpu_leaves_the_gpu_alone(gpu, tmp):
    on_cpu(tmp)
    assert fake_rapids.Options.last == {}


@pytest.mark.parametrize(("share", "limit"), [(None, "70%"), (0.5, "50%")])
def test_the_share_of_memory_before_rows_are_spilled_is_handed_on(share, limit, gpu, tmp):
    stage = ShuffleStage(keys=["key"], path=tmp, device="gpu", spill_above=share)
    stage.process_batch(tables())
    assert fake_rapids.Options.last["spill_device_limit"] == limit


def test_a_share_above_one_is_refused(tmp):
    with pytest.raises(SettingsError, match=r"spill_above=80 is not from 0\.01 to 1"):
        ShuffleStage(keys=["key"], path=tmp, spill_above=80)


def test_a_column_that_no_gpu_carries_is_told(gpu, tmp):
    task = TableTask(data=pa.table({"key": ["a"], "raw": [b"b"]}), task_id="0")
    with pytest.raises(PipelineError, match="column 'raw' is binary, which a shuffle on GPUs"):
        ShuffleStage(keys=["key"], path=tmp, device="gpu").process_batch([task])


@pytest.mark.parametrize("size", [1, 2])
def test_tasks_with_other_columns_are_told(size, gpu, tmp):
    tasks = [
        TableTask(data=pa.table({"key": ["a"], "row": [1]}), task_id="0"),
        TableTask(data=pa.table({"key": ["a"], "row": ["1"]}), task_id="1"),
    ]
    with pytest.raises(PipelineError, match="row string, those of others key string, row int64"):
        on_ranks(size, lambda: on_gpu(ShuffleStage(keys=["key"], path=tmp, device="gpu")), tasks)


def test_tasks_without_rows_make_no_files(gpu, tmp):
    empty = TableTask(data=pa.table({"key": pa.array([], pa.string())}), task_id="0")
    assert ShuffleStage(keys=["key"], path=tmp, device="gpu").process_batch([empty]) == []


def test_a_missing_package_is_told_before_any_work(tmp):
    stage = ShuffleStage(keys=["key"], path=tmp, device="gpu")
    with pytest.raises(ResourceError, match=r"'pylibcudf'; install rapidsmpf-cu13 and cudf-str"):
        Pipeline("p", stages=[stage]).run(LocalExecutor(), tables())


def test_a_machine_without_a_gpu_is_told(gpu, monkeypatch, tmp):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.REAL_CDLL)
    stage = ShuffleStage(keys=["key"], path=tmp, device="gpu")
    with pytest.raises(StageError, match="device='gpu', but there is no GPU here"):
        Pipeline("p", stages=[stage]).run(LocalExecutor(), tables())


def test_workers_of_which_one_has_no_gpu_all_do_without(gpu, tmp):
    stage = on_gpu(ShuffleStage(keys=["key"], path=tmp))
    stage.begin("g", num_tasks=2, size=2)
    assert fake_rapids.Options.last == {}
    stage.device = "gpu"
    with pytest.raises(ResourceError, match="only 1 of 2 workers have a GPU and its packages"):
        stage.begin("g", num_tasks=2, size=2)


def test_workers_that_ask_for_no_gpu_are_told(gpu, tmp):
    stage = ShuffleStage(keys=["key"], path=tmp, device="gpu")
    with pytest.raises(ResourceError, match="its 2 workers ask for none; use with_"):
        stage.begin("g", num_tasks=2, size=2)


@pytest.mark.ray
def test_actors_with_gpus_but_without_packages_agree_to_do_without(ray_cluster, tmp):
    node = ray_cluster.add_node(num_cpus=2, num_gpus=1)
    try:
        stage = on_gpu(ShuffleStage(keys=["key"], path=f"{tmp}/auto", num_partitions=3), 0.5)
        executor = RayActorPoolExecutor({"pool_size": 2}, show_progress=False)
        pipeline = Pipeline("p", stages=[stage])
        pipeline.run(executor, tables())
    finally:
        ray_cluster.remove_node(node)
    assert pipeline.last_run.stages[0].workers == 2
    assert [data for _, data in sorted(files(f"{tmp}/auto").items())] == [
        data for _, data in sorted(on_cpu(f"{tmp}/cpu", num_partitions=3).items())
    ]


@needs_gpu
@pytest.mark.gpu
def test_on_a_real_gpu_the_files_are_those_of_the_cpu(tmp):
    stage = ShuffleStage(keys=["key"], path=f"{tmp}/gpu", device="gpu")
    stage.process_batch(tables())
    assert files(f"{tmp}/gpu") == on_cpu(f"{tmp}/cpu")


@needs_gpu
@pytest.mark.gpu
def test_on_a_real_gpu_rows_that_do_not_fit_are_spilled(monkeypatch, tmp):
    monkeypatch.setenv("RAPIDSMPF_SPILL_DEVICE_LIMIT", "1000")
    stage = ShuffleStage(keys=["key"], path=f"{tmp}/gpu", device="gpu")
    stage.process_batch(tables())
    assert files(f"{tmp}/gpu") == on_cpu(f"{tmp}/cpu")


@needs_gpu
@pytest.mark.gpu
@pytest.mark.ray
def test_two_actors_on_one_real_gpu_write_the_files_of_the_cpu(ray_cluster, tmp):
    stage = on_gpu(ShuffleStage(keys=["key"], path=f"{tmp}/gpu", device="gpu"), 0.5)
    executor = RayActorPoolExecutor({"pool_size": 2}, show_progress=False)
    Pipeline("p", stages=[stage]).run(executor, tables())
    stage = ShuffleStage(keys=["key"], path=f"{tmp}/cpu", device="cpu")
    Pipeline("p", stages=[stage]).run(LocalExecutor(), tables())
    assert files(f"{tmp}/gpu") == files(f"{tmp}/cpu")
