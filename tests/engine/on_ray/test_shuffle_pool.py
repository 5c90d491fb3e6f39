"""Shuffles: the same files, byte for byte, for any number of workers, killed or not."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from shuffle_toys import run_bands

from curator_engine.errors import PipelineError, StageError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stage import PoolKind, ProcessingStage, Shuffle
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import FileGroupTask, TableTask

BANDS = ((0, 2), (2, 4), (4, 6))


@dataclass(kw_only=True)
class BandShuffle(ShuffleStage):
    """Rows by band and key, two bands at a time; may die in one iteration, the first time."""

    pool_kind: ClassVar[PoolKind] = Shuffle(num_partitions=3, band_ranges=BANDS)
    _die_in: tuple[int, int] | None = None

    def cut(self, table, bands):
        return table.filter((pc.field("band") >= bands[0]) & (pc.field("band") < bands[1]))

    def extract_and_write(self):
        outputs = super().extract_and_write()
        self.log_metric("files", len(outputs))
        died = Path(f"{self.path}.died")
        if self._shuffle().bands == self._die_in and not died.exists():
            died.touch()
            if "RAY_RAYLET_PID" not in os.environ:
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGKILL)
        return outputs


def tables(count=11, rows=40) -> list[Any]:
    rng = np.random.default_rng(0)
    return [
        TableTask(
            data=pa.table(
                {
                    "key": pa.array([f"k{i}" for i in rng.integers(0, 30, rows)]),
                    "band": pa.array(rng.integers(0, 6, rows)),
                    "row": pa.array(np.arange(rows) + 1000 * number),
                }
            )
        )
        for number in range(count)
    ]


def pool(size=2, **config):
    return RayActorPoolExecutor({"pool_size": size, **config}, show_progress=False)


def run(stage, executor=None, *, tasks=None):
    pipeline = Pipeline("p", stages=[stage])
    return pipeline.run(executor or LocalExecutor(), tasks or tables()), pipeline.last_run


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.parquet")}


def rows(task):
    return [tuple(row.values()) for row in pq.read_table(task.data[0]).to_pylist()]


def test_all_rows_of_a_key_are_in_one_file_in_the_order_of_their_tasks(tmp):
    outputs, report = run(ShuffleStage(keys=["key"], path=tmp, num_partitions=4))
    found = [row for task in outputs for row in rows(task)]
    expected = [tuple(row.values()) for task in tables() for row in task.data.to_pylist()]
    assert sorted(found, key=str) == sorted(expected, key=str)
    keys = [{row[0] for row in rows(task)} for task in outputs]
    assert sum(map(len, keys)) == len(set.union(*keys))
    for task in outputs:
        assert [row[2] for row in rows(task)] == sorted(row[2] for row in rows(task))
    assert (report.stages[0].tasks_in, report.stages[0].tasks_out) == (11, 4)


@pytest.mark.ray
def test_files_and_ids_do_not_depend_on_the_number_of_actors(ray_cluster, tmp):
    executors = {"0": LocalExecutor(), **{str(n): pool(n) for n in (1, 2, 3)}}
    found = {}
    for name, executor in executors.items():
        outputs, _ = run(ShuffleStage(keys=["key", "band"], path=f"{tmp}/{name}"), executor)
        ids = [(task.task_id, Path(task.data[0]).name, task._metadata) for task in outputs]
        found[name] = (files(f"{tmp}/{name}"), ids)
    assert len(found["0"][0]) == 11
    assert all(each == found["0"] for each in found.values())


def test_nothing_that_was_spilled_is_left(tmp):
    run(ShuffleStage(keys=["key"], path=tmp))
    assert list(Path(tmp, ".shuffle").rglob("*.arrow")) == []


@pytest.mark.ray
def test_a_run_that_was_killed_in_its_third_range_keeps_two(ray_cluster, tmp):
    run(BandShuffle(keys=["band", "key"], path=f"{tmp}/whole"))
    for executor, error in ((pool(), StageError), (LocalExecutor(), KeyboardInterrupt)):
        folder = f"{tmp}/{error.__name__}"
        stage = BandShuffle(keys=["band", "key"], path=folder, _die_in=(4, 6))
        with pytest.raises(error):
            run(stage, executor)
        before = {path: path.stat().st_mtime_ns for path in Path(folder).glob("*-[24]_*.parquet")}
        assert len(list(Path(folder, ".shuffle").glob("*.done"))) == 2
        outputs, _ = run(stage, executor)
        assert len(before) == 6
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert (len(outputs), files(folder)) == (9, files(f"{tmp}/whole"))


SCRIPT = """
import sys
from shuffle_toys import run_bands
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy

