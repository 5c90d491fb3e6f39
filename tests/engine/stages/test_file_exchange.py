"""Rows that change workers through files: each worker gets its partitions, in the order of tasks."""

from pathlib import Path

import pyarrow as pa
import pytest

from curator_engine.errors import StorageError
from curator_engine.stages.file_exchange import FileExchange


def exchange(folder, rank=0, size=1):
    return FileExchange(folder=folder, partitions=4, rank=rank, size=size)


def insert(worker, task_id, rows, spans):
    """Rows as a column of numbers."""
    worker.insert(task_id, pa.table({"row": rows}), spans)


def extracted(worker):
    worker.insert_finished()
    return {partition: table.column("row").to_pylist() for partition, table in worker.extract()}


def test_the_rows_of_a_partition_are_in_the_order_of_their_tasks(tmp):
    worker = exchange(tmp)
    insert(worker, "0_10", [5, 6, 7], [(1, 0, 2), (3, 2, 3)])
    insert(worker, "0_9", [1, 2], [(1, 0, 1), (2, 1, 2)])
    assert extracted(worker) == {1: [1, 5, 6], 2: [2], 3: [7]}


def test_each_worker_gets_its_partitions_from_all(tmp):
    workers = [exchange(tmp, rank, 2) for rank in range(2)]
    insert(workers[0], "0", [1, 2], [(0, 0, 1), (1, 1, 2)])
    insert(workers[1], "1", [3, 4], [(0, 0, 1), (2, 1, 2)])
    assert [extracted(worker) for worker in workers] == [{0: [1, 3], 2: [4]}, {1: [2]}]


def test_tasks_of_different_types_are_joined(tmp):
    worker = exchange(tmp)
    insert(worker, "0", pa.array([1], pa.int32()), [(0, 0, 1)])
    insert(worker, "1", pa.array([None]), [(0, 0, 1)])
    insert(worker, "2", pa.array([2], pa.int64()), [(0, 0, 1)])
    assert extracted(worker) == {0: [1, None, 2]}


def test_a_task_without_rows_gives_none(tmp):
    worker = exchange(tmp)
    insert(worker, "0", pa.array([], pa.int32()), [])
    assert extracted(worker) == {}


def test_a_task_that_is_inserted_again_counts_once(tmp):
    worker = exchange(tmp)
    for _ in range(2):
        insert(worker, "0", [1], [(0, 0, 1)])
    assert extracted(worker) == {0: [1]}


def test_the_metadata_of_tables_is_kept_without_our_note(tmp):
    worker = exchange(tmp)
    table = pa.table({"row": [1]}).replace_schema_metadata({"about": "it"})
    worker.insert("0", table, [(0, 0, 1)])
    worker.insert_finished()
    assert [each.schema.metadata for _, each in worker.extract()] == [{b"about": b"it"}]


def test_a_file_that_went_missing_is_told(tmp):
    worker = exchange(tmp)
    insert(worker, "0", [1], [(0, 0, 1)])
    worker.insert_finished()
    next(Path(tmp).glob("*.arrow")).unlink()
    with pytest.raises(StorageError, match=r"\.arrow"):
        list(worker.extract())
