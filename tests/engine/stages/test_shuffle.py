"""The shuffle stage: rows by key, in files of ranges."""

from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shuffle_toys import BandShuffle, files, pool, rows, run, tables

from curator_engine.errors import PipelineError
from curator_engine.files.storage import write_atomic
from curator_engine.stage import ProcessingStage, Shuffle
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import FileGroupTask, TableTask

BANDS = ((0, 2), (2, 4), (4, 6))


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


def test_nothing_that_was_spilled_is_left(tmp):
    run(ShuffleStage(keys=["key"], path=tmp))
    assert list(Path(tmp, ".shuffle").rglob("*.arrow")) == []


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