executor = make_executor(sys.argv[2], workers=2, policy=FailurePolicy())
run_bands(sys.argv[1], executor, dies=True)
"""


def totals(report):
    stage = report.stages[-1]
    counts = (stage.tasks_in, stage.tasks_out, stage.items_in, stage.rejected)
    return counts, stage.dropped, stage.metrics


@pytest.mark.ray
@pytest.mark.parametrize("name", ["local", pytest.param("ray_actor_pool", marks=pytest.mark.long)])
def test_a_program_killed_in_the_third_of_four_iterations_keeps_two(name, ray_cluster, tmp):
    tests = str(Path(__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": tests, "RAY_ADDRESS": ray_cluster.address}
    done = subprocess.run([sys.executable, "-c", SCRIPT, f"{tmp}/a", name], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(Path(tmp, "a/out/.shuffle").glob("*.done"))) == 2
    before = {path: path.stat().st_mtime_ns for path in Path(tmp, "a/out").glob("*-[24]_*.parquet")}

    executor = LocalExecutor({"workers": 2}) if name == "local" else pool()
    tasks, report = run_bands(f"{tmp}/a", executor)
    whole_tasks, whole_report = run_bands(f"{tmp}/whole", LocalExecutor())
    assert len(before) == 6
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert files(f"{tmp}/a/out") == files(f"{tmp}/whole/out")
    assert len(files(f"{tmp}/a/out")) == 12
    assert [t.task_id for t in tasks] == [t.task_id for t in whole_tasks]
    assert totals(report) == totals(whole_report)
    assert run_bands(f"{tmp}/a", executor)[1].sources_resumed == 5


@pytest.mark.ray
def test_what_actors_note_is_in_the_report_as_in_one_process(ray_cluster, tmp):
    _, alone = run_bands(f"{tmp}/alone", LocalExecutor())
    _, together = run_bands(f"{tmp}/together", pool(2))
    assert totals(together) == totals(alone)
    assert alone.stages[-1].metrics["rows"] + alone.stages[-1].dropped["seven"] == 5 * 40
    assert (alone.stages[-1].metrics["files"], alone.rejected) == (12, 5)
    assert (alone.stages[-1].workers, together.stages[-1].workers) == (1, 2)


@pytest.mark.ray
def test_an_actor_that_dies_costs_one_try_of_one_range(ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=f"{tmp}/out", _die_in=(2, 4))
    outputs, report = run(stage, pool(1, retries=1))
    assert (len(outputs), report.worker_deaths, report.stages[0].retried) == (9, 1, 11)
    assert report.stages[0].metrics == {"files": 9}


@pytest.mark.ray
def test_a_shuffle_without_tries_left_has_failed(ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=f"{tmp}/out", _die_in=(2, 4))
    outputs, report = run(stage, pool(1, on_error="skip"))
    assert (outputs, report.failed, report.worker_deaths) == ([], 11, 1)
    assert report.failures[0].error == "WorkerDiedError: worker died"


@pytest.mark.ray
@pytest.mark.parametrize("make", [partial(pool, 1), LocalExecutor])
def test_a_range_is_done_again_if_a_row_has_changed(make, ray_cluster, tmp):
    stage = BandShuffle(keys=["key"], path=tmp)
    run(stage, make(), tasks=tables(3))
    changed = tables(3)
    changed[1].data = changed[1].data.set_column(2, "row", pa.array([7] * 40))
    outputs, _ = run(stage, make(), tasks=changed)
    found = [row[2] for task in outputs for row in rows(task)]
    assert found.count(7) == 40 + 1


@pytest.mark.ray
@pytest.mark.parametrize("make", [pool, LocalExecutor])
def test_a_task_without_the_key_is_refused(make, ray_cluster, tmp):
    with pytest.raises(StageError, match=r"shuffle_stage cannot use task .*: no column nokey"):
        run(ShuffleStage(keys=["nokey"], path=tmp), make())


def test_a_stage_of_this_kind_without_the_phases_is_refused():
    class Nothing(ProcessingStage):
        pool_kind = Shuffle()

        def process(self, task):
            return task

    with pytest.raises(PipelineError, match="nothing is a shuffle stage without begin, insert"):
        run(Nothing(), pool())


def test_what_no_source_and_no_marker_stands_for_is_removed_before_a_resumed_run(ours):
    stage = BandShuffle(keys=["key"], path=ours)
    outputs, _ = run(stage)
    write_atomic(f"{ours}/g0_00001.parquet", b"")
    write_atomic(f"{ours}/g0_00002.parquet", b"")
    stage.resume(frozenset({f"{ours}/g0_00001.parquet"}))
    names = {Path(task.data[0]).name for task in outputs}
    assert set(files(ours)) == {*names, "g0_00001.parquet"}


def test_rows_keep_their_schema_and_its_metadata(tmp):
    table = pa.table({"key": pa.array([], pa.int32())}).replace_schema_metadata({"about": "x"})
    full = pa.table({"key": pa.array([1, 2], pa.int32())}).replace_schema_metadata({"about": "x"})
    outputs, _ = run(
        ShuffleStage(keys=["key"], path=tmp, num_partitions=1),
        tasks=[TableTask(data=table), TableTask(data=full)],
    )
    assert pq.read_table(outputs[0].data[0]).equals(full, check_metadata=True)


def test_no_rows_make_no_files(tmp):
    empty = TableTask(data=pa.table({"key": pa.array([], pa.int32())}))
    assert run(ShuffleStage(keys=["key"], path=tmp), tasks=[empty])[0] == []


def test_workers_by_hand_share_the_partitions(tmp):
    workers = [ShuffleStage(keys=["key"], path=tmp) for _ in range(2)]
    for rank, worker in enumerate(workers):
        worker.begin("g", num_tasks=6, rank=rank, size=2)
    for worker, (number, task) in product(workers[:1], enumerate(tables(6))):
        task.task_id = str(number)
        worker.insert(task)
    for worker in workers:
        worker.insert_finished()
    written: list[list[FileGroupTask]] = [worker.extract_and_write() for worker in workers]
    assert [[t._metadata["partition"] for t in each] for each in written] == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda stage: stage.insert(tables(1)[0]), "call begin"),
        (lambda stage: stage.process(tables(1)[0]), "takes all tasks at once"),
        (lambda stage: stage.begin("g", num_tasks=1), "num_partitions=0 is below 1"),
        (lambda stage: stage.cut(None, (0, 1)), "must define cut"),
    ],
)
def test_wrong_use_is_told(use, message):
    with pytest.raises(PipelineError, match=message):
        use(ShuffleStage(keys=["key"], path="nowhere", num_partitions=0))
